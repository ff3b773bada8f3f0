package lab

import "net/http"

type ThingRequest struct {
	Name         string            `json:"name,omitempty"`
	ClientSecret string            `json:"client_secret,omitempty"`
	PIN          *string           `json:"pin,omitempty"`
	Part         *ThingRequestPart `json:"part,omitempty"`
}

type ThingRequestPart struct {
	AccountNumber string `json:"account_number,omitempty"`
}

type List struct {
	Things []ThingRequest           `json:"things,omitempty"`
	ByName map[string]*ThingRequest `json:"by_name,omitempty"`
}

type Plain struct {
	ClientSecret string `json:"client_secret,omitempty"`
}

type MakeThingParams struct {
	APIKey *string `form:"api-key,omitempty" json:"api-key,omitempty"`
	Page   *string `form:"page,omitempty" json:"page,omitempty"`
}

type MakeThingResult struct {
	Body         []byte
	HTTPResponse *http.Response
	JSON200      *List
}

type Alias = ThingRequest

type Client struct{ Server string }

type ClientWithResponses struct{}

type hidden struct{}
