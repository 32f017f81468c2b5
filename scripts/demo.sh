#!/usr/bin/env bash
# The main job on real servers: sync TrueNAS, build the site, write policies; everything below $2.
set -euo pipefail
bin=$1 out=$2
# What an earlier run found must not be taken for what this one finds.
rm -rf "$out/policies" "$out/catalog.db"*
mkdir -p "$out/policies"
export CATALOG_DATABASE_URL="$out/catalog.db"

echo "== catalog sync truenas =="
# 3: some servers of the product could not be listed (the npm package of the reference server may not be served).
"$bin/catalog" sync truenas || { code=$?; [ "$code" -eq 3 ] || exit "$code"; }

echo
echo "== catalog site build =="
"$bin/catalog" site build --check -o "$out/site"

echo
echo "== catalog export =="
servers=$("$bin/catalog" list --json | "$bin/python" -c 'import json, sys; print(*(s["slug"] for s in json.load(sys.stdin) if s["listed"]))')
for server in $servers; do
  policy=$out/policies/$server.policy.json notes=$out/policies/$server.notes.txt
  "$bin/catalog" export "$server" --format policylayer -o "$policy" 2>"$notes" || { code=$?; cat "$notes" >&2; exit "$code"; }
  echo "$policy"
done

echo
"$bin/catalog" list
echo
tools=$("$bin/catalog" list --json | "$bin/python" -c 'import json, sys; print(sum(s["tools"] + s["actions"] for s in json.load(sys.stdin)))')
count=$(echo "$servers" | wc -w)
echo "Found:    $tools tools on $count real servers"
echo "Site:     $out/site/index.html  (or: $bin/catalog --db $out/catalog.db site serve)"
echo "Policies: $out/policies/"
if [ "$tools" -lt 80 ] || [ "$count" -lt 2 ]; then
  echo "demo: expected at least 80 tools on 2 servers; see above why a server was not listed" >&2
  exit 1
fi
