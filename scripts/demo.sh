#!/usr/bin/env bash
# The main job on real servers: sync TrueNAS, build the site, write policies; everything below $2.
set -euo pipefail
bin=$1 out=$2
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
  "$bin/catalog" export "$server" --format policylayer -o "$out/policies/$server.policy.json" 2>"$out/policies/$server.notes.txt"
done

echo
"$bin/catalog" list
echo
tools=$("$bin/catalog" list --json | "$bin/python" -c 'import json, sys; print(sum(s["tools"] + s["actions"] for s in json.load(sys.stdin)))')
echo "Found:    $tools tools on $(echo "$servers" | wc -w) real servers"
echo "Site:     $out/site/index.html  (catalog site serve -o $out/site)"
echo "Policies: $(ls "$out"/policies/*.policy.json | tr '\n' ' ')"
test "$tools" -ge 80
