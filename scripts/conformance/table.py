"""The table of docs/policies.md from what ``catalog policy verify --json`` printed: table.py FILE…"""

import json
import sys
from collections import defaultdict
from pathlib import Path

COUNTS = ("calls", "equal", "listed", "stricter", "looser")

rows: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
servers: dict[tuple[str, str, str], set[str]] = defaultdict(set)
silent: dict[tuple[str, str, str], set[str]] = defaultdict(set)
wrong: list[str] = []
for file in sys.argv[1:]:
    for proof in json.loads(Path(file).read_text(encoding="utf-8")):
        row = (proof["format"], proof["engine"] or "none runs here", proof["version"])
        if "calls" not in proof:
            silent[(*row[:2], "")].add(proof["refused"] or proof["not_asked"])
            continue
        servers[row].add(proof["server"])
        for count in COUNTS:
            rows[row][count] += proof[count]
        wrong += [
            f"{proof['format']} {proof['server']} {proof['profile']}: {one['standing']}: {one['tool']} "
            f"{json.dumps(one['arguments'])} ({one['kind']}): {one['got']}, but {one['wanted']} is wanted"
            for one in proof["unexpected"]
        ]

print("| Format | Engine | Version | Servers | Calls | Equal | Stricter, listed | Stricter, not listed | Looser |")
print("|---|---|---|--:|--:|--:|--:|--:|--:|")
for row, counts in sorted(rows.items()):
    numbers = " | ".join(f"{counts[count]:,}" for count in COUNTS)
    print(f"| `{row[0]}` | {row[1]} | {row[2]} | {len(servers[row])} | {numbers} |")
for row, reasons in sorted(silent.items()):
    print(f"\nNot asked: `{row[0]}`, {row[1]}: {'; '.join(sorted(reasons))[:400]}")
for line in wrong[:40]:
    print(line, file=sys.stderr)
if len(wrong) > 40:
    print(f"and {len(wrong) - 40} more", file=sys.stderr)
