"""``catalog evaluate`` through the real program."""

import json
from pathlib import Path

from catalog_testing.commandline import CommandLine

ROWS = (
    {
        "server": "one",
        "tool": {"name": "list_letters"},
        "gold": {"category": "Read", "acceptable": ["Read"], "control_ok": ["allow"]},
    },
    {
        "server": "one",
        "tool": {"name": "send_letter"},
        "gold": {"category": "Read", "acceptable": ["Read"], "control_ok": ["allow"]},
    },
)


def gold(tmp_path: Path) -> Path:
    file = tmp_path / "gold.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return file


def test_figures_and_errors_come_with_evidence(cli: CommandLine, tmp_path: Path) -> None:
    done = cli.run("evaluate", gold(tmp_path), "--json")
    report = json.loads(done.out)
    assert done.code == 0
    assert (report["acceptable"], report["harsh"]) == (0.5, 0.5)
    assert [(one["name"], one["harsh"], one["evidence"][0]["text"]) for one in report["errors"]] == [
        ("send_letter", True, "send")
    ]
    assert "send_letter" in cli.run("evaluate", gold(tmp_path)).out


def test_a_missed_limit_fails_and_names_the_figure(cli: CommandLine, tmp_path: Path) -> None:
    done = cli.run("evaluate", gold(tmp_path), "--at-least", "acceptable=0.98", "--at-most", "unsafe=0.01")
    assert done.code == 1
    assert "acceptable is 0.5000, not at least 0.98" in done.err
    assert "unsafe" not in done.err
    assert cli.run("evaluate", gold(tmp_path), "--at-least", "acceptable=0.5").code == 0


def test_a_limit_on_no_figure_is_a_usage_error(cli: CommandLine, tmp_path: Path) -> None:
    done = cli.run("evaluate", gold(tmp_path), "--at-least", "beauty=0.98")
    assert done.code == 2
    assert "no figure 'beauty'" in done.err


def test_labels_of_packages_that_nobody_looked_at_say_what_to_run(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    label = {"package": "pkg:npm/letters@1.0.0", "tool": "send", "acceptable": ["Write"], "control_ok": ["limit"]}
    file.write_text(json.dumps(label), encoding="utf-8")
    done = cli.run("evaluate", file)
    assert done.code == 1
    assert "catalog sync" in done.err
