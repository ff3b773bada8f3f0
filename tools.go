//go:build tools || generate

// Package fintoken holds nothing but the directives that make what is generated from the documents in specs/ and the one
// of the sandbox's admin API: bundles and slices in specs/bundle, clients in gen/.
// It is never compiled into a program. The versions of the tools are pinned in tools/go.mod; run `make generate`.
package fintoken

//go:generate go -C tools run ./bundle ../specs/finapi-access.yaml
//go:generate go tool -modfile=tools/go.mod oapi-codegen -config tools/oapi-codegen/finapi-access.yaml specs/bundle/finapi-access.yaml
//go:generate go -C tools run ./generate ../specs/bundle/finapi-access.yaml ../gen/finapiaccess/finapiaccess.gen.go ../wrappers/finapi
//go:generate go -C tools run ./bundle ../specs/finogates.yaml
//go:generate go tool -modfile=tools/go.mod oapi-codegen -config tools/oapi-codegen/finogates.yaml specs/bundle/finogates.yaml
//go:generate go -C tools run ./generate ../specs/bundle/finogates.yaml ../gen/finogatesapi/finogatesapi.gen.go ../wrappers/finogates
//go:generate go -C tools run ./bundle ../specs/straddle.yaml
//go:generate go tool -modfile=tools/go.mod oapi-codegen -config tools/oapi-codegen/straddle.yaml specs/bundle/straddle.yaml
//go:generate go -C tools run ./generate ../specs/bundle/straddle.yaml ../gen/straddleapi/straddleapi.gen.go ../wrappers/straddle
//go:generate go -C tools run ./generate list ../docs/operations.md ../specs/bundle ../internal/operations
//go:generate go tool -modfile=tools/go.mod oapi-codegen -config tools/oapi-codegen/sandbox-admin.yaml sandbox/admin.yaml
//go:generate go -C tools run ./generate ../sandbox/admin.yaml ../gen/sandboxadmin/sandboxadmin.gen.go
