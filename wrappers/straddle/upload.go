package straddle

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// maxProof is how many bytes a proof may have.
const maxProof = 10_485_760

// How long an upload may take, where the options say nothing: ten megabytes need longer than other calls.
const (
	uploadTimeout        = 10 * time.Minute
	uploadAttemptTimeout = 5 * time.Minute
)

// UploadAuthorizationProof adds the proof that the customer agreed to a charge: a PDF, PNG, JPEG, DOC or DOCX, whose content
// must fit its extension, of at most 10,485,760 bytes. It replaces none that are there. The file is streamed, and opened once
// for each attempt. Unless the options say otherwise an attempt ends after five minutes, and the call after ten.
//
// Source: Straddle, API reference (https://docs.straddle.com).
func (s *ChargesService) UploadAuthorizationProof(ctx context.Context, id string, file *rest.File, opts ...rest.Option) (*Charge, error) {
	return upload[Charge](ctx, (*service)(s), uploadChargeAuthorizationProof, id, file, opts, func(ctx context.Context, api straddleapi.ClientInterface, form *rest.Form) (*http.Response, error) {
		return api.UploadChargeAuthorizationProofWithBody(ctx, id, nil, form.ContentType(), nil, attach(form))
	})
}

// UploadAuthorizationProof adds the proof that the customer agreed to a payout. See
// [ChargesService.UploadAuthorizationProof].
//
// Source: Straddle, API reference (https://docs.straddle.com).
func (s *PayoutsService) UploadAuthorizationProof(ctx context.Context, id string, file *rest.File, opts ...rest.Option) (*Payout, error) {
	return upload[Payout](ctx, (*service)(s), uploadPayoutAuthorizationProof, id, file, opts, func(ctx context.Context, api straddleapi.ClientInterface, form *rest.Form) (*http.Response, error) {
		return api.UploadPayoutAuthorizationProofWithBody(ctx, id, nil, form.ContentType(), nil, attach(form))
	})
}

// upload makes a call with a file.
func upload[T any](ctx context.Context, s *service, op *rest.Operation, id string, file *rest.File, opts []rest.Option, send func(context.Context, straddleapi.ClientInterface, *rest.Form) (*http.Response, error)) (*T, error) {
	check := rest.First(rest.UUID("id", id), rest.CheckFile("File", file, maxProof))
	opts = slices.Insert(slices.Clone(opts), 0, rest.Timeout(uploadTimeout), rest.AttemptTimeout(uploadAttemptTimeout))
	return call[T](ctx, s, op, check, opts, func(ctx context.Context, api straddleapi.ClientInterface) (*http.Response, error) {
		if err := rest.CheckFile("File", file, maxProof); err != nil { // nor can it be sent unchecked
			return nil, err
		}
		return send(ctx, api, rest.NewForm("File", file))
	})
}

// attach makes form the body of a request.
func attach(form *rest.Form) straddleapi.RequestEditorFn {
	return func(_ context.Context, req *http.Request) error { return form.Attach(req) }
}
