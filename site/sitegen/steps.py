"""What to do with an exported policy, step by step, for each target."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

_TRY = "Try one call that must pass and one that must not."
_AROUND = "Remove any connection from your MCP client that goes around {title}."
_NAME = (
    "In {title}, name the server {slug}. If it has another name there, export the policy for that one: "
    "catalog export {slug} --format {format} --as NAME."
)


def steps(format_: str, *, title: str, filename: str, server: str, slug: str) -> tuple[str, ...]:
    """Return the steps for one target; ``server`` is what sentences call the server."""
    words = {"format": format_, "title": title, "filename": filename, "server": server, "slug": slug}
    return tuple(step.format_map(words) for step in _STEPS.get(format_, _ANY))


_ANY: Sequence[str] = (
    "Save {filename} where {title} reads its policies for {server}.",
    _AROUND,
    _TRY,
)

_STEPS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "policylayer": (
            "Register {server} in {title}.",
            "Attach {filename} to the grant that your agents use for it. A grant without a policy denies every call.",
            "Point your MCP client at the gateway address of that grant, and remove the direct connection from it.",
            _TRY,
        ),
        "intercept": (
            "Give {filename} to {title} in front of {server}. The hosted PolicyLayer reads another format.",
            _AROUND,
            _TRY,
        ),
        "toolhive": ("Run {server} with the file: thv run --authz-config {filename}, then its name.", _AROUND, _TRY),
        "envoy-ai-gateway": (
            "In {filename}, name your own Gateway, and the backend of {server} as your cluster does.",
            "Apply it: kubectl apply -f {filename}",
            _AROUND,
            _TRY,
        ),
        "agentgateway": (
            "Put what {filename} holds into your configuration, beside the targets of the MCP backend; "
            "name the target {slug}.",
            _AROUND,
            _TRY,
        ),
        "opa": (
            "Load policy.rego and data.json into {title}.",
            "Let your gateway ask data.catalog.authz.decision with each JSON-RPC request as input, and refuse what is "
            "undefined.",
            _TRY,
        ),
        "claude-code": (
            _NAME,
            "Put both files into .claude in your project. To keep the settings that are there: "
            "catalog export {slug} --format {format} -o . --merge",
            "The settings run catalog hook on each call, so catalog must be installed where {title} runs.",
            _TRY,
        ),
        "codex": (
            _NAME,
            "Put both files into .codex in your home folder. To keep the configuration that is there: "
            "catalog export {slug} --format {format} -o ~ --merge",
            "Start codex and trust the hook with /hooks, again after each change. Until then it is skipped, and tools "
            "run without conditions and limits.",
            _TRY,
        ),
        "copilot-cli": (
            _NAME,
            "Put the files into .copilot in your home folder. To keep the settings that are there: "
            "catalog export {slug} --format {format} -o ~ --merge",
            "Where nobody can be asked, start it with the flags in catalog-flags.txt.",
            _TRY,
        ),
        "cursor": (
            _NAME,
            "Put the files into .cursor in your project. To keep the hooks that are there: "
            "catalog export {slug} --format {format} -o . --merge",
            "The hook denies servers that the policy does not name: export those of all your servers together.",
            _TRY,
        ),
        "gemini-cli": (
            _NAME + " A name with an underscore does not work.",
            "Put {filename} into .gemini/policies in your home folder, and what settings.json says of the server into "
            ".gemini/settings.json.",
            _TRY,
        ),
        "litellm": (
            "Put the keys in {filename} into the entry of {server} in your config.yaml. Take disallowed_tools out of "
            "it: beside allowed_tools it hides tools that can still be called.",
            _AROUND,
            _TRY,
        ),
        "docker-gateway": (
            "Put the entry in {filename} into .docker/mcp/tools.yaml in your home folder.",
            "Start the gateway without --tools. Where a second file comes with it, add the flag that both name.",
            _AROUND,
            _TRY,
        ),
        "fastmcp": (
            "Put how {server} is started or reached into its entry in {filename}.",
            "Run it: fastmcp run {filename}",
            "Point your MCP client at it, and remove the direct connection.",
            _TRY,
        ),
        "csv": ("Open {filename} as a table. It is for people to read: nothing enforces it.",),
        "json": (
            "In your client's configuration, put the gateway in front of the server's own command: "
            "catalog gateway --policy {filename} -- COMMAND",
            "Or let the client ask on each call: catalog hook reads the same file.",
            _TRY,
        ),
    }
)
