#!/usr/bin/env bash
# Generates bundles and clients from nothing, in a copy of the tree, and fails if they differ by one byte or one file, or
# if a second run changes anything. The tree itself is only read, so unsaved work is neither lost nor mistaken for drift.
set -euo pipefail

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

mkdir "$copy/want" "$copy/got"
# Untracked files count, ignored and deleted ones do not.
git ls-files -z -co --exclude-standard | while IFS= read -r -d '' f; do
	if [ -f "$f" ]; then printf '%s\0' "$f"; fi
done | tar -c --null -T - | tar -x -C "$copy/want"
cp -r "$copy/want/." "$copy/got"
# Beside the generated files stand only tests and, in gen/internal, what they share: both are written by hand.
find "$copy/got/gen" -type f ! -name '*_test.go' ! -path "$copy/got/gen/internal/*" -delete
rm -r "$copy/got/specs/bundle" "$copy"/got/specs/*.gen.go

(cd "$copy/got" && go generate ./...)
if ! diff -ru "$copy/want" "$copy/got"; then
	echo "generate-check: gen/ or specs/bundle is not what the documents give; run make generate" >&2
	exit 1
fi
(cd "$copy/got" && go generate ./...)
if ! diff -ru "$copy/want" "$copy/got"; then
	echo "generate-check: a second run gives other files than the first" >&2
	exit 1
fi
echo "generate-check: all is what the documents give"
