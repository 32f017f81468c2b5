"""LiteLLM's proxy on this machine's loopback, with a stand-in server behind it that tells which calls reach it."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import yaml

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call, EngineUnavailable
from catalog.verify.engines.installed import installed
from catalog.verify.engines.recording import recording_server

ENVIRONMENT = "CATALOG_LITELLM"
"""The environment variable that names a virtual environment with LiteLLM's proxy."""

_START = 180
"""Seconds until the proxy must answer; it needs up to 45 where little else runs."""

_CALL = 60
_PROTOCOL = "2025-06-18"


class LiteLlmEngine:
    """Lets a call pass if it reaches the server behind the proxy."""

    format = "litellm"
    title = "LiteLLM's proxy"

    def version(self) -> str:
        """See `Engine.version`."""
        asked = "from importlib.metadata import version; print(version('litellm'))"
        python = _environment() / "bin" / "python"
        return subprocess.run([python, "-c", asked], capture_output=True, encoding="utf-8", check=True).stdout.strip()

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`; of an export for one server."""
        config = yaml.safe_load(export.text)
        if len(config["mcp_servers"]) != 1:
            raise EngineUnavailable("LiteLLM is asked about one server at a time: export its policy alone")
        ((name, entry),) = config["mcp_servers"].items()
        with TemporaryDirectory() as folder:
            started, log = recording_server(Path(folder), calls)
            config["mcp_servers"] = {name: {"transport": "stdio", "allow_all_keys": True, **started, **entry}}
            file = Path(folder, "config.yaml")
            file.write_text(yaml.safe_dump(config), encoding="utf-8")
            with _proxy(file) as url, httpx.Client(timeout=_CALL, trust_env=False) as http:
                return [_decide(http, url, name, call, log) for call in calls]


def _decide(http: httpx.Client, url: str, name: str, call: Call, log: Path) -> Decision:
    """Call as a client does that was told the tools' names: each begins with its server's."""
    before = log.stat().st_size
    params = {"name": f"{name}-{call.tool}", "arguments": dict(call.arguments)}
    answer = _ask(http, url, "tools/call", params)
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise ValueError(f"LiteLLM's proxy answers {answer.status_code}: {answer.text[:300]}")
    return Decision.ALLOW if log.stat().st_size > before else Decision.DENY


def _ask(http: httpx.Client, url: str, method: str, params: Mapping[str, object]) -> httpx.Response:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    headers = {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "MCP-Protocol-Version": _PROTOCOL,
        "Authorization": f"Bearer {_KEY}",
    }
    return http.post(f"{url}/mcp/", content=json.dumps(request), headers=headers)


_KEY = "sk-not-a-secret"


@contextmanager
def _proxy(config: Path) -> Iterator[str]:
    """Start the proxy and yield its address once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    litellm = _environment() / "bin" / "litellm"
    told = {"LITELLM_ENABLE_MCP_STDIO": "true", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": _KEY}
    log = config.with_name("proxy.log")
    with log.open("wb") as output:
        proxy = subprocess.Popen(
            [litellm, "--config", config, "--host", "127.0.0.1", "--port", str(port)],
            env={**os.environ, **told},
            cwd=config.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(proxy, url, log)
        yield url
    finally:
        proxy.terminate()
        with suppress(subprocess.TimeoutExpired):
            proxy.wait(10)
        proxy.kill()
        proxy.wait()


def _wait(proxy: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + _START
    while time.monotonic() < until and proxy.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/health/liveliness", timeout=_CALL, trust_env=False).is_success:
                return
        time.sleep(0.2)
    last = log.read_text(encoding="utf-8", errors="replace")[-500:]
    raise ValueError(f"LiteLLM's proxy does not start with the configuration: {last}")


def _environment() -> Path:
    how = "'make conformance'"
    return installed(ENVIRONMENT, "litellm", "bin/litellm", how)
