"""What a tree consists of, and what identifies it."""

from pathlib import Path

import pytest

from catalog.install.trees import measure, read_tree, remove_compiled, tree_hash


def tree(folder: Path, **changes: str | None) -> str:
    """Return the hash of a tree of a few files, of which ``changes`` replace some (None: it is not there)."""
    files: dict[str, str | None] = {
        "one/a.py": "x = 1",
        "one/bin/start.js": "run()",
        "one/RECORD": "the package's own",
        "bin/one": "#!/here/python\nimport one",
        "one-1.0.dist-info/RECORD": "bin/one,sha256=1,9",
        "one-1.0.dist-info/METADATA": "Name: one",
        **changes,
    }
    for name, text in files.items():
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    return tree_hash(read_tree(folder))


def test_the_same_release_has_the_same_hash_on_another_machine(tmp_path: Path) -> None:
    here = tree(tmp_path / "here")
    there = {"bin/one": "#!/there/python\nimport one", "one-1.0.dist-info/RECORD": "bin/one,sha256=2,9"}
    assert tree(tmp_path / "there", **there) == here


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one/a.py", "x = 2"),
        ("one/a.py", None),
        ("one/b.py", ""),
        ("one/bin/start.js", "steal()"),
        ("one/RECORD", "changed"),
        ("bin/one", "#!/here/python\nimport other"),
        ("bin/one", "\x7fELF"),
        ("one-1.0.dist-info/METADATA", "Name: two"),
    ],
)
def test_a_change_of_what_could_run_changes_the_hash(tmp_path: Path, name: str, text: str | None) -> None:
    assert tree(tmp_path / "changed", **{name: text}) != tree(tmp_path / "here")


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "tree" / "folder").symlink_to(tmp_path)
    assert read_tree(tmp_path / "tree") == ()


def test_compiled_modules_are_deleted_whatever_they_are(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "__pycache__").mkdir(parents=True)
    (outside / "__pycache__" / "kept.pyc").touch()
    root = tmp_path / "tree"
    for folder in ("folder", "link", "file"):
        (root / folder).mkdir(parents=True)
    (root / "folder" / "__pycache__" / "deep").mkdir(parents=True)
    (root / "link" / "__pycache__").symlink_to(outside / "__pycache__")
    (root / "file" / "__pycache__").touch()
    remove_compiled(root)
    assert not list(root.rglob("__pycache__"))
    assert (outside / "__pycache__" / "kept.pyc").exists()


def test_a_file_counts_as_disk_once_and_only_where_all_its_names_are(tmp_path: Path) -> None:
    content = b"x" * 100_000
    for folder in ("a", "b", "elsewhere"):
        (tmp_path / folder).mkdir()
    (tmp_path / "a" / "own").write_bytes(content)
    (tmp_path / "a" / "both").write_bytes(content)
    (tmp_path / "b" / "both").hardlink_to(tmp_path / "a" / "both")
    (tmp_path / "elsewhere" / "foreign").write_bytes(content)
    (tmp_path / "b" / "foreign").hardlink_to(tmp_path / "elsewhere" / "foreign")
    a, b, both = measure([tmp_path / "a"]), measure([tmp_path / "b"]), measure([tmp_path / "a", tmp_path / "b"])
    assert (a.apparent, b.apparent, both.apparent) == (200_000, 200_000, 400_000)
    own = (tmp_path / "a" / "own").stat().st_blocks * 512
    assert (a.real, b.real, both.real) == (own, 0, 2 * own)
    assert measure([tmp_path / "missing"]).apparent == 0
