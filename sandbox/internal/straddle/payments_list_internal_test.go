package straddle

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	api "github.com/fintoken/fintoken-go/wrappers/straddle"
)

func (w *payer) list(p api.ListPaymentsParams) (ids []string) {
	w.t.Helper()
	page, err := w.Payments.List(w.ctx, p)
	require.NoError(w.t, err)
	for _, row := range page.Items {
		ids = append(ids, row.ID)
	}
	return ids
}

// TestListPayments: every parameter of the list leaves out what it says, alone and with several values.
func TestListPayments(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	original := w.charge("failed_insufficient_funds")
	refunded := w.charge("paid")
	w.advance(10 * time.Minute)
	other := w.paykey(w.customer("other@example.com", "verified").ID, "987654321", "active")
	request := w.chargeRequest("standard")
	request.Paykey, request.Amount, request.ExternalID, request.PaymentDate, request.Description = other.Paykey, 77, "order-2, second", "2026-02-02", "Wine"
	apart, err := w.Charges.Create(w.ctx, request)
	require.NoError(t, err)
	again, err := w.Charges.Resubmit(w.ctx, original.ID, straddleapi.ResubmitChargeRequest{})
	require.NoError(t, err)
	refund, err := w.Charges.Refund(w.ctx, refunded.ID, straddleapi.RefundChargeRequest{})
	require.NoError(t, err)
	e := w.simulate("charges", "")
	w.advance(time.Minute)

	all := []string{original.ID, refunded.ID, apart.ID, again.ID, refund.ID}
	assert.ElementsMatch(t, all, w.list(api.ListPaymentsParams{}))
	yes, no := ptr(true), ptr(false)
	later := stamp(noon.Add(10 * time.Minute))
	cases := []struct {
		params api.ListPaymentsParams
		want   []string
	}{
		{api.ListPaymentsParams{PaymentType: []straddleapi.PaymentType{"payout"}}, []string{refund.ID}},
		{api.ListPaymentsParams{PaymentType: []straddleapi.PaymentType{"payout", "charge"}}, all},
		{api.ListPaymentsParams{PaymentStatus: []straddleapi.PaymentStatus{"failed", "paid"}}, []string{original.ID, refunded.ID}},
		{api.ListPaymentsParams{PaymentID: strings.ToUpper(apart.ID)}, []string{apart.ID}},
		{api.ListPaymentsParams{ExternalID: "order-2, second"}, []string{apart.ID}},
		{api.ListPaymentsParams{ExternalID: "order-2"}, nil},
		{api.ListPaymentsParams{CustomerID: other.CustomerID}, []string{apart.ID}},
		{api.ListPaymentsParams{PaykeyID: other.ID}, []string{apart.ID}},
		{api.ListPaymentsParams{Paykey: other.Paykey}, []string{apart.ID}},
		{api.ListPaymentsParams{MinAmount: 78}, []string{original.ID, refunded.ID, again.ID, refund.ID}},
		{api.ListPaymentsParams{MinAmount: 77, MaxAmount: 9_999}, []string{apart.ID}},
		{api.ListPaymentsParams{MinPaymentDate: "2026-02-02"}, []string{apart.ID}},
		{api.ListPaymentsParams{MaxPaymentDate: "2026-02-01"}, []string{original.ID, refunded.ID, again.ID, refund.ID}},
		{api.ListPaymentsParams{MinCreatedAt: later}, []string{apart.ID, again.ID, refund.ID}},
		{api.ListPaymentsParams{MaxCreatedAt: stamp(noon)}, []string{original.ID, refunded.ID}},
		{api.ListPaymentsParams{MinUpdatedAt: stamp(noon.Add(10*time.Minute + time.Second))}, []string{apart.ID, again.ID, refund.ID}},
		{api.ListPaymentsParams{MaxUpdatedAt: later}, []string{original.ID, refunded.ID}},
		{api.ListPaymentsParams{MinEffectiveAt: stamp(noon.Add(2 * time.Minute))}, []string{refunded.ID}},
		{api.ListPaymentsParams{MaxEffectiveAt: stamp(noon.Add(2 * time.Minute))}, []string{refunded.ID}},
		{api.ListPaymentsParams{MaxEffectiveAt: stamp(noon.Add(time.Minute))}, nil},
		{api.ListPaymentsParams{FundingID: strings.ToUpper(e.ID)}, []string{original.ID, refunded.ID}},
		{api.ListPaymentsParams{SearchText: "wine"}, []string{apart.ID}},
		{api.ListPaymentsParams{SearchText: "OTHER@"}, []string{apart.ID}},
		{api.ListPaymentsParams{SearchText: "2, Sec"}, []string{apart.ID}},
		{api.ListPaymentsParams{StatusReason: []straddleapi.PaymentStatusReason{"insufficient_funds", "disputed"}}, []string{original.ID}},
		{api.ListPaymentsParams{StatusSource: []straddleapi.PaymentStatusSource{"bank_decline"}}, []string{original.ID}},
		{api.ListPaymentsParams{IsRefund: yes}, []string{refund.ID}},
		{api.ListPaymentsParams{IsRefund: no, PaymentType: []straddleapi.PaymentType{"payout"}}, nil},
		{api.ListPaymentsParams{HasRefund: yes}, []string{refunded.ID}},
		{api.ListPaymentsParams{HasRefund: no, HasResubmit: no, IsResubmit: no}, []string{apart.ID, refund.ID}},
		{api.ListPaymentsParams{IsResubmit: yes}, []string{again.ID}},
		{api.ListPaymentsParams{HasResubmit: yes}, []string{original.ID}},
	}
	seen := map[string]bool{}
	for _, tt := range cases {
		assert.ElementsMatch(t, tt.want, w.list(tt.params), "%+v", tt.params)
		v := reflect.ValueOf(tt.params)
		for i := range v.NumField() {
			seen[v.Type().Field(i).Name] = seen[v.Type().Field(i).Name] || !v.Field(i).IsZero()
		}
	}
	for name, tried := range seen {
		others := []string{"PageNumber", "PageSize", "SortBy", "SortOrder", "DefaultPageSize", "DefaultSort", "DefaultSortOrder", "IncludeMetadata"}
		assert.NotEqual(t, tried, slices.Contains(others, name), name)
	}
}

// TestPaymentRow: a row has what the payment has, and metadata if they are asked for.
func TestPaymentRow(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	request := w.chargeRequest("paid")
	request.Metadata = map[string]string{"order": "7"}
	made, err := w.Charges.Create(w.ctx, request)
	require.NoError(t, err)
	w.advance(2 * time.Minute)
	e := w.simulate("charges", "")
	_, err = w.Charges.Refund(w.ctx, made.ID, straddleapi.RefundChargeRequest{})
	require.NoError(t, err)
	made = w.getCharge(made.ID)
	for _, asked := range []*bool{nil, ptr(false), ptr(true)} {
		page, err := w.Payments.List(w.ctx, api.ListPaymentsParams{IncludeMetadata: asked, PaymentID: made.ID})
		require.NoError(t, err)
		want := straddleapi.PaymentSummary{
			ID: made.ID, PaymentType: "charge", PaymentDate: made.PaymentDate, EffectiveAt: made.EffectiveAt, Description: made.Description,
			ExternalID: made.ExternalID, Amount: made.Amount, Currency: "USD", CustomerDetails: made.CustomerDetails, Paykey: made.Paykey,
			PaykeyDetails: made.PaykeyDetails, Status: "paid", StatusDetails: made.StatusDetails, FundingID: e.ID, FundingIds: []string{e.ID},
			CreatedAt: made.CreatedAt, UpdatedAt: made.UpdatedAt, TraceIds: made.TraceIds, RelatedPayments: made.RelatedPayments,
			IsRefund: ptr(false), HasRefund: ptr(true), IsResubmit: ptr(false), HasResubmit: ptr(false),
		}
		if asked != nil && *asked {
			want.Metadata = request.Metadata
		}
		assert.Equal(t, []straddleapi.PaymentSummary{want}, page.Items)
	}
}

// TestPaymentOrders: the list comes in every order there is, both ways, by default by id.
func TestPaymentOrders(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	var made []string // by their age
	for i, date := range []straddleapi.Date{"2026-01-07", "2026-01-06", "2026-01-05"} {
		request := w.chargeRequest("paid")
		request.Amount, request.PaymentDate = int64(30-i), date
		charge, err := w.Charges.Create(w.ctx, request)
		require.NoError(t, err)
		made = append(made, charge.ID)
		w.advance(time.Second)
	}
	w.advance(96 * time.Hour)
	_, err := w.Charges.UploadAuthorizationProof(w.ctx, made[1], pdf())
	require.NoError(t, err)
	a, b, c := made[0], made[1], made[2]
	for by, want := range map[straddleapi.PaymentSortBy][]string{
		"created_at": {a, b, c}, "payment_date": {c, b, a}, "effective_at": {c, b, a}, "amount": {c, b, a}, "updated_at": {c, a, b},
		"": slices.Sorted(slices.Values(made)), "id": slices.Sorted(slices.Values(made)),
	} {
		down := slices.Clone(want)
		slices.Reverse(down)
		assert.Equal(t, want, w.list(api.ListPaymentsParams{SortBy: by}), by)
		assert.Equal(t, down, w.list(api.ListPaymentsParams{SortBy: by, SortOrder: "desc"}), by)
		assert.Equal(t, down, w.list(api.ListPaymentsParams{DefaultSort: by, DefaultSortOrder: "desc"}), by)
	}
	assert.Equal(t, []string{a, b, c}, w.list(api.ListPaymentsParams{SortBy: "created_at", DefaultSort: "amount", SortOrder: "asc", DefaultSortOrder: "desc"}))
	page, err := w.Payments.List(w.ctx, api.ListPaymentsParams{DefaultPageSize: 2, PageNumber: 2})
	require.NoError(t, err)
	assert.Len(t, page.Items, 1)
	assert.Equal(t, []int{2, 2, 2, 3}, []int{page.PageNumber, page.PageSize, page.TotalPages, page.TotalItems})
}

// TestManyPayments: a page of a thousand rows, and all pages after each other.
func TestManyPayments(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	const n = 1001
	for range n {
		w.charge("standard")
	}
	page, err := w.Payments.List(w.ctx, api.ListPaymentsParams{PageSize: 1000})
	require.NoError(t, err)
	assert.Len(t, page.Items, 1000)
	assert.Equal(t, 2, page.TotalPages)
	seen := map[string]bool{}
	for row, err := range w.Payments.All(w.ctx, api.ListPaymentsParams{}) {
		require.NoError(t, err)
		seen[row.ID] = true
	}
	assert.Len(t, seen, n)
}
