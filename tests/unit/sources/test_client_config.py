"""Servers of client configurations: every client's format, what fetchers start, secrets that never show, bad files."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from catalog.errors import InputError
from catalog.model import ServerRef
from catalog.origin import Command, Image, Origin, Package, Remote
from catalog.sources.client_config import ClientConfig, read_client_file

SECRET = "tulip-4711-hidden"
ENVIRONMENT = {"ORCHARD_TOKEN": SECRET}


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def read(folder: Path, content: object, *, name: str = ".cursor/mcp.json", use_secrets: bool = False) -> ClientConfig:
    return read_client_file(write(folder, name, content), use_secrets=use_secrets, environment=ENVIRONMENT)


def server(folder: Path, entry: object) -> ServerRef:
    (target,) = read(folder, {"mcpServers": {"orchard": entry}}).targets
    return target.server


def everything(config: ClientConfig) -> str:
    """All that a configuration says without the user's leave: what is printed and what could be stored."""
    return repr(config) + json.dumps([asdict(target) for target in config.targets], default=str)


PEAR = Package(ecosystem="npm", name="@grove/pear")
PLUM = Package(ecosystem="pypi", name="plum-server")


ENTRY = {"command": "npx", "args": ["@grove/pear"]}
SERVERS = {"mcpServers": {"pear": ENTRY}}


@pytest.mark.parametrize(
    ("name", "content", "client"),
    [
        ("any.json", SERVERS, "any.json"),
        ("Claude/claude_desktop_config.json", SERVERS, "Claude Desktop"),
        (".claude.json", {"numStartups": 3, **SERVERS}, "Claude Code"),
        (".claude.json", {"projects": {"/srv/work": SERVERS, "/srv/other": {"mcpServers": {}}}}, "Claude Code"),
        (".mcp.json", {"mcpServers": {"pear": {"type": "stdio", "env": {}, **ENTRY}}}, "Claude Code"),
        (".cursor/mcp.json", SERVERS, "Cursor"),
        (".vscode/mcp.json", {"inputs": [{"id": "key"}], "servers": {"pear": {"type": "stdio", **ENTRY}}}, "VS Code"),
        ("Code/User/settings.json", {"mcp": {"servers": {"pear": ENTRY}}}, "VS Code"),
        ("Code/User/settings.json", {"mcp.servers": {"pear": ENTRY}}, "VS Code"),
        (".codeium/windsurf/mcp_config.json", SERVERS, "Windsurf"),
        (".gemini/settings.json", SERVERS, "Gemini CLI"),
        (".codex/config.toml", '[mcp_servers.pear]\ncommand = "npx"\nargs = ["@grove/pear"]\n', "Codex"),
        ("zed/settings.json", {"context_servers": {"pear": {"source": "custom", **ENTRY}}}, "Zed"),
        ("zed/settings.json", {"context_servers": {"pear": {"command": {"path": "npx", "args": ["@grove/pear"],
                                                                        "env": {}}, "settings": {}}}}, "Zed"),
    ],
)  # fmt: skip
def test_each_clients_format_is_read(tmp_path: Path, name: str, content: object, client: str) -> None:
    config = read(tmp_path, content, name=name)
    (target,) = config.targets
    assert (target.server.origin, target.server.slug, target.server.title) == (PEAR, "npm-grove--pear", "pear")
    assert config.problems == ()
    assert config.client == client


@pytest.mark.parametrize(
    ("command", "args", "origin", "arguments"),
    [
        ("npx", ["-y", "@grove/pear@1.2", "--dry", "x"], Package(ecosystem="npm", name="@grove/pear", version="1.2"),
         ("--dry", "x")),
        ("npx", ["-y", "@grove/pear@latest"], PEAR, ()),
        ("npx", ["--package=@grove/pear", "pear", "serve"], PEAR, ("serve",)),
        ("npx", ["-y", "-p", "@grove/pear", "pear", "serve"], PEAR, ("serve",)),
        ("npx", ["--yes", "--", "@grove/pear", "serve"], PEAR, ("serve",)),
        ("/usr/local/bin/npx", ["@grove/pear"], PEAR, ()),
        ("C:\\Program Files\\nodejs\\npx.cmd", ["-y", "@grove/pear"], PEAR, ()),
        ("cmd", ["/c", "npx", "-y", "@grove/pear"], PEAR, ()),
        ("cmd.exe", ["/d", "/s", "/c", "npx", "-y", "@grove/pear"], PEAR, ()),
        ("env", ["LEVEL=1", "npx", "-y", "@grove/pear"], PEAR, ()),
        ("npx -y @grove/pear", [], PEAR, ()),
        ("bunx", ["@grove/pear"], PEAR, ()),
        ("pnpm", ["dlx", "@grove/pear"], PEAR, ()),
        ("yarn", ["dlx", "-q", "@grove/pear"], PEAR, ()),
        ("npm", ["exec", "--yes", "@grove/pear"], PEAR, ()),
        ("uvx", ["plum-server==1.0", "--port", 80], Package(ecosystem="pypi", name="plum-server", version="1.0"),
         ("--port", "80")),
        ("uvx", ["plum-server@1.0"], Package(ecosystem="pypi", name="plum-server", version="1.0"), ()),
        ("uvx", ["plum-server@latest"], PLUM, ()),
        ("uvx", ["--python", "3.12", "--from", "plum-server", "plum", "serve"], PLUM, ("serve",)),
        ("uv", ["tool", "run", "plum-server"], PLUM, ()),
        ("pipx", ["run", "--spec", "plum-server", "plum"], PLUM, ()),
        ("docker", ["run", "-i", "--rm", "-e", "LEVEL", "--network", "none", "-v", "/a:/b", "grove/fig:1.2", "serve"],
         Image(reference="grove/fig:1.2"), ("serve",)),
        ("podman", ["run", "-it", "--env=LEVEL", "grove/fig"], Image(reference="grove/fig"), ()),
        ("python3", ["-m", "plum"], Command(argv=("python3", "-m", "plum")), ()),
        ("uv", ["run", "plum"], Command(argv=("uv", "run", "plum")), ()),
        ("npx", ["github:grove/pear"], Command(argv=("npx", "github:grove/pear")), ()),
        ("npx", [], Command(argv=("npx",)), ()),
    ],
)  # fmt: skip
def test_what_a_fetcher_starts_is_the_server(
    tmp_path: Path, command: str, args: list[object], origin: Origin, arguments: tuple[str, ...]
) -> None:
    found = server(tmp_path, {"command": command, "args": args})
    assert (found.origin, found.arguments) == (origin, arguments)


@pytest.mark.parametrize(
    ("entry", "transport"),
    [
        ({"url": "https://grove.example/mcp"}, None),
        ({"url": "https://grove.example/mcp", "type": "http"}, "streamable-http"),
        ({"url": "https://grove.example/mcp", "type": "streamable-http"}, "streamable-http"),
        ({"url": "https://grove.example/mcp", "type": "sse"}, "sse"),
        ({"httpUrl": "https://grove.example/mcp"}, "streamable-http"),
        ({"serverUrl": "https://grove.example/mcp"}, None),
        ({"url": "${GROVE:-https://grove.example/mcp}"}, None),
        ({"command": "npx", "args": ["-y", "mcp-remote@latest", "https://grove.example/mcp"]}, None),
        ({"command": "npx", "args": ["mcp-remote", "https://grove.example/mcp", "--transport", "sse-only"]}, "sse"),
    ],
)
def test_an_address_is_a_remote_server_that_the_user_typed(
    tmp_path: Path, entry: object, transport: str | None
) -> None:
    found = server(tmp_path, entry)
    assert found.origin == Remote(url="https://grove.example/mcp", transport=transport, typed=True)  # type: ignore[arg-type]  # one of the two
    assert found.slug.startswith("remote-grove-example-mcp-")


LEAKY = {
    "env": {"command": "npx", "args": ["a"], "env": {"ORCHARD_KEY": SECRET}},
    "flag": {"command": "npx", "args": ["b", "--api-key", SECRET, "--verbose"]},
    "joined": {"command": "npx", "args": ["c", f"--api-key={SECRET}"]},
    "dashed": {"command": "npx", "args": ["d", "--token", f"-{SECRET}"]},
    "header": {"command": "npx", "args": ["e", "--header", f"Authorization: Bearer {SECRET}=="]},
    "short": {"command": "curly", "args": ["-H", f"X-Key:{SECRET}"]},
    "headline": {"command": "curly", "args": [f"--header=Authorization: Bearer {SECRET}"]},
    "assigned": {"command": "env", "args": [f"ORCHARD_KEY={SECRET}", "npx", "f"]},
    "docker": {"command": "docker", "args": ["run", "-e", f"ORCHARD_KEY={SECRET}", f"--env=B={SECRET}", "grove/fig"]},
    "shell": {"command": "sh", "args": ["-c", f"ORCHARD_TOKEN='{SECRET} two' npx g --password \"{SECRET}\""]},
    "shell2": {"command": "sh", "args": ["-c", f"cd /x && LEVEL=1 ORCHARD_TOKEN='{SECRET} two' npx g -H '{SECRET}'"]},
    "oneline": {"command": f"npx -y h --token {SECRET}"},
    "database": {"command": "uvx", "args": ["plum", f"postgresql://ann:{SECRET}@grove.example/db"]},
    "query": {"url": f"https://grove.example/mcp?profile=free&api_key={SECRET}"},
    "user": {"url": f"https://ann:{SECRET}@grove.example/mcp"},
    "fragment": {"url": f"https://grove.example/mcp#token={SECRET}"},
    "headers": {"url": "https://grove.example/a", "headers": {"Authorization": f"Bearer {SECRET}"}},
    "bridge": {"command": "npx", "args": ["mcp-remote", "https://grove.example/b", "--header", f"X-Key:{SECRET}"]},
    "nameless": {"command": "npx", "args": ["mcp-remote", "https://grove.example/c", "--header", SECRET]},
    "default": {"command": "npx", "args": ["i", "--token", f"${{ORCHARD:-{SECRET}}}"]},
    "variable": {"command": "npx", "args": ["j", "${env:ORCHARD_TOKEN}"]},
    "malformed": {"command": "npx", "args": ["k"], "env": {"ORCHARD_KEY": {"value": SECRET}}},
    "malformed2": {"command": ["npx", SECRET]},
    "malformed3": {"url": f"https://${{HOST}}/{SECRET}"},
    "control": {"command": "npx", "args": ["l", f"\u0001{SECRET}"]},
    "extension": {"source": "extension", "settings": {"token": SECRET}},
    "list": [SECRET],
    "text": SECRET,
    "disabled": {"command": "npx", "args": ["m", SECRET], "disabled": True},
    "switch": {"command": "npx", "args": ["n"], "disabled": SECRET},
}


def test_no_secret_of_any_entry_shows_anywhere(tmp_path: Path) -> None:
    config = read(tmp_path, {"mcpServers": LEAKY, "other": SECRET})
    assert len(config.targets) >= 18
    assert SECRET not in everything(config)
    assert all(not target.environment and not target.headers for target in config.targets)


def test_with_the_users_leave_secrets_go_where_nothing_is_stored_and_nowhere_else(tmp_path: Path) -> None:
    config = read(tmp_path, {"mcpServers": LEAKY}, use_secrets=True)
    assert SECRET not in repr(config)
    assert SECRET not in json.dumps([asdict(target.server) for target in config.targets])
    targets = {target.server.title: target for target in config.targets}
    assert targets["env"].environment == {"ORCHARD_KEY": SECRET}
    assert targets["assigned"].environment == {"ORCHARD_KEY": SECRET}
    assert targets["docker"].environment == {"ORCHARD_KEY": SECRET, "B": SECRET}
    assert targets["headers"].headers == {"Authorization": f"Bearer {SECRET}"}
    assert targets["bridge"].headers == {"X-Key": SECRET}


def test_leave_to_use_secrets_changes_no_server(tmp_path: Path) -> None:
    without = read(tmp_path, {"mcpServers": LEAKY})
    with_leave = read(tmp_path, {"mcpServers": LEAKY}, use_secrets=True)
    assert [target.server for target in without.targets] == [target.server for target in with_leave.targets]


@pytest.mark.parametrize(
    "word",
    [
        "Tq7vB2mXc9LpZ4sKd8Wf", "sk-0a1b2c3d4e5f6a7b8c9d", "d41d8cd98f00b204e9800998ecf8427e",
        "QmFzZTY0IGtleSBmb3IgYQ0==",
        "0f8fad5b-d9cb-469f-a165-70867728950e", "https://grove.example/s/Tq7vB2mXc9LpZ4sKd8Wf/mcp",
    ],
)  # fmt: skip
def test_what_looks_like_a_generated_key_is_not_kept(tmp_path: Path, word: str) -> None:
    assert word not in repr(server(tmp_path, {"command": "npx", "args": ["pear", word]}))


@pytest.mark.parametrize(
    "word", ["stdio", "--keyboard", "/home/ann/Documents/orchard2", "--port=8080", "a b c", "mcp-server-orchard-2"]
)
def test_what_is_no_secret_stays(tmp_path: Path, word: str) -> None:
    assert server(tmp_path, {"command": "npx", "args": ["pear", word]}).arguments == (word,)


def test_names_of_variables_are_kept_without_their_values(tmp_path: Path) -> None:
    entry = {
        "command": "docker",
        "args": ["run", "-e", "LEVEL", "grove/fig"],
        "env": {"ORCHARD_KEY": SECRET, "PORT": 80},
    }
    assert server(tmp_path, entry).environment == ("ORCHARD_KEY", "PORT", "LEVEL")


def test_codex_takes_variables_and_headers_from_the_environment(tmp_path: Path) -> None:
    text = """
        [mcp_servers.pear]
        command = "npx"
        args = ["@grove/pear"]
        env_vars = ["ORCHARD_TOKEN", { name = "ABSENT" }]
        [mcp_servers.fig]
        url = "https://grove.example/mcp"
        bearer_token_env_var = "ORCHARD_TOKEN"
        env_http_headers = { X-Other = "ABSENT" }
    """
    config = read(tmp_path, text, name=".codex/config.toml", use_secrets=True)
    pear, fig = config.targets
    assert pear.server.environment == ("ORCHARD_TOKEN", "ABSENT")
    assert pear.environment == {"ORCHARD_TOKEN": SECRET}
    assert fig.headers == {"Authorization": f"Bearer {SECRET}"}
    assert len(config.problems) == 2


@pytest.mark.parametrize(
    ("name", "value", "passed"),
    [
        (".mcp.json", "${ORCHARD_TOKEN}", SECRET),
        (".mcp.json", "${ABSENT:-dry}", "dry"),
        (".mcp.json", "pa$word", "pa$word"),
        (".vscode/mcp.json", "a ${env:ORCHARD_TOKEN} b", f"a {SECRET} b"),
        (".vscode/mcp.json", "${input:key}", None),
        (".mcp.json", "${ABSENT}", None),
        (".gemini/settings.json", "$ORCHARD_TOKEN", SECRET),
        (".gemini/settings.json", "$ABSENT", None),
    ],
)
def test_variables_are_filled_in_or_not_passed_on(tmp_path: Path, name: str, value: str, passed: str | None) -> None:
    content = {"mcpServers": {"pear": {"command": "npx", "args": ["pear"], "env": {"KEY": value}}}}
    config = read(tmp_path, content, name=name, use_secrets=True)
    (target,) = config.targets
    assert target.environment == ({} if passed is None else {"KEY": passed})
    assert len(config.problems) == (passed is None)


def test_a_workspace_folder_is_the_project_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "serve.py").touch()
    entry = {"command": "python3", "args": ["${workspaceFolder}/serve.py", "serve.py"]}
    (target,) = read(tmp_path, {"servers": {"s": entry}}, name=".vscode/mcp.json").targets
    script = str(tmp_path / "serve.py")
    assert target.server.origin == Command(argv=("python3", script, script))


def test_the_folder_of_a_project_is_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "serve.py").touch()
    content = {
        "projects": {str(tmp_path / "work"): {"mcpServers": {"s": {"command": "python3", "args": ["serve.py"]}}}}
    }
    (target,) = read(tmp_path, content, name=".claude.json").targets
    assert target.server.origin == Command(argv=("python3", str(tmp_path / "work" / "serve.py")))


def test_two_entries_for_one_package_are_one_server(tmp_path: Path) -> None:
    entries = {
        "home": {"command": "npx", "args": ["@grove/pear", "a"]},
        "work": {"command": "bunx", "args": ["@grove/pear", "b"]},
        "same": {"command": "npx", "args": ["@grove/pear", "a"]},
    }
    config = read(tmp_path, {"mcpServers": entries})
    assert [target.server.title for target in config.targets] == ["home"]
    assert [problem.where for problem in config.problems] == ["mcpServers.work"]


def test_a_known_server_keeps_its_slug(tmp_path: Path) -> None:
    assert server(tmp_path, {"command": "npx", "args": ["truenas-mcp"]}).slug == "truenas-mcp"


def test_a_name_acts_on_no_terminal(tmp_path: Path) -> None:
    name = "\x1b[2J\u202epear\n" + "x" * 500
    (target,) = read(tmp_path, {"mcpServers": {name: {"command": "npx", "args": ["pear"]}}}).targets
    assert target.server.title.isprintable()
    assert target.server.title.startswith("\\x1b[2J\\u202epear x")
    assert len(target.server.title) < 150


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ([], "no object"),
        ("npx", "no object"),
        (None, "no object"),
        ({}, "neither"),
        ({"command": ""}, "neither"),
        ({"command": 7}, "'command'"),
        ({"command": "npx", "args": "pear"}, "'args'"),
        ({"command": "npx", "args": [["pear"]]}, "'args'"),
        ({"command": "npx", "args": ["x"] * 501}, "'args'"),
        ({"command": "npx", "args": ["\ud800"]}, "'args'"),
        ({"command": "C:\x08in\\npx"}, "'command'"),
        ({"command": "C:\temp\\npx"}, "'command'"),
        ({"command": "npx", "env": ["A=b"]}, "'env'"),
        ({"command": "npx", "args": ["pear"], "disabled": True}, "disabled"),
        ({"command": "npx", "args": ["pear"], "enabled": False}, "disabled"),
        ({"command": "${input:program}"}, "${input:program}"),
        ({"url": "https://${input:host}/mcp"}, "${input:host}"),
        ({"url": "unix:///tmp/mcp.sock"}, "neither http"),
        ({"source": "extension"}, "extension"),
    ],
)
def test_a_bad_entry_is_a_problem_and_the_others_are_kept(tmp_path: Path, entry: object, told: str) -> None:
    config = read(tmp_path, {"mcpServers": {"bad": entry, "good": ENTRY}})
    assert [target.server.title for target in config.targets] == ["good"]
    (problem,) = config.problems
    assert problem.where == "mcpServers.bad"
    assert told in problem.message


TEXT = json.dumps({"mcpServers": {"pear": ENTRY}})


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + TEXT,
        TEXT.encode("utf-16"),
        "\ufeff".encode("utf-16-be") + TEXT.encode("utf-16-be"),
        '// by hand\n{"mcpServers": {/* one */ "pear": {"command": "npx", "args": ["@grove/pear",],},},}',
        '{"mcpServers": {"pear": {"command": "npx", "args": ["@grove/pear"], "url": "http://a/*b*///c,]"}}} // ""',
        '{"mcpServers": {"pear": {"command": "C:\\\\n\\\\npx.cmd", "args": ["@grove/pear"]}}}',
        '{"mcpServers": {"pear": 1}, "mcpServers": {"pear": {"command": "npx", "args": ["@grove/pear"]}}}',
    ],
)
def test_what_people_and_their_editors_write_is_read(tmp_path: Path, content: str | bytes) -> None:
    config = read(tmp_path, content)
    assert [target.server.origin for target in config.targets] == [PEAR]


def test_a_name_that_stands_twice_is_told(tmp_path: Path) -> None:
    config = read(tmp_path, '{"mcpServers": {"a": {"command": "x"}, "a": {"command": "npx", "args": ["@grove/pear"]}}}')
    assert [target.server.origin for target in config.targets] == [PEAR]
    assert [problem.where for problem in config.problems] == ["a"]


@pytest.mark.parametrize("content", ["{}", "[]", "7", '{"mcpServers": []}', '{"projects": [], "mcp": 1}'])
def test_a_file_without_servers_has_no_targets(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content).targets == ()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("mcp.json", "", "nothing in it"),
        ("mcp.json", " \n", "nothing in it"),
        ("mcp.json", '{"a": "C:\\Users"}', "written twice"),
        ("mcp.json", '{\n"a": 1,\n"b" 2}', "line 3, column 5"),
        ("mcp.json", '{"a": "' + SECRET, "line 1"),
        ("mcp.json", '{"a": /* ', "line 1"),
        ("mcp.json", "[" * 100_000, "nested too deeply"),
        ("mcp.json", '{"a":' * 100_000, "nested too deeply"),
        ("mcp.json", "/*" * 100_000 + "[" * 100_000, "not JSON"),
        ("mcp.json", "9" * 5_000, "thousands of digits"),
        ("mcp.json", b"\xff\xfe\x00", "UTF-8"),
        ("mcp.json", b"\x80abc", "UTF-8"),
        ("mcp.json", " " * (4 * 1024 * 1024 + 1), "larger than 4096 KiB"),
        ("config.toml", "a = ", "not TOML"),
        ("config.toml", "a = " + "[" * 100_000, "nested too deeply"),
        ("config.toml", "a." * 100_000 + "b = 1", "dots"),
        ("config.toml", "a = " + "9" * 5_000, "thousands of digits"),
        ("config.toml", "#" * 300_000, "larger than 256 KiB"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_one_clear_error(
    tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    with pytest.raises(InputError, match=told) as caught:
        read(tmp_path, content, name=name)
    assert SECRET not in str(caught.value)
    assert name in str(caught.value)


def test_a_long_file_full_of_comments_and_commas_is_read(tmp_path: Path) -> None:
    noise = '// "' + "/* , ] " * 100_000 + "\n"
    config = read(tmp_path, noise + '{"a": "' + "\\\\" * 500_000 + '", "mcpServers": {"pear": {"command": "pear"}},}')
    assert len(config.targets) == 1


def test_a_file_that_is_none_or_may_not_be_read_says_so(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "absent", tmp_path / "pipe", tmp_path / "nul\0"):
        with pytest.raises(InputError, match="file"):
            read_client_file(path, use_secrets=False)
