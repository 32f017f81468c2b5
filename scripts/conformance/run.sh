#!/usr/bin/env bash
# Verify every export with every engine that runs here, on real servers: run.sh BIN FOLDER [COMMAND OF A SERVER…]
# A command names one more server, for example a recorded dispatcher; without one a made-up dispatcher stands in.
# NEAR: near misses for so many rules of each decision (the big clients take a while over each call).
set -euo pipefail
bin=$1 out=$2
shift 2
export CATALOG_DATABASE_URL="$out/catalog.db"

# 3: some servers could not be listed (the npm package of the reference server may not be served).
"$bin/catalog" sync truenas filesystem fetch git github memory slack || { code=$?; [ "$code" -eq 3 ] || exit "$code"; }
[ $# -gt 0 ] || set -- python3 tests/support/catalog_testing/servers/dispatcher.py '{"shape": "lines"}'
"$bin/catalog" sync -- "$@"
servers=$("$bin/catalog" list --json | "$bin/python" -c 'import json, sys; print(*(s["slug"] for s in json.load(sys.stdin) if s["listed"]))')

# Examples: a condition on values that nobody has filled in refuses every call alike.
examples=(--set allowed_hosts=api.example.com --set allowed_folders=/srv/reports
  --set allowed_recipients=me@example.com --set allowed_currencies=EUR)
worst=0
for profile in baseline hardened; do
  [ "$profile" = hardened ] && values=("${examples[@]}") || values=()
  code=0
  # Word splitting is meant: slugs have no spaces.
  # shellcheck disable=SC2086
  "$bin/catalog" policy verify $servers --format "${FORMAT:-all}" --near "${NEAR:-3}" --profile "$profile" --json \
    "${values[@]}" >"$out/$profile.json" || code=$?
  # 3: not everything could be asked; whatever else outweighs it.
  case $code in 0) ;; 3) [ "$worst" -ne 0 ] || worst=3 ;; *) worst=$code ;; esac
done
"$bin/python" scripts/conformance/table.py "$out"/baseline.json "$out"/hardened.json | tee "$out/table.md"
exit "$worst"
