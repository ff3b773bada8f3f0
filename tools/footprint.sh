#!/usr/bin/env bash
# Builds a program that imports one provider and nothing else, outside this tree, and shows what came along.
set -euo pipefail

tree=$PWD
module=github.com/fintoken/fintoken-go
consumer=$(mktemp -d)
trap 'rm -rf "$consumer"' EXIT
cd "$consumer"

cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

func main() {
	client, err := straddle.New(straddle.Config{APIKey: secret.New("key")})
	fmt.Println(client != nil, err)
}
GO
go mod init example.com/consumer 2>/dev/null
go mod edit -go="$(cd "$tree" && go list -m -f '{{.GoVersion}}')" -require="$module@v0.0.0" -replace="$module=$tree"
go mod tidy 2>/dev/null
go build -trimpath -ldflags='-s -w' -o consumer .

echo "linked modules:"
go version -m consumer | awk '$1 == "dep" { print "  " $2, $3 }'
echo "modules in the build list:  $(go list -m all | wc -l)"
echo "lines in go.sum:            $(wc -l <go.sum)"
echo "size of the program, bytes: $(stat -c %s consumer)"
