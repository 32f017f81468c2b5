"""The part of Envoy AI Gateway's MCPRoute that we write, with the limits that Kubernetes holds it to."""

from typing import Annotated, Literal

import re2
from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_Listed = Annotated[list[str], Field(min_length=1, max_length=32)]


class ToolSelector(_Data):
    """Which tools a backend shows and lets be called."""

    include: _Listed | None = None
    includeRegex: _Listed | None = None  # noqa: N815
    excludeRegex: _Listed | None = None  # noqa: N815

    @model_validator(mode="after")
    def _one(self) -> "ToolSelector":
        if self.include is not None and self.includeRegex is not None:
            raise ValueError("include and includeRegex are mutually exclusive")
        if self.include is self.includeRegex is self.excludeRegex is None:
            raise ValueError("at least one of include, includeRegex, exclude, or excludeRegex must be specified")
        for pattern in (*(self.includeRegex or ()), *(self.excludeRegex or ())):
            re2.compile(pattern)
        return self

    def shows(self, tool: str) -> bool:
        """Say whether a tool is included, and not excluded."""
        if any(re2.compile(pattern).search(tool) for pattern in self.excludeRegex or ()):
            return False
        if self.include is not None:
            return tool in self.include
        return self.includeRegex is None or any(re2.compile(one).search(tool) for one in self.includeRegex)


class BackendRef(_Data):
    """A server behind the route."""

    name: str = Field(min_length=1, max_length=253)
    kind: Literal["Service"]
    toolSelector: ToolSelector  # noqa: N815


class ParentRef(_Data):
    """The Gateway that the route belongs to."""

    name: str
    kind: Literal["Gateway"]
    group: Literal["gateway.networking.k8s.io"]


class AuthorizationRule(_Data):
    """One rule; the first that matches decides."""

    action: Literal["Allow", "Deny"]
    cel: str = Field(max_length=4096)


class Authorization(_Data):
    """The rules of a route."""

    defaultAction: Literal["Allow", "Deny"]  # noqa: N815
    rules: list[AuthorizationRule] = Field(max_length=32)


class SecurityPolicy(_Data):
    """What a route demands of requests."""

    authorization: Authorization


class RouteSpec(_Data):
    """What a route is."""

    parentRefs: list[ParentRef] = Field(min_length=1, max_length=16)  # noqa: N815
    backendRefs: list[BackendRef] = Field(min_length=1, max_length=256)  # noqa: N815
    securityPolicy: SecurityPolicy  # noqa: N815


class Metadata(_Data):
    """A resource's name."""

    name: str = Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")


class MCPRoute(_Data):
    """The part of the custom resource that we write, with its limits."""

    apiVersion: Literal["aigateway.envoyproxy.io/v1beta1"]  # noqa: N815
    kind: Literal["MCPRoute"]
    metadata: Metadata
    spec: RouteSpec
