package finapi

import (
	"net/http"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// operations are the calls of a version of the API.
type operations struct {
	// One call, by its grant. A client's token may be fetched twice without harm. A password may not: each wrong one
	// counts towards locking its user. Nor may a refresh token, which may be good for one use only.
	byClient, byPassword, byRefresh *rest.Operation
	// Revoking twice does no harm, and the status alone tells how it went (RFC 7009 §2.2).
	revoke, revokeInQuery *rest.Operation
}

// versions are the calls of each version.
var versions = map[APIVersion]operations{
	V1: operationsOf(V1, "", "/oauth"),
	V2: operationsOf(V2, "V2", "/api/v2/oauth"),
}

// operationsOf returns the calls of v, whose operationIds end with suffix.
func operationsOf(v APIVersion, suffix, path string) operations {
	getToken := func(repeat rest.Repeat) *rest.Operation {
		return &rest.Operation{
			API: apis[v], Name: "getToken" + suffix, Method: http.MethodPost, Path: path + "/token",
			Repeat: repeat, Public: true, MaxBody: rest.TokenMaxBody,
		}
	}
	revoke := func(uncertain bool) *rest.Operation {
		return &rest.Operation{
			API: revocations(v, uncertain), Name: "revokeToken" + suffix, Method: http.MethodPost, Path: path + "/revoke",
			Repeat: rest.RepeatFreely, NoContent: true, MaxBody: rest.TokenMaxBody,
		}
	}
	return operations{
		byClient:   getToken(rest.RepeatFreely),
		byPassword: getToken(rest.RepeatPassword),
		byRefresh:  getToken(rest.RepeatRefused),
		revoke:     revoke(v == V1),

		revokeInQuery: revoke(false),
	}
}

// getToken returns the operation of a grant. One that does not exist is refused before it is sent, as a password.
func (o operations) getToken(grant finapiaccess.GrantType) *rest.Operation {
	switch grant {
	case finapiaccess.GrantTypeClientCredentials:
		return o.byClient
	case finapiaccess.GrantTypeRefreshToken:
		return o.byRefresh
	}
	return o.byPassword
}
