"""The published JSON Schemas (draft 2020-12), made from the types of the documents themselves."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import TypeAdapter

from sitegen.documents.api import (
    ChangesDocument,
    IndexDocument,
    PolicyDocument,
    ServersDocument,
    ServerToolsDocument,
    ToolSummary,
)
from sitegen.documents.server import ServerDocument
from sitegen.documents.tool import ToolDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"

DOCUMENTS: Mapping[str, type] = MappingProxyType(
    {
        "index": IndexDocument,
        "servers": ServersDocument,
        "server": ServerToolsDocument,
        "policies": PolicyDocument,
        "changes": ChangesDocument,
        "tools": ToolSummary,
        "tool-page": ToolDocument,
        "server-page": ServerDocument,
    }
)
"""Each kind of document by the name of its schema."""


def schema(kind: str) -> Mapping[str, object]:
    """Return the JSON Schema of a kind of document. Raises: KeyError where there is no such kind."""
    return {"$schema": DIALECT, **TypeAdapter(DOCUMENTS[kind]).json_schema(mode="serialization")}
