"""What a killed program left of its packages is deleted by the next one, and what a running one uses is not."""

import signal
import subprocess
import sys
from pathlib import Path

from catalog.crawl.work import own_folder, sweep

HOLDER = """
import signal, sys
from pathlib import Path
from catalog.crawl.work import own_folder
with own_folder(Path(sys.argv[1])) as folder:
    (folder / "package").mkdir()
    print(folder, flush=True)
    signal.pause()
"""


def test_a_folder_is_empty_and_gone_at_the_end(tmp_path: Path) -> None:
    with own_folder(tmp_path / "work") as folder:
        assert list(folder.iterdir()) == []
        (folder / "package").mkdir()
    assert list((tmp_path / "work").iterdir()) == []


def test_what_a_killed_program_left_is_swept_and_what_a_running_one_uses_is_not(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        with own_folder(tmp_path) as ours:
            sweep(tmp_path)
            assert sorted(tmp_path.iterdir()) == sorted([theirs, ours])
            other.send_signal(signal.SIGKILL)
            other.wait()
            sweep(tmp_path)
            assert list(tmp_path.iterdir()) == [ours]
    assert list(tmp_path.iterdir()) == []


def test_only_folders_are_swept_and_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere, work = tmp_path / "elsewhere", tmp_path / "work"
    for folder in (elsewhere, work):
        folder.mkdir()
    (elsewhere / "kept").touch()
    (work / "link").symlink_to(elsewhere)
    (work / "file").touch()
    sweep(work)
    assert sorted(path.name for path in work.iterdir()) == ["file", "link"]
    assert (elsewhere / "kept").exists()


def test_a_folder_that_is_not_there_holds_nothing_to_sweep(tmp_path: Path) -> None:
    sweep(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []
