"""The list of a registry over its real API: complete, once each, and bounded whatever it answers."""

import functools
import itertools
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from catalog.model import Problem
from catalog.sources.registry.client import PageMemory, RegistryClient
from catalog.sources.registry.entry import RegistryEntry, Withdrawn
from catalog.sources.registry.limits import RegistryError, RegistryLimits
from catalog_testing.certificates import loopback_tls
from catalog_testing.crawling import run
from catalog_testing.registry_api import Answer, RegistryApi, registry_api, row

LIMITS = RegistryLimits(page_size=2, attempts=3, request_seconds=20)


@pytest.fixture
def api() -> Iterator[RegistryApi]:
    with registry_api() as served:
        yield served


@functools.cache
def trusted() -> ssl.SSLContext:
    """Read the authorities once: it takes as long as all else here."""
    return ssl.create_default_context()


class Reading:
    """One reading of a list: what came, and how it ended."""

    def __init__(self) -> None:
        self.found: list[RegistryEntry | Withdrawn | Problem] = []
        self.error = ""
        self.waited: list[float] = []

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.found if isinstance(one, RegistryEntry)]

    @property
    def problems(self) -> list[Problem]:
        return [one for one in self.found if isinstance(one, Problem)]


def read(
    base: str,
    *,
    since: datetime | None = None,
    search: str | None = None,
    memory: PageMemory | None = None,
    limits: RegistryLimits = LIMITS,
    most: int | None = None,
) -> Reading:
    """Read the list at ``base``, at most ``most`` of it."""
    reading = Reading()

    async def sleep(seconds: float) -> None:
        reading.waited.append(seconds)

    async def collect() -> None:
        async with httpx.AsyncClient(verify=trusted()) as client:
            entries = RegistryClient(base, client=client, limits=limits, sleep=sleep).entries(
                since=since, search=search, memory=memory
            )
            try:
                async for one in entries:
                    reading.found.append(one)
                    if len(reading.found) == most:
                        break
            except RegistryError as error:
                reading.error = str(error)
            finally:
                await entries.aclose()

    run(collect())
    return reading


def page(*rows: object, cursor: object = None) -> Answer:
    return Answer(body=json.dumps({"servers": rows, "metadata": {"nextCursor": cursor}}).encode())


def test_all_pages_are_read_and_each_server_comes_once(api: RegistryApi) -> None:
    api.rows = [row(f"com.example/s{number}") for number in range(5)]
    reading = read(api.address + "/")
    assert reading.names == [f"com.example/s{number}" for number in range(5)]
    assert reading.error == ""
    assert [asked.get("cursor") for asked in api.asked] == [None, "com.example/s1:1.0.0", "com.example/s3:1.0.0"]
    assert {asked["version"] for asked in api.asked} == {"latest"}


def test_a_search_and_a_moment_are_the_registry_s_to_apply(api: RegistryApi) -> None:
    api.rows = [
        row("com.example/orchard", updated="2026-02-01T00:00:00Z"),
        row("com.example/orchard-old", updated="2025-02-01T00:00:00Z"),
        row("com.example/grove", updated="2026-02-01T00:00:00Z"),
    ]
    since = datetime(2026, 1, 1, 2, tzinfo=UTC) + timedelta(hours=1)
    assert read(api.address, since=since, search="orchard").names == ["com.example/orchard"]
    assert api.asked[0]["updated_since"] == "2026-01-01T03:00:00Z"
    assert api.asked[0]["include_deleted"] == "true"


def test_what_was_deleted_or_deprecated_is_said_and_is_no_entry(api: RegistryApi) -> None:
    api.rows = [
        row("com.example/a", "2.0.0", status="deleted"),
        row("com.example/b", "1.0.0", status="deprecated"),
        row("com.example/c"),
    ]
    reading = read(api.address, since=datetime(2025, 1, 1, tzinfo=UTC))
    assert reading.names == ["com.example/c"]
    assert [one for one in reading.found if isinstance(one, Withdrawn)] == [
        Withdrawn(name="com.example/a", version="2.0.0", status="deleted"),
        Withdrawn(name="com.example/b", version="1.0.0", status="deprecated"),
    ]


def test_the_latest_version_is_the_one_that_is_marked_wherever_it_stands(api: RegistryApi) -> None:
    """Of a registry that does not know ``version=latest``."""
    rows = [row("com.example/a", version, latest=version == "1.9.0") for version in ("2.0.0", "1.9.0", "1.0.0")]
    api.script = lambda _: page(*rows)
    (entry,) = read(api.address).found
    assert isinstance(entry, RegistryEntry)
    assert entry.version == "1.9.0"


def test_two_latest_versions_of_one_server_are_a_problem_and_one_of_them_is_kept(api: RegistryApi) -> None:
    api.script = lambda _: page(row("com.example/a", "1.0"), row("com.example/a", "2.0"), row("com.example/a", "1.0"))
    reading = read(api.address)
    assert reading.names == ["com.example/a"]
    assert [problem.where for problem in reading.problems] == ["'com.example/a' '2.0'"]


def test_a_bad_row_costs_no_other_row(api: RegistryApi) -> None:
    bad = [7, None, {"server": []}, row("no-slash"), row("com.example/x\x1b[2J"), row("com.example/v", ""), {}]
    api.script = lambda _: page(row("com.example/a"), *bad, row("com.example/z"))
    reading = read(api.address)
    assert reading.names == ["com.example/a", "com.example/z"]
    assert len(reading.problems) == len(bad)
    assert reading.problems[3].where == "page 1, servers[4] 'no-slash'"
    assert all("\x1b" not in problem.where + problem.message for problem in reading.problems)


def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is(api: RegistryApi) -> None:
    api.rows = [row(f"com.example/s{number}") for number in range(4)]
    memory = PageMemory()
    assert len(read(api.address, memory=memory).names) == 4
    assert memory.unchanged == 0
    assert read(api.address, memory=memory).found == []
    assert memory.unchanged == 2
    api.rows[3] = row("com.example/s3", updated="2026-03-01T00:00:00Z")
    assert read(api.address, memory=memory).names == ["com.example/s2", "com.example/s3"]
    assert memory.unchanged == 1


def test_a_page_of_which_a_part_was_taken_comes_again(api: RegistryApi) -> None:
    api.rows = [row(f"com.example/s{number}") for number in range(2)]
    memory = PageMemory()
    assert read(api.address, memory=memory, most=1).names == ["com.example/s0"]
    assert read(api.address, memory=memory).names == ["com.example/s0", "com.example/s1"]


def test_a_busy_registry_is_asked_again_after_the_time_that_it_says(api: RegistryApi) -> None:
    api.rows = [row("com.example/a")]
    api.faults = [Answer(status=429, headers={"Retry-After": "7"}), Answer(status=503)]
    reading = read(api.address)
    assert reading.names == ["com.example/a"]
    assert reading.waited[0] == 7
    assert len(reading.waited) == 2


def test_a_date_in_retry_after_is_understood(api: RegistryApi) -> None:
    api.rows = [row("com.example/a")]
    api.faults = [Answer(status=503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})]
    assert read(api.address).waited == [0]


def test_a_registry_that_wants_hours_is_left_for_today(api: RegistryApi) -> None:
    api.faults = [Answer(status=429, headers={"Retry-After": "7200"})]
    reading = read(api.address)
    assert "asks to come back in 7200 s" in reading.error
    assert reading.waited == []


def test_trouble_that_stays_ends_after_some_attempts_and_what_came_before_is_kept(api: RegistryApi) -> None:
    def answer(asked: Mapping[str, str]) -> Answer:
        return Answer(status=502) if "cursor" in asked else page(row("com.example/a"), cursor="next")

    api.script = answer
    reading = read(api.address)
    assert reading.names == ["com.example/a"]
    assert "did not answer in 3 attempts (HTTP 502)" in reading.error
    assert len(api.asked) == 4


def test_a_registry_that_is_not_there_is_said() -> None:
    reading = read("http://127.0.0.1:1")
    assert "'http://127.0.0.1:1' did not answer in 3 attempts" in reading.error


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_final_and_says_what_to_check(api: RegistryApi, status: int) -> None:
    api.faults = [Answer(status=status, body=b"<html>")]
    reading = read(api.address)
    assert f"answers HTTP {status}" in reading.error
    assert "check that its address" in reading.error
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"servers": 5}', b"{}", b"[" * 100_000, b"\xff\xfe", b"null"]
)
def test_what_is_no_list_of_servers_is_said(api: RegistryApi, body: bytes) -> None:
    api.faults = [Answer(body=body)]
    assert "is no list of servers" in read(api.address).error


def test_a_list_of_none_may_be_null(api: RegistryApi) -> None:
    api.faults = [Answer(body=b'{"servers": null, "metadata": {"count": 0}}')]
    reading = read(api.address)
    assert (reading.found, reading.error) == ([], "")


@pytest.mark.parametrize("name", ["nextCursor", "next_cursor"])
def test_both_spellings_of_the_cursor_are_followed(api: RegistryApi, name: str) -> None:
    def answer(asked: Mapping[str, str]) -> Answer:
        body = {
            "servers": [row("com.example/b" if "cursor" in asked else "com.example/a")],
            "metadata": {name: "x y&z"},
        }
        if "cursor" in asked:
            assert asked["cursor"] == "x y&z"
            body["metadata"] = {name: ""}
        return Answer(body=json.dumps(body).encode())

    api.script = answer
    assert read(api.address).names == ["com.example/a", "com.example/b"]


@pytest.mark.parametrize("cursor", ["\ud800", "x" * 5000, "a\nb"])
def test_a_cursor_that_no_address_can_hold_is_said_and_the_page_is_not_believed(api: RegistryApi, cursor: str) -> None:
    api.script = lambda _: page(row("com.example/a"), cursor=cursor)
    assert "names a next page that cannot be asked for" in read(api.address).error


@pytest.mark.parametrize("etag", ["é", "x" * 300])
def test_an_etag_that_cannot_be_sent_back_is_not_kept(api: RegistryApi, etag: str) -> None:
    body = json.dumps({"servers": [row("com.example/a")]}).encode()
    api.script = lambda _: Answer(headers={"ETag": etag}, body=body)
    memory = PageMemory()
    for _ in range(2):
        assert read(api.address, memory=memory).names == ["com.example/a"]
    assert all("If-None-Match" not in asked for asked in api.asked)


def test_more_rows_than_any_registry_has_are_not_read(api: RegistryApi) -> None:
    api.script = lambda _: page(*(row(f"com.example/s{number}") for number in range(11)))
    assert "it has more than 10 rows" in read(api.address, limits=replace(LIMITS, rows=10)).error


ENDLESS = {
    "leads back to an earlier one": lambda number: page(row(f"com.example/s{number}"), cursor="same"),
    "repeats an earlier one": lambda number: page(row("com.example/s0"), cursor=str(number)),
    "is empty and is not the last one": lambda number: page(*[row("com.example/s0")][: 1 - number], cursor=str(number)),
    "more than 9 pages": lambda number: page(row(f"com.example/s{number}"), cursor=str(number)),
}


@pytest.mark.parametrize("end", ENDLESS)
def test_a_list_without_an_end_is_left_and_what_it_gave_is_kept(api: RegistryApi, end: str) -> None:
    numbers = itertools.count()
    api.script = lambda _: ENDLESS[end](next(numbers))
    reading = read(api.address, limits=replace(LIMITS, pages=9))
    assert end in reading.error
    assert "what came before is kept" in reading.error
    assert reading.names[0] == "com.example/s0"
    assert len(api.asked) <= 9


def test_a_page_without_an_end_is_not_read_past_its_cap(api: RegistryApi) -> None:
    api.faults = [Answer(body=b'{"servers": [', endless=True)]
    assert "has more than 100000 bytes" in read(api.address, limits=replace(LIMITS, page_bytes=100_000)).error


def test_compressed_pages_are_neither_asked_for_nor_unpacked(api: RegistryApi) -> None:
    api.faults = [Answer(headers={"Content-Encoding": "gzip"}, body=b"bomb")]
    assert "sends compressed pages" in read(api.address).error
    assert api.asked[0]["Accept-Encoding"] == "identity"


def test_a_redirect_within_the_registry_is_followed(api: RegistryApi) -> None:
    api.rows = [row("com.example/a")]
    api.faults = [Answer(status=307, headers={"Location": "/v0.1/servers?limit=2"})]
    assert read(api.address).names == ["com.example/a"]


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest", "//example.invalid/", "file:///etc/passwd"])
def test_a_redirect_to_another_place_is_not_followed(api: RegistryApi, location: str) -> None:
    api.faults = [Answer(status=302, headers={"Location": location})]
    reading = read(api.address)
    assert "which is another place" in reading.error
    assert len(api.asked) == 1


def test_redirects_in_a_circle_end(api: RegistryApi) -> None:
    api.script = lambda _: Answer(status=302, headers={"Location": "/v0.1/servers"})
    assert "redirects more than 3 times" in read(api.address).error


def test_a_certificate_that_nobody_known_signed_is_explained(tmp_path: Path) -> None:
    context, _ = loopback_tls(tmp_path)
    with registry_api(tls=context) as served:
        reading = read(served.address)
    assert "is not trusted (unable to get local issuer certificate)" in reading.error
    assert "SSL_CERT_FILE" in reading.error


def test_a_registry_that_does_not_speak_tls_is_explained(api: RegistryApi) -> None:
    assert "check whether its address begins with" in read(api.address.replace("http:", "https:")).error


def test_a_password_in_the_address_is_not_told() -> None:
    assert "s3cret" not in read("http://me:s3cret@127.0.0.1:1").error
