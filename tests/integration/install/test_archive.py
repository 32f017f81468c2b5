"""Archives that somebody else made: what is unpacked, what is left out, what ends it."""

import bz2
import contextlib
import gzip
import io
import lzma
import random
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from catalog.install.archive import ArchiveError, ArchiveLimits, unpack

CONTENT = {"manifest.json": b"{}", "server/index.js": b"serve()" * 1000, "server/deep/er/a.txt": b""}

SMALL = ArchiveLimits(archive_bytes=1024 * 1024, files=20, total_bytes=100_000, file_bytes=40_000)


def zipped(content: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return file.getvalue()


def entry(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def tarred(*entries: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def plain_tar(content: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    return tarred(*(entry(name, data) for name, data in content.items()), form=form)


def write(folder: Path, data: bytes) -> Path:
    path = folder / "bundle"
    path.write_bytes(data)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "data",
    [
        zipped(CONTENT),
        zipped(CONTENT, method=zipfile.ZIP_STORED),
        zipped(CONTENT, method=zipfile.ZIP_BZIP2),
        plain_tar(CONTENT),
        plain_tar(CONTENT, tarfile.GNU_FORMAT),
        gzip.compress(plain_tar(CONTENT)),
        gzip.compress(plain_tar(CONTENT)[:700]) + gzip.compress(plain_tar(CONTENT)[700:]) + b"\0" * 9,
        bz2.compress(plain_tar(CONTENT)),
        lzma.compress(plain_tar(CONTENT)),
    ],
    ids=["zip", "stored", "zip-bzip2", "tar", "gnu", "gzip", "gzip-members", "bzip2", "xz"],
)
def test_every_kind_of_archive_is_unpacked(tmp_path: Path, data: bytes) -> None:
    assert unpack(write(tmp_path, data), tmp_path / "into") == ()
    assert files(tmp_path / "into") == CONTENT


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_are_kept(tmp_path: Path, form: int) -> None:
    name = "/".join(["folder-of-thirty-characters-or"] * 8) + "/" + "n" * 200
    unpack(write(tmp_path, plain_tar({name: b"x"}, form)), tmp_path / "into")
    assert files(tmp_path / "into") == {name: b"x"}


OUTSIDE = ["../escaped", "a/../../escaped", "/tmp/escaped", "\\escaped", "..\\escaped", "C:\\escaped", "c:/escaped",
           "a\nb", "a\x1bb", "x" * 300, "d/" * 600 + "x"]  # fmt: skip


@pytest.mark.parametrize("make", [zipped, plain_tar], ids=["zip", "tar"])
@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_elsewhere_is_left_out_and_told(
    tmp_path: Path, make: Callable[[Mapping[str, bytes]], bytes], name: str
) -> None:
    (problem,) = unpack(write(tmp_path, make({name: b"x", "kept": b"y"})), tmp_path / "in" / "to")
    assert files(tmp_path / "in") == {"to/kept": b"y"}
    assert not list(tmp_path.rglob("*escaped*"))
    assert not Path("/tmp/escaped").exists()
    assert "left out" in problem.message
    assert problem.where.isprintable()


def test_links_and_devices_of_a_tar_are_not_made(tmp_path: Path) -> None:
    kinds = {"soft": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE, "char": tarfile.CHRTYPE,
             "block": tarfile.BLKTYPE, "odd": b"Z"}  # fmt: skip
    odd = [
        entry(name, b"x" * 2000 if name == "odd" else b"", type=kind, linkname="/etc") for name, kind in kinds.items()
    ]
    data = tarred(*odd, entry("soft/passwd", b"x"), entry("kept", b"y"))
    problems = unpack(write(tmp_path, data), tmp_path / "into")
    assert files(tmp_path / "into") == {"soft/passwd": b"x", "kept": b"y"}
    assert [problem.where for problem in problems] == [repr(name) for name in kinds]


def test_links_of_a_zip_are_not_made(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, kind in (("soft", stat.S_IFLNK), ("pipe", stat.S_IFIFO), ("kept", stat.S_IFREG)):
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    problems = unpack(write(tmp_path, file.getvalue()), tmp_path / "into")
    assert files(tmp_path / "into") == {"kept": b"/etc/passwd"}
    assert [problem.where for problem in problems] == ["'soft'", "'pipe'"]


def test_a_file_is_executable_or_not_and_nothing_else(tmp_path: Path) -> None:
    data = tarred(
        entry("run", b"x", mode=0o6777), entry("read", b"x", mode=0o000), entry("folder", type=tarfile.DIRTYPE)
    )
    unpack(write(tmp_path, data), tmp_path / "into")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "into").iterdir() if path.is_file()}
    assert modes == {"run": 0o755, "read": 0o644}


def test_entries_in_each_others_way_are_left_out(tmp_path: Path) -> None:
    entries = [entry("a", b"first"), entry("a", b"second"), entry("a/below", b"x"), entry("b/c", b"x"),
               entry("b", b"x"), entry(".", b"x"), entry("a", type=tarfile.DIRTYPE)]  # fmt: skip
    problems = unpack(write(tmp_path, tarred(*entries)), tmp_path / "into")
    assert files(tmp_path / "into") == {"a": b"first", "b/c": b"x"}
    assert len(problems) == 5


def many(number: int) -> dict[str, bytes]:
    return {f"f{n}": b"" for n in range(number)}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (zipped(many(21)), "20 files"),
        (plain_tar(many(21)), "20 files"),
        (plain_tar({"d/" * 21 + "x": b""}), "20 folders"),
        (zipped({"big": b"\0" * 40_001}), "0 MiB unpacked"),
        (gzip.compress(plain_tar({"big": b"\0" * 40_001})), "big in bundle"),
        (zipped({f"f{n}": b"\0" * 30_000 for n in range(4)}), "'bundle' has more"),
        (lzma.compress(plain_tar({f"f{n}": b"\0" * 30_000 for n in range(4)})), "'bundle' has more"),
        (bz2.compress(plain_tar({"../out": b"\0" * 40_001})), "out in bundle"),
        (gzip.compress(tarred(*(entry("odd", b"\0" * 30_000, type=b"Z") for _ in range(9)))), "'bundle' has more"),
        (random.Random(1).randbytes(1024 * 1024 + 1), "1 MiB"),
    ],
)
def test_what_is_too_large_ends_at_the_limit(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(ArchiveError, match=told):
        unpack(write(tmp_path, data), tmp_path / "into", SMALL)
    assert sum(map(len, files(tmp_path / "into").values())) <= SMALL.total_bytes


def lying_zip() -> bytes:
    """A zip whose headers say that its file has 10 bytes; it has 200,000."""
    data = bytearray(zipped({"big": b"\0" * 200_000}))
    for magic, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<L", data, data.index(magic) + at, 10)
    return bytes(data)


def test_a_zip_that_lies_about_a_size_is_counted_as_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError):
        unpack(write(tmp_path, lying_zip()), tmp_path / "into", SMALL)


def test_headers_without_an_end_are_not_read_into_memory(tmp_path: Path) -> None:
    endless, _ = entry("././@LongLink")
    endless.type, endless.size = tarfile.GNUTYPE_LONGNAME, 300 * 1024 * 1024
    data = gzip.compress(endless.tobuf(tarfile.GNU_FORMAT) + b"a" * 4 * 1024 * 1024)
    with pytest.raises(ArchiveError, match="headers"):
        unpack(write(tmp_path, data), tmp_path / "into")


def test_a_zip_whose_list_of_entries_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"x"}))
    struct.pack_into("<L", data, data.rindex(b"PK\5\6") + 12, 200 * 1024 * 1024)
    with pytest.raises(ArchiveError, match="8 MiB of names"):
        unpack(write(tmp_path, bytes(data)), tmp_path / "into")


def encrypted() -> bytes:
    data = bytearray(zipped({"a": b"x"}))
    for magic, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + at] |= 1
    return bytes(data)


ZIP, TAR = zipped(CONTENT), plain_tar({"a": b"x" * 5000, "b": b"y" * 5000})


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no zip or tar"),
        (b"hello", "no zip or tar"),
        (b"<html>" * 1000, "no zip or tar"),
        (b"PK\3\4", "no zip or tar"),
        (ZIP[:-30], "no zip or tar"),
        (ZIP[:80] + b"\xff" * 20 + ZIP[100:], "no zip or tar"),
        (encrypted(), "encrypted"),
        (zipped(CONTENT, method=zipfile.ZIP_LZMA), "method 14"),
        (TAR[:3000], "no zip or tar"),
        (TAR[:5632] + b"\x07" * 512 + TAR[6144:], "no zip or tar"),
        (gzip.compress(TAR)[:-20], "no zip or tar"),
        (gzip.compress(TAR)[:-8] + b"12345678", "no zip or tar"),
        (bz2.compress(TAR)[:-20], "no zip or tar"),
        (lzma.compress(TAR)[:-20], "no zip or tar"),
        (b"\x1f\x8b" + b"\0" * 100, "no zip or tar"),
        (lzma.compress(TAR, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 512 * 1024 * 1024}]), "no zip or tar"),
    ],
)
def test_what_is_no_archive_or_a_broken_one_says_what_to_do(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(ArchiveError, match=told):
        unpack(write(tmp_path, data), tmp_path / "into")


def test_an_archive_that_is_no_file_says_so(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ArchiveError, match="name an archive"):
            unpack(path, tmp_path / "into")


def test_no_bit_flipped_in_an_archive_leads_out_or_raises_anything_else(tmp_path: Path) -> None:
    chance = random.Random(7)
    for number, whole in enumerate([ZIP, TAR, gzip.compress(TAR), lzma.compress(TAR)] * 50):
        data = bytearray(whole)
        for _ in range(3):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        into = tmp_path / str(number) / "into"
        with contextlib.suppress(ArchiveError):
            unpack(write(tmp_path, bytes(data)), into)
        assert set((tmp_path / str(number)).glob("*")) <= {into}
