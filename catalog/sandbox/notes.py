"""What was noticed about one run, as findings: bounded, each once, safe to show, written by more than one thread."""

import threading

from catalog.facts import Finding, FindingKind
from catalog.terminal import visible_name

# Findings of one run, and characters of each: what a person reads, whatever a program tries to say with them.
MOST_FINDINGS = 50
MOST_CHARACTERS = 200


class Notes:
    """The findings of one run so far."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[tuple[FindingKind, str], int] = {}
        self._first: dict[tuple[FindingKind, str], str] = {}
        self._left_out = 0

    def add(self, kind: FindingKind, detail: str) -> None:
        """Note ``detail``; the same again changes nothing."""
        self._note((kind, detail), "")

    def count(self, kind: FindingKind, what: str, example: str) -> None:
        """Note one more of ``what``, of which only the first ``example`` is told."""
        self._note((kind, what), example)

    def has(self, kind: FindingKind) -> bool:
        """Say whether anything of this kind was noted."""
        with self._lock:
            return any(noted is kind for noted, _ in self._seen)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was noted, in order; where something was left out, the last one says how much."""
        with self._lock:
            noted = list(self._seen.items())
            found = [self._finding(kind, what, times) for (kind, what), times in noted]
            if self._left_out:
                found.append(Finding(kind=FindingKind.LIMIT, detail=f"{self._left_out} more findings left out"))
        return tuple(found)

    def _note(self, key: tuple[FindingKind, str], example: str) -> None:
        with self._lock:
            if key in self._seen:
                self._seen[key] += 1
            elif len(self._seen) < MOST_FINDINGS - 1:
                self._seen[key] = 1
                self._first[key] = example
            else:
                self._left_out += 1

    def _finding(self, kind: FindingKind, what: str, times: int) -> Finding:
        example = self._first[kind, what]
        detail = what
        if example:
            detail += f" ({times} times, first {example})" if times > 1 else f" ({example})"
        detail = visible_name(detail)
        if len(detail) > MOST_CHARACTERS:
            detail = f"{detail[: MOST_CHARACTERS - 1]}…"
        return Finding(kind=kind, detail=detail)
