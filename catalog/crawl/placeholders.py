"""Values for environment variables that a server wants before it lists anything: well-formed, useless, the same always.

Measured on 315 packages (docs/crawl.md): a placeholder of the right shape is nearly always enough to list.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

_SHAPES = (
    # Order matters: the first shape that the name fits wins.
    # Database clients check the scheme before they connect.
    (re.compile(r"NEO4J.*(URL|URI)|BOLT_UR[LI]"), "bolt://127.0.0.1"),
    (re.compile(r"MONGO.*(URL|URI|CONNECTION_STRING)"), "mongodb://127.0.0.1"),
    (re.compile(r"(POSTGRES|(^|_)PG).*(URL|URI|DSN|CONNECTION_STRING)"), "postgresql://127.0.0.1/placeholder"),
    (re.compile(r"(MYSQL|MARIADB).*(URL|URI|DSN|CONNECTION_STRING)"), "mysql://127.0.0.1/placeholder"),
    (re.compile(r"(REDIS|VALKEY).*(URL|URI)"), "redis://127.0.0.1"),
    (
        re.compile(r"DATABASE_URL|DB_URL|SQLALCHEMY|DATABASE_URI|DB_URI"),
        "sqlite:////tmp/placeholder.db",
    ),  # a file: engines refuse pools in memory
    (re.compile(r"URL|URI|ENDPOINT|BASE$|SERVER$|INSTANCE$"), "https://127.0.0.1"),
    (re.compile(r"PORT$|TIMEOUT|LIMIT$|COUNT$"), "8080"),
    (re.compile(r"HOST(NAME)?$|ADDRESS$|DOMAIN$"), "127.0.0.1"),
    (re.compile(r"EMAIL|MAIL$"), "nobody@example.com"),
    (re.compile(r"PATH$|FILE$"), "/dev/null"),
    (re.compile(r"DIR$|DIRECTORY$|FOLDER$|ROOT$"), "/tmp"),  # noqa: S108  # a folder in the sandbox
    (re.compile(r"REGION"), "us-east-1"),
    (re.compile(r"(^|_)UUID$"), "00000000-0000-4000-8000-000000000000"),
    (re.compile(r"(TEAM|CHANNEL|ORG|USER|ACCOUNT|PROJECT|CLIENT|TENANT)_ID$|_ID$"), "1234567890"),
    (re.compile(r"SLACK.*(TOKEN|KEY)"), "xoxb-000000000000-placeholder"),
    (re.compile(r"(GITHUB|GH).*(TOKEN|PAT|KEY)"), "ghp_000000000000000000000000000000000000"),
    (re.compile(r"STRIPE.*KEY"), "sk_test_000000000000000000000000"),
    (re.compile(r"OPENAI.*KEY"), "sk-000000000000000000000000000000000000000000000000"),
    (re.compile(r"NOTION.*(TOKEN|KEY)"), "ntn_000000000000000000000000000000000000"),
    (re.compile(r"SENTRY.*TOKEN"), "sntrys_0000000000000000"),
)

_DEFAULT = "placeholder"

_WANTED = re.compile(
    r"(KEY|TOKEN|SECRET|PASSWORD|PASS|PAT|URL|URI|HOST|HOSTNAME|USER|USERNAME|EMAIL|ENDPOINT|DOMAIN|INSTANCE|_ID|DSN|CREDENTIALS)$"
)
"""Names of credentials and addresses; others often switch modes."""

_NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"

_READS_ENVIRONMENT = re.compile(
    rf"""(?:os\.environ(?:\.get)?|os\.getenv|getenv|process(?:\?)?\.env)\s*(?:\(|\[|(?:\?)?\.)\s*["']?({_NAME})\b"""
)

_TAKES_FROM_ENVIRONMENT = re.compile(r"\{([^{}]{1,1000})\}\s*=\s*process\??\.env\b")
"""``const { API_KEY, API_URL } = process.env``."""

_TELLS = re.compile(rf"\b{_NAME}\b")
"""In what a package writes for people and registries, every name counts that looks like a credential."""

_TELLING = frozenset(("readme.md", "server.json", ".env.example"))

# Source files that are read for names, and bytes of each.
_MOST_FILES = 400
_MOST_BYTES = 512 * 1024

_SOURCES = frozenset((".py", ".js", ".mjs", ".cjs", ".ts"))


def placeholder(name: str) -> str:
    """Return a value of the shape that a variable of this name usually has."""
    return next((value for shape, value in _SHAPES if shape.search(name.upper())), _DEFAULT)


def placeholders(names: Iterable[str], *, present: Iterable[str] = ()) -> dict[str, str]:
    """Return a value for each name that is not ``present``.

    ``X_FILE`` is left out where ``X`` itself is there: servers take one or the other, and an empty file spoils both.
    """
    wanted, there = list(names), set(present)
    either = there | set(wanted)
    return {
        name: placeholder(name)
        for name in wanted
        if name not in there and not (name.endswith("_FILE") and name.removesuffix("_FILE") in either)
    }


def is_credential(name: str) -> bool:
    """Say whether a variable of this name holds a credential or an address, not a switch."""
    return _WANTED.search(name) is not None


def names_in_source(sources: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of credentials and addresses that a package's own code reads, or its README names, sorted."""
    found: set[str] = set()
    for path in _files(sources):
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
        found.update(name for name in _names(path, text) if is_credential(name))
    return tuple(sorted(found))


def _names(path: Path, text: str) -> Iterator[str]:
    if path.name.lower() in _TELLING:
        yield from _TELLS.findall(text)
        return
    yield from _READS_ENVIRONMENT.findall(text)
    for taken in _TAKES_FROM_ENVIRONMENT.findall(text):
        yield from _TELLS.findall(taken)


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    left = _MOST_FILES
    for source in sources:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            inside = path.relative_to(source).parts
            known = path.suffix in _SOURCES or path.name.lower() in _TELLING
            if known and "node_modules" not in inside and path.is_file() and not path.is_symlink():
                yield path
                left -= 1
                if left == 0:
                    return
