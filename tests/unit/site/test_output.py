"""Files that are made later are made only where what they are made from changed."""

from pathlib import Path

import pytest

from sitegen.compression import compressors
from sitegen.ledger.ledger import Files
from sitegen.output import Later, Staging, Writer


def written(folder: Path, known: Files, source: bytes, *, made_with: str = "1", compressed: bool = False) -> Writer:
    """Write a file that says how it was made."""
    staging = Staging(folder, compressors(["gzip"] if compressed else []))
    staging.empty()
    writer = Writer(staging, known, made_with)
    writer.put_later(Later("a.html", source, lambda: source * 1_000))
    return writer


def test_a_file_whose_source_is_the_same_is_kept_and_not_made(tmp_path: Path) -> None:
    before = written(tmp_path, {}, b"one").files
    staging = Staging(tmp_path, {})
    writer = Writer(staging, before, "1")
    writer.put_later(Later("a.html", b"one", lambda: pytest.fail("it was made")))
    assert (writer.files, writer.changed) == (before, 0)


@pytest.mark.parametrize(("source", "made_with"), [(b"two", "1"), (b"one", "2")])
def test_another_source_or_other_templates_make_it_again(tmp_path: Path, source: bytes, made_with: str) -> None:
    again = written(tmp_path, written(tmp_path, {}, b"one").files, source, made_with=made_with)
    assert again.changed == 1
    assert (tmp_path / ".catalog-site.new/a.html").read_bytes() == source * 1_000


def test_a_copy_that_is_wanted_now_makes_it_again_and_both_are_kept_then(tmp_path: Path) -> None:
    plain = written(tmp_path, {}, b"one").files
    both = written(tmp_path, plain, b"one", compressed=True)
    assert (both.changed, set(both.files)) == (1, {"a.html", "a.html.gz"})
    assert written(tmp_path, both.files, b"one", compressed=True).changed == 0


def test_two_files_of_one_path_are_refused(tmp_path: Path) -> None:
    writer = written(tmp_path, {}, b"one")
    with pytest.raises(ValueError, match=r"a\.html"):
        writer.put("a.html", b"")
