"""What a search finds: the same as a look at every entry would, in the order that matters to a reader."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_testing.index import MemoryIndex, indexed_entry, indexed_server
from catalog_testing.searching import NODE, Query, ask, words_in_browser
from classifier.verdict import Category, Level
from sitegen.index import IndexedEntry, IndexedServer
from sitegen.search.files import search_files
from sitegen.search.prefixes import FEW, SHORTEST_PREFIX
from sitegen.search.words import STOP_WORDS, name_words, text_words, words

needs_node = pytest.mark.skipif(NODE is None, reason="no Node.js: install nodejs, or the extra 'node'")


def found(index: MemoryIndex, query: Query, most_in_memory: int = 1_000) -> list[str]:
    """Return the pages that a search finds, in its order."""
    [answer] = ask(search_files(index, most_in_memory), [query])
    return answer.paths


def scan(index: MemoryIndex, query: Query) -> list[str]:
    """Return what a search must find, by looking at every server and entry."""
    documents: list[IndexedServer | IndexedEntry] = [*index.servers(), *index.ranked()]
    typed = words(query.words)[:8]
    telling = [word for word in typed if word not in STOP_WORDS] or typed
    chosen = [each for each in documents if _passes(each, query)]
    if not telling:
        return [each.path for each in chosen] if any(query.filters.values()) else []
    tiers: list[list[str]] = [[], [], []]
    for each in chosen:
        name = each.title if isinstance(each, IndexedServer) else each.name
        anywhere = set(name_words(name)) | _elsewhere(each)
        if typed and "".join(name_words(name)) == "".join(typed):
            tiers[0].append(each.path)
        elif _holds(set(name_words(name)), telling):
            tiers[1].append(each.path)
        elif _holds(anywhere, telling):
            tiers[2].append(each.path)
    return [path for tier in tiers for path in tier]


def _elsewhere(each: IndexedServer | IndexedEntry) -> set[str]:
    if isinstance(each, IndexedServer):
        return text_words(f"{each.slug} {each.publisher} {each.product_title}")
    return text_words(each.summary) | text_words(each.server_title)


def _holds(known: set[str], wanted: Sequence[str]) -> bool:
    *whole, last = wanted
    begins = last in known or (len(last) >= SHORTEST_PREFIX and any(word.startswith(last) for word in known))
    return begins and known.issuperset(whole)


def _passes(each: IndexedServer | IndexedEntry, query: Query) -> bool:
    path = each.path if isinstance(each, IndexedServer) else each.server_path
    facets = {"server": {path.split("/")[1]}}
    if isinstance(each, IndexedEntry):
        facets |= {
            "category": {each.category.value}, "risk": {each.risk.label}, "provenance": {each.provenance},
            "trait": set(each.traits),
        }  # fmt: skip
    return all(facets.get(facet, set()) & set(values) for facet, values in query.filters.items() if values)


# Few words, so that they meet; many of them begin alike, so that some beginnings get a list of their own.
VOCABULARY = ["key", "keys", "to", "the", "listed", "a", "crate", *(f"appl{letter}" for letter in "abcdefghijk")]
NAMES = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map("_".join)
ENTRIES = st.builds(
    indexed_entry,
    NAMES,
    server=st.sampled_from(["barn", "orchard"]),
    summary=st.lists(st.sampled_from(VOCABULARY), max_size=4).map(" ".join),
    category=st.sampled_from(Category),
    risk=st.sampled_from(Level),
    traits=st.lists(st.sampled_from(["money", "power"]), unique=True),
    provenance=st.sampled_from(["live", "declared"]),
)
INDEXES = st.lists(ENTRIES, max_size=40, unique_by=lambda entry: (entry.server, entry.key)).map(
    lambda entries: MemoryIndex([indexed_server("barn"), indexed_server("orchard", title="Key orchard")], entries)
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "risk": st.lists(st.sampled_from([level.label for level in Level]), max_size=2, unique=True),
        "category": st.lists(st.sampled_from([category.value for category in Category]), max_size=2, unique=True),
        "trait": st.sampled_from([["money"], ["power"], ["unheard-of"]]),
        "provenance": st.just(["declared"]),
        "server": st.sampled_from([["barn"], ["nowhere"]]),
    },
)
QUERIES = st.builds(
    Query,
    st.lists(st.sampled_from([*VOCABULARY, "appl", "app", "ap", "listedKey", "nothing"]), max_size=3).map(" ".join),
    FILTERS,
)


@needs_node
@settings(max_examples=25, deadline=None)
@given(INDEXES, st.lists(QUERIES, min_size=1, max_size=12), st.sampled_from([1, 1_000]))
def test_a_search_finds_what_a_look_at_every_entry_finds(
    index: MemoryIndex, queries: list[Query], most_in_memory: int
) -> None:
    answers = ask(search_files(index, most_in_memory), queries, step=3)
    assert [answer.paths for answer in answers] == [scan(index, query) for query in queries]


@needs_node
@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=100))
def test_a_browser_splits_words_as_the_index_does(texts: list[str]) -> None:
    # What only a newer Unicode than Python's knows may differ.
    known = ["".join(each for each in text if unicodedata.category(each) != "Cn") for text in texts]
    assert words_in_browser(known) == [words(text) for text in known]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("api_key_create", ["api", "key", "create"]),
        ("listAPIKeys", ["list", "api", "keys"]),
        ("s3-getObject", ["s3", "get", "object"]),
        ("Café.öffnen", ["cafe", "offnen"]),
        ("删除文件", ["删", "除", "文", "件"]),
        ("🍎" * 5, []),
    ],
)
def test_names_split_into_words(name: str, expected: list[str]) -> None:
    assert words(name) == expected


def many() -> MemoryIndex:
    """Return enough entries that lists of numbers fill several files, and words enough that a beginning has a list."""
    entries = [
        indexed_entry(
            f"crate_get_{number:05}",
            summary=f"Weighs apple{number % (FEW + 3)} of the crate.",
            risk=Level.CRITICAL if number < 60 else Level.LOW,
            category=Category.DELETE if number % 977 == 0 else Category.READ,
        )
        for number in range(12_000)
    ]
    return MemoryIndex([indexed_server()], entries)


@needs_node
def test_lists_of_many_files_answer_as_short_ones_do_and_no_step_moves_more_than_100_kb() -> None:
    index = many()
    queries = [
        Query("crate get"), Query("crate", {"category": ["Delete"]}), Query("weighs apple3", {"risk": ["Critical"]}),
        Query("appl crate", {"server": ["orchard"], "provenance": ["live"]}), Query("crate 11999"),
    ]  # fmt: skip
    answers = ask(search_files(index, 50_000), queries, step=200)
    assert [answer.paths for answer in answers] == [scan(index, query) for query in queries]
    assert max(moved for answer in answers for moved in answer.bytes) <= 100_000
    assert max(len(answer.bytes) for answer in answers) > 50


@needs_node
def test_the_tool_of_exactly_that_name_comes_first_then_names_then_descriptions_each_by_risk() -> None:
    index = MemoryIndex(
        [indexed_server()],
        [
            indexed_entry("tree_fell", summary="Fells it; see key_list.", risk=Level.CRITICAL),
            indexed_entry("key_list_all", risk=Level.HIGH),
            indexed_entry("listing_of_key_list", risk=Level.MEDIUM),
            indexed_entry("key_list"),
        ],
    )
    expected = ["key-list", "key-list-all", "listing-of-key-list", "tree-fell"]
    for typed in ("key_list", "keyList", "key list", "KEYLIST"):
        assert [path.split("/")[2] for path in found(index, Query(typed))][:1] == expected[:1]
    assert [path.split("/")[2] for path in found(index, Query("key_list"))] == expected


@needs_node
def test_a_server_is_found_by_its_title_before_its_tools() -> None:
    index = MemoryIndex([indexed_server(title="Big orchard")], [indexed_entry("apple_count")])
    assert found(index, Query("orchard")) == ["servers/orchard/", "servers/orchard/apple-count/"]


@needs_node
def test_what_a_server_hides_in_a_name_is_shown_and_cannot_break_the_index() -> None:
    index = MemoryIndex(
        [indexed_server(title="a" * 10_000)],
        [indexed_entry('"]}<script>\u202e\ud800' + "x_" * 5_000, summary="</script>\x00" * 20)],
    )
    files = dict(search_files(index))
    assert found(index, Query("script")) == [index.found[0].path]
    assert max(map(len, files.values())) < 2_000


def test_equal_catalogues_give_equal_bytes_however_much_memory_there_is() -> None:
    assert list(search_files(many(), 100)) == list(search_files(many(), 1_000_000))


def test_an_empty_catalogue_has_an_index() -> None:
    assert [path for path, _ in search_files(MemoryIndex([], []))] == ["search/index.json.gz"]
