"""What the ledger answers about a catalogue is what a look at every entry answers."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_testing.index import MemoryIndex, indexed_entry, indexed_server
from classifier.verdict import Category, Level
from sitegen.index import IndexedEntry
from sitegen.ledger.ledger import Ledger
from sitegen.summary import Summary

TRAITS, RULES, SERVERS = ("money", "secret-out", "code-exec"), ("category/writes", "trait/money", "x"), ("barn", "farm")

ENTRIES = st.lists(
    st.builds(
        lambda name, server, traits, rules, **rest: replace(
            indexed_entry(name, server=server, traits=sorted(traits), rules=sorted(rules), **rest), server_title=server
        ),
        name=st.text(st.characters(codec=None), min_size=1, max_size=4),
        server=st.sampled_from(SERVERS),
        traits=st.sets(st.sampled_from(TRAITS)),
        rules=st.sets(st.sampled_from(RULES)),
        category=st.sampled_from(Category),
        risk=st.sampled_from(Level),
        confidence=st.sampled_from((0.5, 0.75, 0.95)),
    ),
    max_size=25,
    unique_by=lambda entry: (entry.server, entry.key),
)


@settings(deadline=None, max_examples=60)
@given(entries=ENTRIES, again=st.booleans())
def test_every_list_of_the_ledger_is_that_of_a_look_at_all_entries(entries: list[IndexedEntry], again: bool) -> None:
    memory = MemoryIndex(listed=[indexed_server(slug) for slug in SERVERS], found=entries)
    with Ledger(Path(":memory:")) as ledger:
        for _ in range(1 + again):  # what is put a second time takes the place of the first
            for server in memory.servers():
                own = tuple(entry for entry in memory.entries() if entry.server == server.slug)
                ledger.put_server(Summary(server=server, entries=own, changes=(), folders={}))
        index = ledger.index
        assert list(index.ranked()) == list(memory.ranked())
        assert list(index.entries()) == list(memory.entries())
        assert dict(index.cells) == dict(memory.cells)
        assert dict(index.rules()) == dict(memory.rules())
        assert dict(index.trait_sets()) == dict(memory.trait_sets())
        for most in (1, 30):
            for level in Level:
                assert list(index.of_risk(level, most)) == list(memory.of_risk(level, most))
            for category in Category:
                assert list(index.of_category(category, most)) == list(memory.of_category(category, most))
            for rule in RULES:
                assert list(index.fired(rule, most)) == list(memory.fired(rule, most))
            sets: list[tuple[str, ...]] = [(), ("money",), ("money", "secret-out")]
            assert list(index.holding(sets, most)) == list(memory.holding(sets, most))
