"""Targets that name an image or a bundle, and what their servers are called."""

import re
from pathlib import Path

import pytest

from catalog.errors import UsageError
from catalog.origin import Bundle, Image
from catalog.sources.bundles import bundle_server, parse_bundle
from catalog.sources.images import image_server, parse_image
from catalog.sources.slugs import registry_slug

DIGEST = "sha256:" + "ab" * 32
SLUG = re.compile(r"[a-z0-9]+(-+[a-z0-9]+)*")


@pytest.mark.parametrize(
    "reference",
    [
        "orchard",
        "grove/orchard:1.0",
        "images.example/grove/orchard",
        "Images.example:5000/grove/orchard:v1.2_3",
        f"images.example/grove/orchard@{DIGEST}",
        f"images.example/grove/orchard:1.0@{DIGEST}",
        "a__b/c--d/e.f",
    ],
)
def test_an_image_is_read(reference: str) -> None:
    assert parse_image(f"oci:{reference}") == Image(reference=reference)


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "-v/:/host",
        "--privileged",
        "a b",
        "Grove/Orchard",
        "orchard:",
        "orchard:-x",
        "orchard@sha256:ab",
        "../orchard",
        "https://images.example/orchard",
        "orchard\n",
        "images.example//orchard",
        "a" * 501,
        "a-" * 200 + "!",
    ],
)
def test_what_is_no_image_is_refused_with_what_to_write(reference: str) -> None:
    with pytest.raises(UsageError, match="names no container image; write oci:HOST/NAME:TAG"):
        parse_image(f"oci:{reference}")


@pytest.mark.parametrize("target", ["orchard", "docker:orchard", "", "npm:orchard"])
def test_another_kind_of_target_is_neither(target: str) -> None:
    assert parse_image(target) is None
    assert parse_bundle(target) is None


def test_a_bundle_s_file_is_named_from_its_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orchard.mcpb").touch()
    monkeypatch.chdir(tmp_path)
    assert parse_bundle("mcpb:orchard.mcpb") == Bundle(location=str(tmp_path / "orchard.mcpb"))


def test_a_bundle_s_address_is_kept() -> None:
    assert parse_bundle("mcpb:https://files.example/x.mcpb") == Bundle(location="https://files.example/x.mcpb")


@pytest.mark.parametrize("location", ["", "no-such-file", "/", "nul\0", "x" * 5000, "~nobody-here/x"])
def test_a_bundle_that_is_not_there_is_refused(location: str) -> None:
    with pytest.raises(UsageError, match="there is no such file; write mcpb:PATH or mcpb:https://"):
        parse_bundle(f"mcpb:{location}")


@pytest.mark.parametrize("address", ["http://files.example/x", "https://", "ftp://x/y", "https://a b/x", "https://[x"])
def test_a_bundle_s_address_is_https(address: str) -> None:
    with pytest.raises(UsageError, match="names no bundle; write mcpb:https://"):
        parse_bundle(f"mcpb:{address}")


def test_servers_are_called_what_they_are() -> None:
    image = image_server(Image(reference="images.example:5000/grove/orchard:1.0"))
    assert re.fullmatch(r"oci-grove-orchard-[0-9a-f]{8}", image.slug)
    bundle = bundle_server(Bundle(location="https://files.example/v1/My%20Orchard.mcpb?key=secret"))
    assert re.fullmatch(r"mcpb-my-20orchard-[0-9a-f]{8}", bundle.slug)
    assert bundle.title == "https://files.example/v1/My%20Orchard.mcpb"


def test_a_tag_or_a_digest_makes_no_other_server() -> None:
    references = ("a.example/x", "a.example/x:1", f"a.example/x@{DIGEST}", f"a.example/x:2@{DIGEST}")
    assert len({image_server(Image(reference=reference)).slug for reference in references}) == 1


def test_images_and_bundles_of_one_name_in_two_places_are_two_servers() -> None:
    images = {image_server(Image(reference=f"{host}/grove/x")).slug for host in ("a.example", "b.example")}
    bundles = {bundle_server(Bundle(location=f"https://{host}/x.mcpb")).slug for host in ("a.example", "b.example")}
    assert (len(images), len(bundles)) == (2, 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [("io.a-b/c", "io.a.b/c"), ("io.a/b_c", "io.a/b-c"), ("io.A/b", "io.a/b"), ("io.a/b--c", "io.a/b.-c")],
)
def test_registry_names_that_differ_have_slugs_that_differ(one: str, other: str) -> None:
    assert registry_slug(one, "npm") != registry_slug(other, "npm")
    assert SLUG.fullmatch(registry_slug(one, "npm"))


def test_a_long_registry_name_has_a_slug_of_bounded_length() -> None:
    assert len(registry_slug(f"com.example/{'x' * 240}", "remote-2")) <= 110
    assert registry_slug(f"a/{'x' * 200}y", "npm") != registry_slug(f"a/{'x' * 200}z", "npm")
