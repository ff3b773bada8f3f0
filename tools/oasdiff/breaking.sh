#!/usr/bin/env bash
# Compares every document with the one it grew out of: the same file where this branch left the branch in $1.
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

failed=0
while IFS= read -r doc; do
	if [ ! -f "$doc" ]; then
		echo "specs-breaking: $doc is in $1 and gone here"
		failed=1
	fi
done < <(git ls-tree --name-only "$base" specs/ | grep '\.yaml$')
for doc in specs/*.yaml; do
	if git cat-file -e "$base:$doc" 2>/dev/null; then
		echo "specs-breaking: $doc against $1"
	else
		echo "specs-breaking: $doc skipped, it is not in $1"
	fi
done

go tool -modfile=tools/oasdiff/go.mod oasdiff breaking-files specs/*.yaml --base "$base" --fail-on ERR \
	--allow-external-refs=false --err-ignore tools/oasdiff/accepted.txt || failed=1
exit "$failed"
