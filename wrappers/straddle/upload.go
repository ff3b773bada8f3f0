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

// uploadTimeout is how long an upload may take, where the options say nothing: ten megabytes need longer than other calls.
const uploadTimeout = 10 * time.Minute

// UploadAuthorizationProof adds the proof that the customer agreed to a charge: a PDF, PNG, JPEG, DOC or DOCX, whose content
// must fit its extension, of at most 10,485,760 bytes. It replaces none that are there. The file is streamed, and read anew for
// each attempt; see [rest.Form]. Unless the options say otherwise the call ends after ten minutes.
//
// Source: Straddle, API reference (https://docs.straddle.com).
func (s *ChargesService) UploadAuthorizationProof(ctx context.Context, id string, file *rest.File, opts ...rest.Option) (*Charge, error) {
	return upload[Charge](ctx, (*service)(s), uploadChargeAuthorizationProof, id, file, opts, func(ctx context.Context, api straddleapi.ClientInterface, form *rest.Form) (*http.Response, error) {
		return api.UploadChargeAuthorizationProofWithBody(ctx, id, nil, form.ContentType(), nil, form.Attach)
	})
}

// UploadAuthorizationProof adds the proof that the customer agreed to a payout. See
// [ChargesService.UploadAuthorizationProof].
//
// Source: Straddle, API reference (https://docs.straddle.com).
func (s *PayoutsService) UploadAuthorizationProof(ctx context.Context, id string, file *rest.File, opts ...rest.Option) (*Payout, error) {
	return upload[Payout](ctx, (*service)(s), uploadPayoutAuthorizationProof, id, file, opts, func(ctx context.Context, api straddleapi.ClientInterface, form *rest.Form) (*http.Response, error) {
		return api.UploadPayoutAuthorizationProofWithBody(ctx, id, nil, form.ContentType(), nil, form.Attach)
	})
}

// upload makes a call with a file.
func upload[T any](ctx context.Context, s *service, op *rest.Operation, id string, file *rest.File, opts []rest.Option, send func(context.Context, straddleapi.ClientInterface, *rest.Form) (*http.Response, error)) (*T, error) {
	form := rest.NewForm("File", file, maxProof)
	opts = slices.Insert(slices.Clone(opts), 0, rest.Timeout(uploadTimeout))
	return call[T](ctx, s, op, rest.First(rest.UUID("id", id), form.Check()), opts, func(ctx context.Context, api straddleapi.ClientInterface) (*http.Response, error) {
		return send(ctx, api, form)
	})
}
