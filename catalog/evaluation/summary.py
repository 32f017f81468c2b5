"""The figures of the accuracy page as data, for the site's page on the method (catalog.accuracy)."""

from collections.abc import Sequence
from datetime import date

from catalog.accuracy import Accuracy, FirstLook, MeasuredSet, MeasuredShare, MeasuredYardstick
from catalog.evaluation.metrics import Figures, Share
from catalog.evaluation.report import Run
from catalog.evaluation.yardstick import Yardstick


def summary(
    *,
    day: date,
    ruleset: str,
    runs: Sequence[Run],
    folds: Sequence[tuple[str, Figures]],
    yardsticks: Sequence[tuple[str, Yardstick]],
    first_looks: Sequence[FirstLook],
) -> Accuracy:
    """Return what the accuracy page says in figures; labels and errors stay on that page."""
    return Accuracy(
        day=day,
        ruleset=ruleset,
        sets=tuple(_set(run.title, run.note, run.figures) for run in runs),
        folds=tuple(_set(title, "", figures) for title, figures in folds),
        yardsticks=tuple(
            MeasuredYardstick(
                title=title,
                actions=one.actions,
                services=one.services,
                agreement=one.agreement,
                baseline=one.baseline / one.actions,
            )
            for title, one in yardsticks
        ),
        first_looks=tuple(first_looks),
    )


def _set(title: str, note: str, figures: Figures) -> MeasuredSet:
    return MeasuredSet(
        title=title,
        note=note,
        tools=figures.tools,
        servers=figures.servers,
        acceptable=_share(figures.acceptable),
        unsafe=_share(figures.unsafe),
        harsh=_share(figures.harsh),
        control_ok=_share(figures.control_ok),
        macro_f1=figures.macro_f1,
    )


def _share(one: Share) -> MeasuredShare:
    return MeasuredShare(count=one.count, of=one.of, low=one.low, high=one.high)
