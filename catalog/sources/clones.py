"""Republished copies of other people's servers, by the prefixes under which they appear (data/knowledge/clones)."""

import functools

import yaml
from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

import knowledge
from catalog.errors import KnowledgeError
from catalog.facts import Finding, FindingKind
from catalog.origin import Ecosystem, Package


class Republisher(BaseModel):
    """A prefix that marks copies."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ecosystem: Ecosystem
    prefix: str = Field(min_length=3)
    owner: bool
    """Whether the original owner's name stands between the prefix and the name."""


@functools.cache
def load_republishers() -> tuple[Republisher, ...]:
    """Read data/knowledge/clones. Raises: KnowledgeError naming the file and what is wrong with it."""
    found: list[Republisher] = []
    for file, text in knowledge.documents("clones"):
        try:
            found += TypeAdapter(tuple[Republisher, ...]).validate_python(yaml.safe_load(text))
        except (ValidationError, yaml.YAMLError) as error:
            raise KnowledgeError(f"data/knowledge/clones/{file} is not valid: {error}") from error
    return tuple(found)


def clone_finding(package: Package) -> Finding | None:
    """Say that ``package`` is a republished copy, and of what as far as its name tells; None where it is none."""
    name = canonicalize_name(package.name) if package.ecosystem == "pypi" else package.name
    for one in load_republishers():
        if one.ecosystem == package.ecosystem and name.startswith(one.prefix) and len(name) > len(one.prefix):
            rest = name.removeprefix(one.prefix)
            what = f"the name behind its prefix, owner first: {rest}" if one.owner else f"{package.ecosystem}:{rest}"
            return Finding(kind=FindingKind.CLONE, detail=f"a republished copy of {what}")
    return None
