#!/usr/bin/env bash
# Builds the program for every platform and leaves in a folder: an archive a platform with the program, its manual pages
# and completion scripts; a bill of materials an archive; the checksums of all of them; the Homebrew formula. The same
# commit gives the same bytes. Run it from the root of the tree: tools/release/release.sh v1.2.3 dist
set -euo pipefail

version=${1:?the version, such as v1.2.3}
out=${2:-dist}
[[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || { echo "release: $version is no version such as v1.2.3" >&2; exit 2; }

export CGO_ENABLED=0 GOWORK=off GOFLAGS=-buildvcs=false LC_ALL=C
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # os arch file
	GOOS=$1 GOARCH=$2 go build -trimpath -ldflags "-s -w -X main.version=$version" -o "$3" ./cmd/fintoken
}

# What is the same for all of them comes from the program itself.
build "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$work/host"
mkdir -p "$work/share/completions"
"$work/host" man "$work/share/man"
for shell in bash zsh fish; do
	"$work/host" completion "$shell" >"$work/share/completions/fintoken.$shell"
done
"$work/host" completion powershell >"$work/share/completions/fintoken.ps1" # PowerShell reads no other ending
go -C tools build -o "$work/sbom" ./release/sbom

for platform in ${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}; do
	os=${platform%/*} arch=${platform#*/}
	name=fintoken_${version#v}_${os}_${arch}
	program=fintoken
	[[ $os == windows ]] && program=fintoken.exe
	mkdir "$work/$name"
	build "$os" "$arch" "$work/$name/$program"
	cp -R LICENSE README.md "$work/share/man" "$work/share/completions" "$work/$name/"
	tar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -C "$work" -cf - "$name" | gzip -n -9 >"$out/$name.tar.gz"
	"$work/sbom" -version "$version" -time "$time" "$work/$name/$program" >"$out/$name.cdx.json"
done

(cd "$out" && sha256sum fintoken_* >checksums.txt)

sum() { awk -v name="fintoken_${version#v}_$1.tar.gz" '$2 == name { print $1 }' "$out/checksums.txt"; }
sed -e "s/@VERSION@/${version#v}/g" \
	-e "s/@DARWIN_ARM64@/$(sum darwin_arm64)/" -e "s/@DARWIN_AMD64@/$(sum darwin_amd64)/" \
	-e "s/@LINUX_ARM64@/$(sum linux_arm64)/" -e "s/@LINUX_AMD64@/$(sum linux_amd64)/" \
	tools/release/fintoken.rb.tmpl >"$out/fintoken.rb"
cat "$out/checksums.txt"
