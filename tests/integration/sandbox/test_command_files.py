"""Which files of the host a command in the sandbox sees: what its arguments name, and nothing that is hidden."""

import sys
from pathlib import Path

import pytest

from catalog.install.base import InstallError
from catalog.install.command import command_program
from catalog.model import Reason
from catalog.origin import Command
from catalog.sandbox.base import Limits, Sandbox
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog.sandbox.unconfined import Unconfined
from catalog_testing.crawling import read_all, run

LOOK = """
import sys
from pathlib import Path
for folder, folders, files in __import__("os").walk(Path(__file__).parent):
    for name in files:
        path = Path(folder, name)
        print(path.relative_to(Path(__file__).parent), path.read_text().strip() if path.name != "server.py" else "")
    for name in folders:
        print(Path(folder, name).relative_to(Path(__file__).parent))
print("arguments", *sys.argv[1:])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for path, text in {
        "server.py": LOOK,
        "helper.py": "helper",
        "package/inner.py": "inner",
        ".env": "TOKEN=secret",
        ".git/config": "secret",
        "../outside.txt": "outside",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def output(sandbox: Sandbox, *argv: str | Path, read: tuple[Path, ...] = ()) -> list[str]:
    """Return what the command prints, line by line, sorted."""
    program = command_program(Command(argv=tuple(map(str, argv))), sandbox, read)

    async def lines() -> list[str]:
        async with sandbox.start(program, Limits()) as process:
            text = (await read_all(process)).decode()
            assert await process.ended() == 0, process.stderr_tail()
        return sorted(text.splitlines())

    return run(lines())


VISIBLE = ["helper.py helper", "package", "package/inner.py inner", "server.py "]


def test_a_script_sees_the_files_beside_it_and_hidden_ones_empty(bubblewrap: Bubblewrap, project: Path) -> None:
    assert output(bubblewrap, sys.executable, project / "server.py") == sorted([".env ", ".git", "arguments", *VISIBLE])


def test_without_a_sandbox_a_script_runs_where_it_lies(project: Path) -> None:
    lines = output(Unconfined(), sys.executable, project / "server.py")
    assert ".env TOKEN=secret" in lines


def test_no_path_of_the_host_reaches_the_script(bubblewrap: Bubblewrap, project: Path) -> None:
    lines = output(bubblewrap, sys.executable, project / "server.py", project / "package", f"--in={project}/helper.py")
    assert "arguments /opt/files/0/project/package --in=/opt/files/0/project/helper.py" in lines


def test_a_relative_path_works(bubblewrap: Bubblewrap, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    assert "helper.py helper" in output(bubblewrap, sys.executable, "server.py")


def test_a_named_folder_elsewhere_is_seen_too(bubblewrap: Bubblewrap, project: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    lines = output(bubblewrap, sys.executable, project / "server.py", tmp_path / "data")
    assert "arguments /opt/files/1/data" in lines


def test_a_script_in_the_home_itself_comes_alone(
    bubblewrap: Bubblewrap, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(project))
    assert output(bubblewrap, sys.executable, project / "server.py") == ["arguments", "server.py "]


def test_a_home_that_is_reached_by_a_link_is_a_home(
    bubblewrap: Bubblewrap, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "linked").symlink_to(project)
    monkeypatch.setenv("HOME", str(tmp_path / "linked"))
    assert output(bubblewrap, sys.executable, project / "server.py") == ["arguments", "server.py "]


def test_a_script_in_a_hidden_folder_of_the_home_comes_alone(
    bubblewrap: Bubblewrap, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``~/.ssh`` holds keys whose names are not hidden."""
    monkeypatch.setenv("HOME", str(project.parent))
    project.rename(project.parent / ".ssh")
    assert output(bubblewrap, sys.executable, project.parent / ".ssh" / "server.py") == ["arguments", "server.py "]


def test_a_data_file_comes_without_its_folder(bubblewrap: Bubblewrap, project: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "one.pem").write_text("named")
    (keys / "two.pem").write_text("not named")
    (project / "server.py").write_text(
        "import sys; from pathlib import Path\n"
        "key = Path(sys.argv[1]); print(key.read_text(), [path.name for path in key.parent.iterdir()])"
    )
    assert output(bubblewrap, sys.executable, project / "server.py", keys / "one.pem") == ["named ['one.pem']"]


@pytest.mark.parametrize("folder", ["~", "~/..", "/etc", "/", "/dev/shm", "/var/tmp", "/run"])
def test_a_home_or_a_system_folder_is_refused(
    bubblewrap: Bubblewrap, project: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("HOME", str(project))
    named = Path(folder).expanduser().resolve()
    with pytest.raises(InstallError, match="no server sees that whole") as refusal:
        command_program(Command(argv=(sys.executable, str(project / "server.py"), str(named))), bubblewrap)
    assert refusal.value.reason is Reason.NEEDS_ARGUMENTS


@pytest.mark.parametrize("target", ["../outside.txt", "/etc/machine-id", "absent", "helper.py"])
def test_a_hidden_link_breaks_nothing_and_shows_nothing_more(
    bubblewrap: Bubblewrap, project: Path, target: str
) -> None:
    (project / ".env").unlink()
    (project / ".link").symlink_to(target)
    (project / ".folder").symlink_to("../../..")
    (project / "server.py").write_text(
        "from pathlib import Path\n"
        "try:\n    print(Path(__file__).with_name('.link').read_text())\n"
        "except OSError as error:\n    print(error.strerror)"
    )
    seen = "helper" if target == "helper.py" else "No such file or directory"
    assert output(bubblewrap, sys.executable, project / "server.py") == [seen]


def test_a_link_out_of_the_folder_leads_nowhere(bubblewrap: Bubblewrap, project: Path) -> None:
    (project / "link.txt").symlink_to("../outside.txt")
    (project / "server.py").write_text("from pathlib import Path; print(Path(__file__).with_name('link.txt').exists())")
    assert output(bubblewrap, sys.executable, project / "server.py") == ["False"]


def test_secrets_in_folders_below_are_hidden_too(bubblewrap: Bubblewrap, project: Path) -> None:
    (project / "package" / ".env").write_text("TOKEN=secret")
    (project / "package" / ".env.local").write_text("TOKEN=secret")
    (project / "package" / ".aws").mkdir()
    (project / "package" / ".aws" / "credentials").write_text("secret")
    (project / "package" / ".bin").mkdir()
    (project / "package" / ".bin" / "tool").write_text("needed")
    lines = output(bubblewrap, sys.executable, project / "server.py")
    assert "package/.bin/tool needed" in lines
    assert {"package/.aws", "package/.env ", "package/.env.local "} <= set(lines)
    assert not [line for line in lines if "secret" in line]


def test_a_shebang_script_runs_with_the_files_beside_it(bubblewrap: Bubblewrap, project: Path) -> None:
    script = project / "server.sh"
    script.write_text('#!/bin/sh\ncat "$(dirname "$0")/helper.py"\n')
    script.chmod(0o755)
    assert output(bubblewrap, script) == ["helper"]


def test_a_program_whose_name_only_begins_like_an_interpreter_runs_nowhere_but_in_the_sandbox(
    bubblewrap: Bubblewrap, project: Path, tmp_path: Path
) -> None:
    script = project / "python-server"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/escaped\necho served\n")
    script.chmod(0o755)
    assert output(bubblewrap, script) == ["served"]
    assert not (tmp_path / "escaped").exists()


def test_a_folder_that_the_user_adds_is_seen(bubblewrap: Bubblewrap, project: Path, tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "file").write_text("shown")
    (project / "server.py").write_text("from pathlib import Path; print(Path('/opt/files/1/shown/file').read_text())")
    assert output(bubblewrap, sys.executable, project / "server.py", read=(tmp_path / "shown",)) == ["shown"]


def test_a_folder_full_of_hidden_files_is_taken_for_a_home(bubblewrap: Bubblewrap, project: Path) -> None:
    for number in range(201):
        (project / f".file-{number}").touch()
    with pytest.raises(InstallError, match="it looks like a home"):
        command_program(Command(argv=(sys.executable, str(project / "server.py"))), bubblewrap)


@pytest.mark.parametrize("fetcher", ["npx", "uvx", "docker"])
def test_a_command_that_fetches_a_package_says_what_to_name_instead(
    bubblewrap: Bubblewrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fetcher: str
) -> None:
    (tmp_path / fetcher).write_text("#!/bin/sh\n")
    (tmp_path / fetcher).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(InstallError) as refusal:
        command_program(Command(argv=(fetcher, "some-package")), bubblewrap)
    assert refusal.value.reason is Reason.NEEDS_NETWORK
    assert "catalog sync npm:NAME" in refusal.value.hint


def test_an_unknown_command_is_not_found(bubblewrap: Bubblewrap) -> None:
    with pytest.raises(InstallError, match="there is no command 'no-such-command'") as refusal:
        command_program(Command(argv=("no-such-command",)), bubblewrap)
    assert refusal.value.reason is Reason.NOT_FOUND
