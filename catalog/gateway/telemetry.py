"""The gateway's events as OpenTelemetry spans, for those who watch their agents there.

Where the spans go is for the environment to say, as for any program (OTEL_EXPORTER_OTLP_ENDPOINT and its like).
"""

from typing import TYPE_CHECKING

from catalog.errors import UsageError
from catalog.gateway.audit import Event

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_NANOSECONDS = 1_000_000_000


class SpanAudit:
    """Keeps each event as a span without duration, named as OpenTelemetry's conventions for MCP do."""

    def __init__(self, provider: "TracerProvider") -> None:
        """Take what makes spans."""
        self._provider = provider
        self._tracer = provider.get_tracer("catalog.gateway")

    def record(self, event: Event) -> None:
        """See `Audit.record`."""
        at = int(event.time.timestamp() * _NANOSECONDS)
        span = self._tracer.start_span(
            f"{event.method} {event.tool}".strip(),
            start_time=at,
            attributes={
                "mcp.method.name": event.method,
                "mcp.session.id": event.session,
                "gen_ai.tool.name": event.tool,
                "catalog.server": event.server,
                "catalog.policy.decision": event.decision,
                "catalog.policy.outcome": event.outcome,
                "catalog.policy.reason": event.reason,
                "catalog.policy.rules": tuple(event.rules),
            },
        )
        span.end(end_time=at)

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


def spans() -> SpanAudit:
    """Return an audit that sends spans by OTLP over HTTP. Raises: UsageError where OpenTelemetry is not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise UsageError("--otel needs an extra: pip install 'mcp-catalog[otel]'") from error
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return SpanAudit(provider)
