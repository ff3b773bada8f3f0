#!/usr/bin/env bash
# Makes a GitHub release of what release.sh has left in a folder, after checking the sums once more. Needs gh and its
# token in the environment. tools/release/publish.sh v1.2.3 dist
set -euo pipefail

version=${1:?the version, such as v1.2.3}
out=${2:-dist}
(cd "$out" && sha256sum --check --strict checksums.txt)
flags=(--verify-tag --generate-notes --title "$version")
[[ $version == *-* ]] && flags+=(--prerelease)
gh release create "$version" "${flags[@]}" "$out"/fintoken_* "$out/checksums.txt" "$out/fintoken.rb"
