#!/usr/bin/env bash
# Compares the bundle of every document with the one it grew out of: that of the same name where this branch left the
# branch in $1, or the document of one file that had no bundle there.
# A break that is wanted, because the provider does otherwise than the document said, goes into accepted.txt.
set -euo pipefail

if ! git rev-parse --verify --quiet "$1^{commit}" >/dev/null; then
	echo "specs-breaking: skipped, there is no $1 here to compare with"
	exit 0
fi
if ! base=$(git merge-base "$1" HEAD); then
	echo "specs-breaking: skipped, this branch has no commit in common with $1"
	exit 0
fi

old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
failed=0
while IFS= read -r doc; do
	if [ ! -f "$doc" ]; then
		echo "specs-breaking: $doc is in $1 and gone here"
		failed=1
	fi
done < <(git ls-tree --name-only "$base" specs/ | grep '\.yaml$')
for doc in specs/*.yaml; do
	name=$(basename "$doc")
	if ! git show "$base:specs/bundle/$name" >"$old/$name" 2>/dev/null && ! git show "$base:$doc" >"$old/$name" 2>/dev/null; then
		echo "specs-breaking: $doc skipped, it is not in $1"
		continue
	fi
	echo "specs-breaking: $doc against $1"
	go tool -modfile=tools/oasdiff/go.mod oasdiff breaking "$old/$name" "specs/bundle/$name" --fail-on ERR \
		--allow-external-refs=false --err-ignore tools/oasdiff/accepted.txt || failed=1
done
exit "$failed"
