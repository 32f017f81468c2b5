"""Which resources and prompts a policy opens."""

from collections.abc import Iterable, Mapping

from catalog.gateway.messages import Request, objects
from catalog.policy.model import Policy


def is_open(name: str, patterns: Iterable[str]) -> bool:
    """Say whether a URI or a name is among ``patterns``: exactly, or as what begins so where one ends in ``*``.

    A URI that climbs (``..``, also encoded) is in no such beginning: it may lead anywhere.
    """
    return any(
        pattern in {name, "*"}
        or (pattern.endswith("*") and name.startswith(pattern[:-1]) and not _climbs(name[len(pattern) - 1 :]))
        for pattern in patterns
    )


def refused(request: Request, policy: Policy) -> str:
    """Return why a request for a resource or a prompt is refused, or nothing. Of other methods: nothing."""
    params = request.params
    match request.method:
        case "resources/read" | "resources/subscribe" | "resources/unsubscribe":
            return _resource(params.get("uri"), policy)
        case "prompts/get":
            return _prompt(params.get("name"), policy)
        case "completion/complete":
            about = objects(params.get("ref"))
            if about.get("type") == "ref/prompt":
                return _prompt(about.get("name"), policy)
            return _resource(about.get("uri"), policy)
        case "subscriptions/listen":
            wanted = objects(params.get("notifications")).get("resourceSubscriptions")
            uris = wanted if isinstance(wanted, list) else []
            return next((why for uri in uris if (why := _resource(uri, policy))), "")
    return ""


def opened(kind: str, items: Iterable[object], policy: Policy) -> list[Mapping[str, object]]:
    """Return those items of a list of resources, resource templates or prompts that the policy opens."""
    key, patterns = _LISTS[kind]
    allowed = policy.prompts if patterns == "prompts" else policy.resources
    found = [item for item in items if isinstance(item, dict)]
    return [item for item in found if isinstance(name := item.get(key), str) and is_open(name, allowed)]


_LISTS = {
    "resources": ("uri", "resources"),
    "resourceTemplates": ("uriTemplate", "resources"),
    "prompts": ("name", "prompts"),
}
"""What names an item of each kind of list, and the patterns that it is held to."""


def _resource(uri: object, policy: Policy) -> str:
    if isinstance(uri, str) and is_open(uri, policy.resources):
        return ""
    return "the policy opens no such resource"


def _prompt(name: object, policy: Policy) -> str:
    return "" if isinstance(name, str) and is_open(name, policy.prompts) else "the policy opens no such prompt"


def _climbs(rest: str) -> bool:
    return ".." in rest.lower().replace("%2e", ".")
