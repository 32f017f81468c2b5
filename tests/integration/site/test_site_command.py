"""``catalog site build`` and ``catalog site check`` through the real program."""

import gzip
import json
from pathlib import Path

import pytest

from catalog.settings import database_url
from catalog.store.repository import Store
from catalog_testing.commandline import CommandLine
from catalog_testing.samples import entry, listed_observation, server_ref


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """Return a command line whose catalogue has one server with two tools."""
    command_line = CommandLine.at(tmp_path)
    command_line.database.parent.mkdir(parents=True)
    with Store.open(database_url(str(command_line.database))) as store:
        store.record(listed_observation([entry("count_apples"), entry("delete_crate", description="Deletes a crate.")]))
    return command_line


def test_build_writes_the_site_and_says_what_it_made(cli: CommandLine, tmp_path: Path) -> None:
    ran = cli.run("site", "build", "--check")
    assert (ran.code, ran.err) == (0, "")
    assert "1 server and 2 tools and actions" in ran.out
    assert str(tmp_path / "catalog-site" / "index.html") in ran.out
    assert (tmp_path / "catalog-site/servers/orchard/delete-crate/policy.json").exists()


def test_build_prints_json_for_programs(cli: CommandLine, tmp_path: Path) -> None:
    ran = cli.run("site", "build", "-o", tmp_path / "out", "--check", "--json")
    assert ran.code == 0
    report = json.loads(ran.out)
    assert (report["servers"], report["entries"], report["problems"]) == (1, 2, [])
    assert report["output"] == str(tmp_path / "out")


def test_an_empty_catalogue_builds_a_site_and_says_how_to_fill_it(tmp_path: Path) -> None:
    ran = CommandLine.at(tmp_path).run("site", "build", "--check")
    assert ran.code == 0
    assert "catalog sync truenas" in ran.out


def test_a_directory_of_somebody_else_is_a_usage_error_in_one_line(cli: CommandLine, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("mine")
    ran = cli.run("site", "build", "-o", theirs)
    assert ran.code == 2
    assert "was not written by catalog" in ran.err
    assert "Traceback" not in ran.err
    assert [path.name for path in theirs.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--base-url", "farm"), "--base-url 'farm' is no address"),
        (("--precompress", "zip"), "'zip' is no compression"),
        (("--site-config", "absent.toml"), "cannot read 'absent.toml'"),
    ],
)
def test_an_option_that_cannot_be_used_is_told_in_one_line(
    cli: CommandLine, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = cli.run("site", "build", *arguments)
    assert ran.code != 0
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not list((tmp_path / "catalog-site").glob("*.html"))


def test_a_site_config_sets_what_the_command_line_leaves_open(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('title = "The farm"\nbase_url = "https://farm.example/"\n')
    arguments = ("--site-config", "site.toml", "--base-url", "https://mill.example/", "--precompress", "gzip")
    assert cli.run("site", "build", *arguments, "--check").code == 0
    home = (tmp_path / "catalog-site/index.html").read_bytes()
    assert b"The farm" in home
    assert b"https://mill.example/" in home
    assert gzip.decompress((tmp_path / "catalog-site/index.html.gz").read_bytes()) == home


def test_a_second_build_says_that_nothing_changed_and_a_fresh_one_makes_all_again(cli: CommandLine) -> None:
    cli.run("site", "build")
    assert "0 servers made again: 0 files written" in cli.run("site", "build").out
    assert "1 server made again: " in cli.run("site", "build", "--fresh").out


def test_two_processes_make_the_same_site_as_one(tmp_path: Path) -> None:
    cli = CommandLine.at(tmp_path)
    cli.database.parent.mkdir(parents=True)
    with Store.open(database_url(str(cli.database))) as store:
        for number in range(45):
            tools = [entry("count_apples"), entry(f"tend_{number % 7}", description=f"Tends row {number}.")]
            store.record(listed_observation(tools, server=server_ref(slug=f"orchard-{number}")))
    sites = []
    for jobs in ("1", "2"):
        ran = cli.run("site", "build", "-o", jobs, "--jobs", jobs, "--json")
        assert (ran.code, json.loads(ran.out)["rendered"]) == (0, 45), ran.err
        sites.append(files(tmp_path / jobs))
    assert sites[0] == sites[1]
    assert len([path for path in sites[0] if path.startswith("servers/") and path.endswith("page.json")]) == 45 * 3


def test_check_says_that_nothing_is_wrong_or_what(cli: CommandLine, tmp_path: Path) -> None:
    cli.run("site", "build")
    sound = cli.run("site", "check")
    assert (sound.code, sound.out, sound.err) == (0, "Nothing is wrong.\n", "")
    page = tmp_path / "catalog-site/servers/orchard/index.html"
    page.write_text(page.read_text().replace("</main>", "<script>alert(1)</script></main>"))
    broken = cli.run("site", "check", "catalog-site")
    assert (broken.code, broken.out) == (1, "")
    assert "servers/orchard/index.html: has an inline script" in broken.err
    assert "has 1 problem" in broken.err
    listed = cli.run("site", "check", "--json")
    assert (listed.code, json.loads(listed.out)) == (
        1, [{"page": "servers/orchard/index.html", "message": "has an inline script"}],
    )  # fmt: skip


def test_check_of_a_folder_without_a_site_says_how_to_build_one(cli: CommandLine) -> None:
    ran = cli.run("site", "check", "home")
    assert (ran.code, "catalog site build" in ran.err, "Traceback" in ran.err) == (1, True, False)


def files(site: Path) -> dict[str, bytes]:
    """Return every file of a site but those of Pagefind, whose bytes differ from run to run."""
    paths = [path for path in site.rglob("*") if path.is_file() and "pagefind" not in path.parts]
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in paths if not path.name.startswith(".")}
