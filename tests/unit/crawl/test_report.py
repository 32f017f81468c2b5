"""What a crawl amounts to, out of the events that it told."""

from dataclasses import replace

from catalog.crawl.events import Observed, PassedOver, Planned, RungStarted
from catalog.crawl.report import MOST_PROBLEMS, SLOWEST, Looked, Tally
from catalog.model import Changes, Declared, NotListed, Observation, Problem, Provenance, Reason, Rung
from catalog_testing.samples import action, entry, listed_observation, not_listed_observation, server_ref

LISTED = listed_observation([entry("count_apples"), action("prune"), action("water")])


def tallied(*observations: Observation) -> Tally:
    tally = Tally()
    for observation in observations:
        tally(Observed(observation=observation, changes=Changes(added=("count_apples",))))
    return tally


def looked(observation: Observation) -> Looked:
    (one,) = tallied(observation).looked
    return one


def declared(reason: Reason | None) -> Observation:
    entries = (entry("count_apples", provenance=Provenance.DECLARED),)
    outcome = Declared(entries=entries, reason=reason, detail="exit code 1", hint="Set ORCHARD_TOKEN.")
    rungs = (Rung(name="run", result="failed", seconds=1), Rung(name="source", result="ok", seconds=1))
    return replace(LISTED, outcome=outcome, rungs=rungs)


def lasting(seconds: int, slug: str) -> Observation:
    return replace(LISTED, server=server_ref(slug=slug), rungs=(Rung(name="run", result="ok", seconds=seconds),))


def test_outcomes_are_counted_by_reason() -> None:
    tally = tallied(
        LISTED,
        declared(Reason.CRASHED),
        not_listed_observation(Reason.CRASHED),
        not_listed_observation(Reason.CRASHED),
        not_listed_observation(Reason.GATED),
    )
    tally(PassedOver(server=server_ref(), reason="1.4.0 is unchanged"))
    assert tally.outcomes() == {"listed": 1, "declared": 1, "crashed": 2, "gated": 1, "passed_over": 1}


def test_tools_and_actions_are_counted_apart() -> None:
    one = looked(LISTED)
    assert (one.kind, one.reason, one.tools, one.actions, one.seconds) == ("listed", None, 1, 2, 1.75)
    assert one.changes == Changes(added=("count_apples",))


def test_what_was_not_listed_keeps_its_reason_and_what_to_do() -> None:
    one = looked(not_listed_observation(Reason.GATED))
    assert (one.kind, one.reason, one.hint, one.tools) == ("not_listed", Reason.GATED, "Set ORCHARD_TOKEN.", 0)


def test_what_was_read_from_source_says_why_it_was_not_asked() -> None:
    one = looked(declared(Reason.CRASHED))
    assert (one.kind, one.reason, one.tools) == ("declared", Reason.CRASHED, 1)


def test_a_rung_rescues_only_where_others_failed_before_and_a_list_came_of_it() -> None:
    rungs = (Rung(name="run", result="failed", seconds=1), Rung(name="placeholders", result="ok", seconds=1))
    rescued = replace(LISTED, rungs=rungs)
    failed = replace(not_listed_observation(), rungs=rungs)
    assert tallied(LISTED, rescued, failed, declared(Reason.CRASHED)).rescues() == {"placeholders": 1, "source": 1}


def test_the_slowest_come_first_and_are_bounded() -> None:
    tally = tallied(*(lasting(seconds, f"s{seconds}") for seconds in range(SLOWEST + 5)))
    tally(PassedOver(server=server_ref(), reason="unchanged"))
    named = [one.server.slug for one in tally.slowest()]
    assert named == [f"s{seconds}" for seconds in reversed(range(5, SLOWEST + 5))]


def test_of_many_problems_a_few_are_kept() -> None:
    problems = [Problem(where=f"tools[{number}]", message="no name") for number in range(50)]
    assert len(looked(listed_observation([entry("count_apples")], problems=problems)).problems) == MOST_PROBLEMS


def test_other_events_count_for_nothing() -> None:
    tally = Tally()
    tally(Planned(servers=5))
    tally(RungStarted(server=server_ref(), rung="run"))
    assert tally.looked == []
    assert (tally.outcomes(), tally.rescues(), tally.slowest()) == ({}, {}, [])


def test_an_outcome_without_a_list_has_no_problems() -> None:
    outcome = NotListed(reason=Reason.TIMED_OUT, detail="", hint="")
    assert looked(replace(LISTED, outcome=outcome)).problems == ()
