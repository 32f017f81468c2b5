"""Whether memory stays flat: peak memory after judging a tenth of a stream of made-up tools, and after all of it.

Usage: python -P bench/memory.py [TOOLS] (default 50000; 500000 takes some two minutes).
"""

import resource
import sys
from collections.abc import Iterator

from classification import PER_SERVER, definitions

from catalog.rules import load_ruleset
from classifier.classify import classify_stream
from classifier.definition import Tool

TOOLS = 50_000


def servers(count: int) -> Iterator[list[Tool]]:
    """Yield servers of made-up tools; each name is new, so that nothing can be remembered."""
    made = definitions(PER_SERVER * 25)
    for number in range(count // PER_SERVER):
        part = made[number % 25 * PER_SERVER : (number % 25 + 1) * PER_SERVER]
        yield [Tool.from_json({**one, "name": f"{one['name']}_{number}"}) for one in part]


def peak() -> float:
    """Return the peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TOOLS
    early = 0.0
    for number, _ in enumerate(classify_stream(load_ruleset(), servers(count)), 1):
        if number == count // PER_SERVER // 10:
            early = peak()
    print(
        f"memory:     {early:.0f} MB after a tenth of {count:,} tools, "
        f"{peak():.0f} MB after all ({peak() / early:.2f} x)"
    )


if __name__ == "__main__":
    main()
