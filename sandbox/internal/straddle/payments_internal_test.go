package straddle

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	api "github.com/fintoken/fintoken-go/wrappers/straddle"
)

// payer is a customer with a paykey that can pay.
type payer struct {
	*town
	customerID, key, keyID string
}

func newPayer(t *testing.T) *payer {
	t.Helper()
	w := newTown(t)
	customer := w.customer("payer@example.com", "verified")
	key := w.paykey(customer.ID, "123456789", "active")
	w.events()
	return &payer{w, customer.ID, key.Paykey, key.ID}
}

func (w *payer) chargeRequest(outcome straddleapi.SimulatedPaymentOutcome) straddleapi.CreateChargeRequest {
	return straddleapi.CreateChargeRequest{
		Paykey: w.key, Description: "An order", Amount: 10_000, Currency: "USD", PaymentDate: straddleapi.Date(today(w.e.Clock().Now())),
		ConsentType: api.ConsentTypeInternet, Device: straddleapi.PaymentDevice{IPAddress: "203.0.113.7"}, ExternalID: "order-1",
		Config: straddleapi.ChargeConfiguration{BalanceCheck: api.BalanceCheckModeEnabled, SandboxOutcome: outcome},
	}
}

func (w *payer) payoutRequest(outcome straddleapi.SimulatedPaymentOutcome) straddleapi.CreatePayoutRequest {
	c := w.chargeRequest(outcome)
	return straddleapi.CreatePayoutRequest{
		Paykey: c.Paykey, Description: c.Description, Amount: c.Amount, Currency: c.Currency, PaymentDate: c.PaymentDate,
		Device: c.Device, ExternalID: c.ExternalID, Config: &straddleapi.PayoutConfiguration{SandboxOutcome: outcome},
	}
}

// charge makes one, and payout does.
func (w *payer) charge(outcome straddleapi.SimulatedPaymentOutcome, opts ...rest.Option) *straddleapi.Charge {
	w.t.Helper()
	made, err := w.Charges.Create(w.ctx, w.chargeRequest(outcome), opts...)
	require.NoError(w.t, err)
	return made
}

func (w *payer) payout(outcome straddleapi.SimulatedPaymentOutcome) *straddleapi.Payout {
	w.t.Helper()
	made, err := w.Payouts.Create(w.ctx, w.payoutRequest(outcome))
	require.NoError(w.t, err)
	return made
}

// paid makes a charge that is paid.
func (w *payer) paid() *straddleapi.Charge {
	w.t.Helper()
	made := w.charge("paid")
	w.advance(2 * time.Minute)
	return w.getCharge(made.ID)
}

func (w *payer) getCharge(id string) *straddleapi.Charge {
	w.t.Helper()
	got, err := w.Charges.Get(w.ctx, id)
	require.NoError(w.t, err)
	return got
}

func (w *payer) getPayout(id string) *straddleapi.Payout {
	w.t.Helper()
	got, err := w.Payouts.Get(w.ctx, id)
	require.NoError(w.t, err)
	return got
}

// history is what a payment has been through: status, reason, source, perhaps a code, and when since noon.
func history(t *testing.T, of []straddleapi.PaymentStatusHistory) (list []string) {
	t.Helper()
	for _, h := range of {
		at, err := h.ChangedAt.Time()
		require.NoError(t, err)
		assert.NotEmpty(t, h.Message)
		list = append(list, strings.TrimSpace(fmt.Sprintf("%v %s %s %s %s", at.Sub(noon), h.Status, h.Reason, h.Source, h.Code)))
	}
	return list
}

// What the courses begin with.
var (
	atNoon    = []string{"0s created ok system"}
	scheduled = append(slices.Clip(atNoon), "5s scheduled ok system")
	sent      = append(slices.Clip(scheduled), "50s pending ok system", "55s pending ok system", "1m0s pending ok system")
	funded    = append(slices.Clip(sent), "2m0s paid ok system")
)

// outcomes are where each sandbox_outcome leads: as Straddle's page of the sandbox says, at the times that were seen.
var outcomes = map[straddleapi.SimulatedPaymentOutcome][]string{
	"standard":                    append(slices.Clip(scheduled), "10h0m0s pending ok system", "34h0m0s paid ok system"), // 17:00 in the US East
	"paid":                        funded,
	"on_hold_daily_limit":         append(slices.Clip(atNoon), "5s on_hold amount_too_large watchtower"),
	"cancelled_for_fraud_risk":    append(slices.Clip(atNoon), "5s cancelled payment_blocked watchtower"),
	"cancelled_for_balance_check": append(slices.Clip(atNoon), "8s cancelled insufficient_funds watchtower"),
	"failed_insufficient_funds":   append(slices.Clip(sent), "2m0s failed insufficient_funds bank_decline R01"),
	"failed_closed_bank_account":  append(slices.Clip(sent), "2m0s failed closed_bank_account bank_decline R02"),
	"failed_customer_dispute":     append(slices.Clip(sent), "2m0s failed disputed customer_dispute R05"),
	"failed_not_authorized":       append(slices.Clip(sent), "2m0s failed disputed customer_dispute R29"),
	"reversed_insufficient_funds": append(slices.Clip(funded), "5m50s reversed insufficient_funds bank_decline R01"),
	"reversed_closed_bank_account": append(slices.Clip(funded),
		"5m50s reversed closed_bank_account bank_decline R02"),
	"reversed_customer_dispute": append(slices.Clip(funded), "5m50s reversed disputed customer_dispute R05"),
	"reversed_not_authorized":   append(slices.Clip(funded), "5m50s reversed disputed customer_dispute R29"),
}

// TestPaymentOutcomes: every outcome, for charges and for payouts, to its end, whether it is looked at on the way or not.
func TestPaymentOutcomes(t *testing.T) {
	t.Parallel()
	n := 0
	for course := range courses {
		if straddleapi.SimulatedPaymentOutcome(course).Valid() {
			n++
		}
	}
	assert.Len(t, outcomes, n, "all there are")
	for outcome, want := range outcomes {
		for _, pace := range []time.Duration{72 * time.Hour, 7 * time.Second} {
			t.Run(fmt.Sprint(outcome, " ", pace), func(t *testing.T) {
				t.Parallel()
				w := newPayer(t)
				out, in := w.charge(outcome), w.payout(outcome)
				assert.Equal(t, outcome, out.Config.SandboxOutcome)
				assert.Equal(t, outcome, in.Config.SandboxOutcome)
				assert.Equal(t, atNoon, history(t, out.StatusHistory))
				for range min(100, 72*time.Hour/pace) {
					w.advance(pace)
					w.events()
				}
				w.advance(72 * time.Hour)
				got := w.getCharge(out.ID)
				assert.Equal(t, want, history(t, got.StatusHistory))
				last := got.StatusHistory[len(got.StatusHistory)-1]
				assert.Equal(t, last.Status, got.Status)
				assert.Equal(t, straddleapi.PaymentStatusDetails{
					ChangedAt: last.ChangedAt, Code: last.Code, Message: last.Message, Reason: last.Reason, Source: last.Source,
				}, got.StatusDetails)

				expected := want
				if outcome == "cancelled_for_balance_check" {
					expected = sent // a payout has no such check
				}
				assert.Equal(t, expected, history(t, w.getPayout(in.ID).StatusHistory))
			})
		}
	}
}

// TestPaymentTimes: when a payment was sent and when it was settled, and its number on the network.
func TestPaymentTimes(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	made := w.charge("paid")
	assert.Empty(t, made.ProcessedAt)
	assert.Empty(t, made.EffectiveAt)
	assert.Equal(t, stamp(noon), made.CreatedAt)
	w.advance(50 * time.Second)
	got := w.getCharge(made.ID)
	assert.Equal(t, stamp(noon.Add(50*time.Second)), got.ProcessedAt)
	assert.Equal(t, got.ProcessedAt, got.UpdatedAt)
	assert.Regexp(t, `^[0-9]{15}$`, got.TraceIds["ach"])
	assert.Empty(t, got.EffectiveAt)
	w.advance(time.Hour)
	paid := w.getCharge(made.ID)
	assert.Equal(t, got.ProcessedAt, paid.ProcessedAt, "once")
	assert.Equal(t, got.TraceIds, paid.TraceIds)
	assert.Equal(t, stamp(noon.Add(2*time.Minute)), paid.EffectiveAt)
}

// TestPaymentDate: a payment is sent on its date, which is one of the US East.
func TestPaymentDate(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	request := w.chargeRequest("paid")
	request.PaymentDate = "2026-07-04"
	made, err := w.Charges.Create(w.ctx, request)
	require.NoError(t, err)
	request.Config.SandboxOutcome = "standard"
	standard, err := w.Charges.Create(w.ctx, request)
	require.NoError(t, err)

	w.advance(time.Date(2026, time.July, 4, 3, 59, 59, 0, time.UTC).Sub(noon)) // in summer, a second before midnight
	assert.Equal(t, api.PaymentStatusScheduled, w.getCharge(made.ID).Status)
	w.advance(time.Second)
	assert.Equal(t, api.PaymentStatusPending, w.getCharge(made.ID).Status)
	w.advance(70 * time.Second)
	assert.Equal(t, api.PaymentStatusPaid, w.getCharge(made.ID).Status)
	w.advance(17*time.Hour - 71*time.Second)
	assert.Equal(t, api.PaymentStatusScheduled, w.getCharge(standard.ID).Status)
	w.advance(time.Second)
	assert.Equal(t, api.PaymentStatusPending, w.getCharge(standard.ID).Status, "the window of the day")
	w.advance(24 * time.Hour)
	assert.Equal(t, api.PaymentStatusPaid, w.getCharge(standard.ID).Status)
}

// reached makes a charge and a payout that have a status.
func (w *payer) reached(status straddleapi.PaymentStatus) (*straddleapi.Charge, *straddleapi.Payout) {
	w.t.Helper()
	outcome, after := straddleapi.SimulatedPaymentOutcome("paid"), time.Duration(0)
	switch status {
	case paymentScheduled:
		after = 5 * time.Second
	case paymentOnHold:
		outcome, after = "on_hold_daily_limit", 5*time.Second
	case paymentPending:
		after = 50 * time.Second
	case paymentPaid:
		after = 2 * time.Minute
	case paymentFailed:
		outcome, after = "failed_closed_bank_account", 2*time.Minute
	case paymentReversed:
		outcome, after = "reversed_closed_bank_account", 6*time.Minute
	case paymentCancelled:
		outcome, after = "cancelled_for_fraud_risk", 5*time.Second
	}
	c, p := w.charge(outcome), w.payout(outcome)
	w.advance(after)
	out, in := w.getCharge(c.ID), w.getPayout(p.ID)
	require.Equal(w.t, status, out.Status)
	require.Equal(w.t, status, in.Status)
	return out, in
}

// TestPaymentMoves: everything that can be done, to a payment in every status: what the table of moves has happens, and
// all else is refused and changes nothing.
func TestPaymentMoves(t *testing.T) {
	t.Parallel()
	for _, from := range []straddleapi.PaymentStatus{
		paymentCreated, paymentScheduled, paymentOnHold, paymentPending, paymentPaid, paymentFailed, paymentReversed, paymentCancelled,
	} {
		for _, by := range []string{"hold", "release", "cancel", "update", "resubmit", "refund"} {
			t.Run(fmt.Sprint(from, " ", by), func(t *testing.T) {
				t.Parallel()
				w := newPayer(t)
				out, in := w.reached(from)
				row := paymentMove(from, by)
				w.events()
				check := func(was, is any, status straddleapi.PaymentStatus, err error) {
					switch {
					case row == nil:
						w.refused(err, 422, fmt.Sprintf("is %s: %s is not possible", from, by))
						assert.Equal(t, was, is, "nothing has changed")
					case len(row.to) > 0:
						require.NoError(t, err)
						assert.Equal(t, row.to[0], status)
						assert.Len(t, w.events(), 1)
					case by == "release":
						require.NoError(t, err)
						assert.Equal(t, was, is, "not held: nothing to do")
						assert.Empty(t, w.events())
					default:
						require.NoError(t, err)
						assert.Equal(t, from, status, "it stays where it is")
						assert.NotEmpty(t, w.events())
					}
				}
				err := w.actCharge(out.ID, by)
				check(out, w.getCharge(out.ID), w.getCharge(out.ID).Status, err)
				if by == "refund" {
					return // of charges alone
				}
				err = w.actPayout(in.ID, by)
				check(in, w.getPayout(in.ID), w.getPayout(in.ID).Status, err)
			})
		}
	}
}

func (w *payer) actCharge(id, by string) (err error) {
	switch by {
	case "hold":
		_, err = w.Charges.Hold(w.ctx, id, straddleapi.UpdateChargeStatusRequest{})
	case "release":
		_, err = w.Charges.Release(w.ctx, id, straddleapi.UpdateChargeStatusRequest{})
	case "cancel":
		_, err = w.Charges.Cancel(w.ctx, id, straddleapi.UpdateChargeStatusRequest{})
	case "update":
		_, err = w.Charges.Update(w.ctx, id, straddleapi.UpdateChargeRequest{Amount: 1, PaymentDate: "2026-02-02"})
	case "resubmit":
		_, err = w.Charges.Resubmit(w.ctx, id, straddleapi.ResubmitChargeRequest{})
	default:
		_, err = w.Charges.Refund(w.ctx, id, straddleapi.RefundChargeRequest{})
	}
	return err
}

func (w *payer) actPayout(id, by string) (err error) {
	switch by {
	case "hold":
		_, err = w.Payouts.Hold(w.ctx, id, straddleapi.UpdatePayoutStatusRequest{})
	case "release":
		_, err = w.Payouts.Release(w.ctx, id, straddleapi.UpdatePayoutStatusRequest{})
	case "cancel":
		_, err = w.Payouts.Cancel(w.ctx, id, straddleapi.UpdatePayoutStatusRequest{})
	case "update":
		_, err = w.Payouts.Update(w.ctx, id, straddleapi.UpdatePayoutRequest{Amount: 1, PaymentDate: "2026-02-02"})
	default:
		_, err = w.Payouts.Resubmit(w.ctx, id, straddleapi.ResubmitPayoutRequest{})
	}
	return err
}

// TestHoldAndRelease: what is held waits, and goes on from its creation when it is released, whoever held it.
func TestHoldAndRelease(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	made := w.charge("paid")
	w.advance(6 * time.Second)
	held, err := w.Charges.Hold(w.ctx, made.ID, straddleapi.UpdateChargeStatusRequest{Reason: "the customer called"})
	require.NoError(t, err)
	assert.Equal(t, "the customer called", held.StatusDetails.Message)
	w.advance(time.Hour)
	released, err := w.Charges.Release(w.ctx, made.ID, straddleapi.UpdateChargeStatusRequest{})
	require.NoError(t, err)
	assert.Equal(t, "Released on request.", released.StatusDetails.Message)
	w.advance(time.Hour)
	assert.Equal(t, slices.Concat(scheduled, []string{
		"6s on_hold user_request user_action", "1h0m6s created user_request user_action", "1h0m11s scheduled ok system",
		"1h0m56s pending ok system", "1h1m1s pending ok system", "1h1m6s pending ok system", "1h2m6s paid ok system",
	}), history(t, w.getCharge(made.ID).StatusHistory))
}

// A hold by watchtower can be released as well, and is then not repeated.
func TestReleaseOfWatchtowerHolds(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	limited := w.charge("on_hold_daily_limit")
	large := w.chargeRequest("paid")
	large.Amount = perPayment + 1
	tooLarge, err := w.Charges.Create(w.ctx, large)
	require.NoError(t, err)
	customer := w.customer("review@example.com", "review")
	large.Amount, large.Paykey = 1, w.paykey(customer.ID, "987654321", "active").Paykey
	reviewed, err := w.Charges.Create(w.ctx, large)
	require.NoError(t, err)
	large.Paykey = w.paykey(w.customerID, "987654321", "review").Paykey
	keyReviewed, err := w.Charges.Create(w.ctx, large)
	require.NoError(t, err)
	w.advance(time.Hour)
	for id, reason := range map[string]straddleapi.PaymentStatusReason{
		limited.ID: "amount_too_large", tooLarge.ID: "amount_too_large", reviewed.ID: "risk_review", keyReviewed.ID: "risk_review",
	} {
		got := w.getCharge(id)
		assert.Equal(t, append(slices.Clip(atNoon), fmt.Sprintf("5s on_hold %s watchtower", reason)), history(t, got.StatusHistory))
		_, err := w.Charges.Release(w.ctx, id, straddleapi.UpdateChargeStatusRequest{})
		require.NoError(t, err)
	}
	w.advance(2 * time.Minute)
	for _, id := range []string{limited.ID, tooLarge.ID, reviewed.ID, keyReviewed.ID} {
		assert.Equal(t, api.PaymentStatusPaid, w.getCharge(id).Status)
	}
}

func TestAutoHold(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{"": "Held as asked for when it was created.", "a check": "a check"} {
		w := newPayer(t)
		yes := true
		out, in := w.chargeRequest("paid"), w.payoutRequest("paid")
		out.Config.AutoHold, out.Config.AutoHoldMessage = &yes, message
		in.Config.AutoHold, in.Config.AutoHoldMessage = &yes, message
		charge, err := w.Charges.Create(w.ctx, out)
		require.NoError(t, err)
		payout, err := w.Payouts.Create(w.ctx, in)
		require.NoError(t, err)
		assert.Equal(t, []string{"0s on_hold auto_hold watchtower"}, history(t, charge.StatusHistory))
		assert.Equal(t, want, charge.StatusDetails.Message)
		assert.Equal(t, []string{"0s on_hold auto_hold watchtower"}, history(t, payout.StatusHistory))
		w.advance(time.Hour)
		released, err := w.Payouts.Release(w.ctx, payout.ID, straddleapi.UpdatePayoutStatusRequest{})
		require.NoError(t, err)
		assert.Equal(t, api.PaymentStatusCreated, released.Status, "it waited")
		w.advance(time.Hour)
		assert.Equal(t, api.PaymentStatusPaid, w.getPayout(payout.ID).Status)
		assert.Equal(t, api.PaymentStatusOnHold, w.getCharge(charge.ID).Status)
	}
}

// TestPaymentRefusals: what the document lets pass and the provider refuses.
func TestPaymentRefusals(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(r *straddleapi.CreateChargeRequest)
		says   string
	}{
		"currency":       {func(r *straddleapi.CreateChargeRequest) { r.Currency = "EUR" }, "currency"},
		"past":           {func(r *straddleapi.CreateChargeRequest) { r.PaymentDate = "2026-01-04" }, "payment_date"},
		"unknown paykey": {func(r *straddleapi.CreateChargeRequest) { r.Paykey = "00000000.02." + strings.Repeat("0", 64) }, "paykey"},
		"long name": {func(r *straddleapi.CreateChargeRequest) {
			r.Metadata = map[string]string{strings.Repeat("n", 41): "x"}
		}, "metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newPayer(t)
			request := w.chargeRequest("paid")
			tt.change(&request)
			_, err := w.Charges.Create(w.ctx, request, rest.Unchecked())
			w.refused(err, 422, tt.says)
			_, err = w.Payouts.Create(w.ctx, straddleapi.CreatePayoutRequest{
				Paykey: request.Paykey, Amount: 1, Currency: request.Currency, PaymentDate: request.PaymentDate, Device: request.Device,
				ExternalID: "x", Metadata: request.Metadata,
			}, rest.Unchecked())
			w.refused(err, 422, tt.says)
			if name != "unknown paykey" && name != "currency" {
				made := w.charge("paid")
				w.events()
				update := straddleapi.UpdateChargeRequest{Amount: 1, PaymentDate: request.PaymentDate}
				if request.Metadata != nil {
					update.Metadata.Set(request.Metadata)
				}
				_, err = w.Charges.Update(w.ctx, made.ID, update, rest.Unchecked())
				w.refused(err, 422, tt.says)
				assert.Equal(t, made, w.getCharge(made.ID))
			}
		})
	}
}

// TestPaymentDayEnds: a date is past when the day is over in the US East, not in UTC.
func TestPaymentDayEnds(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	request := w.chargeRequest("paid")
	w.advance(17*time.Hour - time.Second) // 23:59:59 there
	_, err := w.Charges.Create(w.ctx, request)
	require.NoError(t, err)
	w.advance(time.Second)
	w.events()
	_, err = w.Charges.Create(w.ctx, request)
	w.refused(err, 422, "payment_date")
}

// TestPaymentsOfAnotherKind: a charge is no payout, and nobody's payments are a 404 for every operation.
func TestPaymentsOfAnotherKind(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	out, in := w.charge("paid"), w.payout("paid")
	w.events()
	for _, id := range []string{in.ID, "00000000-0000-4000-8000-000000000000"} {
		_, err := w.Charges.Get(w.ctx, id)
		w.refused(err, 404, "no such charge")
		for _, by := range []string{"hold", "release", "cancel", "update", "resubmit", "refund"} {
			w.refused(w.actCharge(id, by), 404, "no such charge")
		}
	}
	_, err := w.Payouts.GetUnmasked(w.ctx, out.ID)
	w.refused(err, 404, "no such payout")
	_, err = w.FundingEvents.Get(w.ctx, out.ID)
	w.refused(err, 404, "no such funding event")
	_, err = w.FundingEvents.ListPayments(w.ctx, out.ID, api.ListFundingEventPaymentsParams{})
	w.refused(err, 404, "no such funding event")
}

// TestPaymentMasks: a payment hides its paykey and the address of the device except when it is asked for unmasked.
func TestPaymentMasks(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	request := w.chargeRequest("paid")
	request.Metadata = map[string]string{"order": "7"}
	made, err := w.Charges.Create(w.ctx, request)
	require.NoError(t, err)
	assert.Regexp(t, `^[0-9a-f]{3}\*{3}\.02\.\*{6}[0-9a-f]{3}$`, made.Paykey)
	assert.Equal(t, "**.**.**.**", made.Device.IPAddress)
	assert.Equal(t, made, w.getCharge(made.ID))
	whole, err := w.Charges.GetUnmasked(w.ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, w.key, whole.Paykey)
	assert.Equal(t, "203.0.113.7", whole.Device.IPAddress)
	assert.Equal(t, request.Metadata, whole.Metadata)
	assert.Equal(t, &straddleapi.CustomerDetails{
		ID: w.customerID, Name: "Example Person", CustomerType: "individual", Email: "payer@example.com", Phone: "+12025550123",
	}, made.CustomerDetails)
	assert.Equal(t, &straddleapi.PaykeyDetails{ID: w.keyID, CustomerID: w.customerID, Label: "EXAMPLE BANK - *6789"}, made.PaykeyDetails)
	in := w.payout("paid")
	assert.NotContains(t, in.Paykey, w.key)
	out, err := w.Payouts.GetUnmasked(w.ctx, in.ID)
	require.NoError(t, err)
	assert.Equal(t, w.key, out.Paykey)
}

// TestPaykeyCannotPay: a payment with a paykey that is not active fails at once, with the code of the return that blocked it.
func TestPaykeyCannotPay(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	wanted := map[string]string{} // by the id of the charge
	for outcome, code := range map[straddleapi.SimulatedPaykeyOutcome]string{"rejected": "", "active": "R29"} {
		number := "9876-" + string(outcome)
		key := w.paykey(w.customerID, number, outcome)
		if code != "" {
			w.fake().block(noon, "021000021", number, code)
		}
		request := w.chargeRequest("paid")
		request.Paykey = key.Paykey
		made, err := w.Charges.Create(w.ctx, request)
		require.NoError(t, err)
		assert.Equal(t, atNoon, history(t, made.StatusHistory))
		wanted[made.ID] = strings.TrimSpace("1s failed invalid_paykey watchtower " + code)
	}
	w.advance(time.Minute)
	for id, want := range wanted {
		assert.Equal(t, append(slices.Clip(atNoon), want), history(t, w.getCharge(id).StatusHistory))
	}
}

// TestNotAuthorized: a return with R29 blocks the bank account two seconds later, for every customer.
func TestNotAuthorized(t *testing.T) {
	t.Parallel()
	for outcome, returned := range map[straddleapi.SimulatedPaymentOutcome]time.Duration{
		"failed_not_authorized": 2 * time.Minute, "reversed_not_authorized": 350 * time.Second,
	} {
		w := newPayer(t)
		other := w.paykey(w.customer("other@example.com", "verified").ID, "123456789", "active")
		untouched := w.paykey(w.customerID, "987654321", "active")
		w.charge(outcome)
		w.advance(returned + 2*time.Second - 1)
		status := func(id string) straddleapi.PaykeyStatus {
			got, err := w.Paykeys.Get(w.ctx, id)
			require.NoError(t, err)
			return got.Status
		}
		assert.Equal(t, paykeyActive, status(w.keyID))
		w.advance(1)
		assert.Equal(t, paykeyBlocked, status(w.keyID))
		assert.Equal(t, paykeyBlocked, status(other.ID))
		assert.Equal(t, paykeyActive, status(untouched.ID))
		next := w.charge("paid")
		w.advance(time.Second)
		got := w.getCharge(next.ID)
		assert.Equal(t, api.PaymentStatusFailed, got.Status)
		assert.Equal(t, "R29", got.StatusDetails.Code)
	}
}

// TestBalanceCheck: what the check makes of a balance that is enough, too low or not known, whatever the outcome asks for.
func TestBalanceCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mode    straddleapi.BalanceCheckMode
		balance string
		passes  bool
	}{
		{"required", "unknown", false},
		{"required", "low", false},
		{"required", "enough", true},
		{"enabled", "unknown", true},
		{"enabled", "low", false},
		{"enabled", "enough", true},
		{"disabled", "unknown", true},
		{"disabled", "low", true},
		{"disabled", "enough", true},
	} {
		t.Run(fmt.Sprint(tt.mode, " ", tt.balance), func(t *testing.T) {
			t.Parallel()
			w := newPayer(t)
			request := w.chargeRequest("paid")
			request.Config.BalanceCheck = tt.mode
			if tt.balance != "unknown" {
				key, err := w.Bridge.CreatePlaidPaykey(w.ctx, straddleapi.CreatePlaidPaykeyRequest{
					CustomerID: w.customerID, PlaidToken: "processor-sandbox-1", Config: &straddleapi.PaykeyConfiguration{SandboxOutcome: "active"},
				})
				require.NoError(t, err)
				request.Paykey, request.Amount = key.Paykey, usualBalance
				if tt.balance == "low" {
					request.Amount++
				}
			}
			made, err := w.Charges.Create(w.ctx, request)
			require.NoError(t, err)
			w.advance(time.Hour)
			want := append(slices.Clip(atNoon), "8s failed insufficient_funds watchtower")
			if tt.passes {
				want = funded
			}
			assert.Equal(t, want, history(t, w.getCharge(made.ID).StatusHistory))
		})
	}
}

// The limits of an account that has no others, in cents.
const (
	perPayment = 1_000_000
	perDay     = 10_000_000
	perMonth   = 100_000_000
)

// TestPaymentLimits: what exceeds a limit of the account is held, not refused. Charges and payouts have limits of their own.
func TestPaymentLimits(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	charge := func(amount int64) straddleapi.PaymentStatus {
		request := w.chargeRequest("paid")
		request.Amount = amount
		made, err := w.Charges.Create(w.ctx, request)
		require.NoError(t, err)
		w.advance(5 * time.Second)
		return w.getCharge(made.ID).Status
	}
	assert.Equal(t, api.PaymentStatusOnHold, charge(perPayment+1))
	w.advance(24 * time.Hour)
	for range perMonth/perDay - 1 { // the first day has some already
		for range perDay / perPayment {
			assert.Equal(t, api.PaymentStatusScheduled, charge(perPayment))
		}
		assert.Equal(t, api.PaymentStatusOnHold, charge(1), "the day is full")
		w.advance(24 * time.Hour)
	}
	for range perDay/perPayment - 2 {
		assert.Equal(t, api.PaymentStatusScheduled, charge(perPayment))
	}
	assert.Equal(t, api.PaymentStatusOnHold, charge(perPayment), "the month is full")
	in := w.payout("paid")
	w.advance(5 * time.Second)
	assert.Equal(t, api.PaymentStatusScheduled, w.getPayout(in.ID).Status)
	w.advance(time.Date(2026, time.February, 1, 4, 59, 50, 0, time.UTC).Sub(w.e.Clock().Now()))
	assert.Equal(t, api.PaymentStatusOnHold, charge(perPayment), "still January in the US East")
	w.advance(5 * time.Second)
	assert.Equal(t, api.PaymentStatusScheduled, charge(perPayment), "another month")
}

// TestWindows: one a day at 17:00 in the US East, also where the clocks change.
func TestWindows(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]string{
		"2026-01-05T21:59:59Z": "2026-01-05T22:00:00Z",
		"2026-01-05T22:00:00Z": "2026-01-06T22:00:00Z", // the next one, and not the same again
		"2026-01-06T04:59:59Z": "2026-01-06T22:00:00Z",
		"2026-03-07T22:00:00Z": "2026-03-08T21:00:00Z",
		"2026-10-31T21:00:00Z": "2026-11-01T22:00:00Z",
	} {
		assert.Equal(t, straddleapi.Timestamp(want), stamp(nextWindow(timeOf(after))), after)
	}
}

// TestLimitsCountWhatMayMove: what failed or was cancelled does not count, nor does what another account has made.
func TestLimitsCountWhatMayMove(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	for range perDay / perPayment {
		request := w.chargeRequest("failed_insufficient_funds")
		request.Amount = perPayment
		_, err := w.Charges.Create(w.ctx, request)
		require.NoError(t, err)
	}
	w.advance(2 * time.Minute)
	for range perDay / perPayment {
		request := w.chargeRequest("cancelled_for_fraud_risk")
		request.Amount = perPayment
		_, err := w.Charges.Create(w.ctx, request)
		require.NoError(t, err)
	}
	w.advance(5 * time.Second)
	for range perDay / perPayment {
		request := w.chargeRequest("paid")
		request.Amount = perPayment
		_, err := w.Charges.Create(w.ctx, request, rest.AccountID(acctA))
		require.NoError(t, err)
	}
	made := w.charge("paid")
	w.advance(5 * time.Second)
	assert.Equal(t, api.PaymentStatusScheduled, w.getCharge(made.ID).Status)
}

// TestLimitsOfAnAccount: an account that was granted other limits has those, the number of payments among them.
func TestLimitsOfAnAccount(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	_, err := w.CapabilityRequests.Create(w.ctx, acctA, straddleapi.RequestCapabilityRequest{
		Charges: &straddleapi.ChargeCapabilityRequest{Enable: true, MaxAmount: "10000", DailyAmount: "100000", MonthlyAmount: "100000", MonthlyCount: 2},
	})
	require.NoError(t, err)
	w.advance(time.Hour)
	var ids []string
	for range 3 {
		ids = append(ids, w.charge("paid", rest.AccountID(acctA)).ID)
	}
	w.advance(5 * time.Second)
	for i, want := range []straddleapi.PaymentStatus{"scheduled", "scheduled", "on_hold"} {
		got, err := w.Charges.Get(w.ctx, ids[i], rest.AccountID(acctA))
		require.NoError(t, err)
		assert.Equal(t, want, got.Status)
	}
}

// TestUpdatePayment: an update replaces what it names, and what is scheduled goes by the new date.
func TestUpdatePayment(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	request := w.chargeRequest("paid")
	request.Metadata = map[string]string{"a": "b"}
	made, err := w.Charges.Create(w.ctx, request)
	require.NoError(t, err)
	w.advance(10 * time.Second)
	update := straddleapi.UpdateChargeRequest{Amount: 5, Description: "less", PaymentDate: "2026-01-06"}
	got, err := w.Charges.Update(w.ctx, made.ID, update)
	require.NoError(t, err)
	assert.Equal(t, int64(5), got.Amount)
	assert.Equal(t, "less", got.Description)
	assert.Equal(t, request.Metadata, got.Metadata, "left out: it stays")
	assert.Equal(t, scheduled, history(t, got.StatusHistory))
	assert.Equal(t, stamp(noon.Add(10*time.Second)), got.UpdatedAt)
	w.advance(16 * time.Hour)
	assert.Equal(t, api.PaymentStatusScheduled, w.getCharge(made.ID).Status)
	update.Metadata.SetNull()
	got, err = w.Charges.Update(w.ctx, made.ID, update)
	require.NoError(t, err)
	assert.Empty(t, got.Metadata)
	w.advance(time.Hour)
	assert.Equal(t, api.PaymentStatusPending, w.getCharge(made.ID).Status, "on the sixth")

	large := w.charge("paid")
	_, err = w.Charges.Update(w.ctx, large.ID, straddleapi.UpdateChargeRequest{Amount: perPayment + 1, PaymentDate: "2026-01-06"})
	require.NoError(t, err)
	w.advance(5 * time.Second)
	assert.Equal(t, api.PaymentStatusOnHold, w.getCharge(large.ID).Status, "checked by its new amount")
}

// TestResubmit: a payment is made once more, and again once more it is cancelled.
func TestResubmit(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	request := w.chargeRequest("failed_insufficient_funds")
	request.Metadata = map[string]string{"a": "b"}
	original, err := w.Charges.Create(w.ctx, request)
	require.NoError(t, err)
	w.advance(2 * time.Minute)
	first, err := w.Charges.Resubmit(w.ctx, original.ID, straddleapi.ResubmitChargeRequest{})
	require.NoError(t, err)
	assert.True(t, *first.IsResubmit)
	assert.False(t, *first.HasResubmit)
	assert.Equal(t, "order-1-resubmit-1", first.ExternalID)
	assert.Equal(t, straddleapi.Date("2026-01-05"), first.PaymentDate)
	assert.Equal(t, original.Description, first.Description)
	assert.Equal(t, original.Amount, first.Amount)
	assert.Equal(t, original.Metadata, first.Metadata)
	assert.Equal(t, straddleapi.ChargeConfiguration{BalanceCheck: "enabled", SandboxOutcome: "standard"}, first.Config)
	assert.Equal(t, straddleapi.RelatedPayments{{ID: original.ID, PaymentType: "charge", Relationship: "original"}}, first.RelatedPayments)

	second, err := w.Charges.Resubmit(w.ctx, original.ID, straddleapi.ResubmitChargeRequest{
		ExternalID: "mine", Description: "again", PaymentDate: "2026-03-01",
	})
	require.NoError(t, err)
	assert.Equal(t, []any{"mine", "again", straddleapi.Date("2026-03-01")}, []any{second.ExternalID, second.Description, second.PaymentDate})
	assert.Equal(t, api.PaymentStatusCreated, second.Status)
	held, err := w.Charges.Hold(w.ctx, second.ID, straddleapi.UpdateChargeStatusRequest{})
	require.NoError(t, err)
	_, err = w.Charges.Release(w.ctx, held.ID, straddleapi.UpdateChargeStatusRequest{})
	require.NoError(t, err)
	w.advance(time.Second)
	second = w.getCharge(second.ID)
	assert.Equal(t, api.PaymentStatusCancelled, second.Status, "neither a hold nor a release saves it")
	assert.Equal(t, api.PaymentStatusReasonPaymentBlocked, second.StatusDetails.Reason)
	assert.Equal(t, api.PaymentStatusSourceWatchtower, second.StatusDetails.Source)
	assert.Equal(t, first.RelatedPayments, second.RelatedPayments)

	original = w.getCharge(original.ID)
	assert.True(t, *original.HasResubmit)
	assert.Equal(t, straddleapi.RelatedPayments{{ID: first.ID, PaymentType: "charge", Relationship: "resubmit"}}, original.RelatedPayments, "the first alone")
	assert.Equal(t, api.PaymentStatusFailed, original.Status)

	third, err := w.Charges.Resubmit(w.ctx, second.ID, straddleapi.ResubmitChargeRequest{})
	require.NoError(t, err)
	w.advance(5 * time.Second)
	assert.Equal(t, api.PaymentStatusScheduled, w.getCharge(third.ID).Status, "of another original")
}

// TestRefund: a charge that is paid is paid back once, by a payout.
func TestRefund(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	charge := w.paid()
	w.events()
	for _, amount := range []int64{-1, 0, 10_001} {
		_, err := w.Charges.Refund(w.ctx, charge.ID, straddleapi.RefundChargeRequest{Amount: &amount})
		w.refused(err, 422, "amount")
	}
	first, err := w.Charges.Refund(w.ctx, charge.ID, straddleapi.RefundChargeRequest{})
	require.NoError(t, err)
	assert.Equal(t, int64(10_000), first.Amount)
	assert.Contains(t, first.Description, charge.ID)
	assert.Equal(t, straddleapi.Date("2026-01-05"), first.PaymentDate)
	assert.Equal(t, "order-1-refund-1", first.ExternalID)
	assert.Equal(t, straddleapi.PayoutConfiguration{SandboxOutcome: "standard"}, first.Config)
	assert.True(t, *first.IsRefund)
	assert.Equal(t, straddleapi.RelatedPayments{{ID: charge.ID, PaymentType: "charge", Relationship: "original"}}, first.RelatedPayments)
	assert.Equal(t, []string{
		"charge.event.v1 paid 2m0s", "payout.created.v1 created 2m0s", "payout.event.v1 created 2m0s",
	}, w.events())

	charge = w.getCharge(charge.ID)
	assert.Equal(t, api.PaymentStatusPaid, charge.Status, "it stays paid")
	assert.True(t, *charge.HasRefund)
	assert.Equal(t, straddleapi.RelatedPayments{{ID: first.ID, PaymentType: "payout", Relationship: "refund"}}, charge.RelatedPayments)

	part := int64(1)
	second, err := w.Charges.Refund(w.ctx, charge.ID, straddleapi.RefundChargeRequest{
		Amount: &part, Description: "a part", ExternalID: "mine", PaymentDate: "2026-03-01", Metadata: map[string]string{"a": "b"},
	})
	require.NoError(t, err)
	assert.Equal(t, int64(1), second.Amount)
	assert.Equal(t, "a part", second.Description)
	assert.Equal(t, "mine", second.ExternalID)
	assert.Equal(t, straddleapi.Date("2026-03-01"), second.PaymentDate)
	assert.Equal(t, map[string]string{"a": "b"}, second.Metadata)
	w.advance(time.Second)
	assert.Equal(t, api.PaymentStatusCancelled, w.getPayout(second.ID).Status, "there is one already")
	assert.Equal(t, charge.RelatedPayments, w.getCharge(charge.ID).RelatedPayments)
	w.advance(72 * time.Hour)
	assert.Equal(t, api.PaymentStatusPaid, w.getPayout(first.ID).Status)
}

// TestProof: files of the right kinds are added to what is there, of charges and of payouts.
func TestProof(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	out, in := w.charge("paid"), w.payout("paid")
	names := []string{"a.pdf", "B.PNG", "c.jpg", "d.jpeg", "e.doc", "f.docx"}
	for _, name := range names {
		form := proofForms[strings.ToLower(filepath.Ext(name))]
		_, err := w.Charges.UploadAuthorizationProof(w.ctx, out.ID, rest.FileOf(name, []byte(form+" and so on")))
		require.NoError(t, err, name)
	}
	got, err := w.Payouts.UploadAuthorizationProof(w.ctx, in.ID, rest.FileOf("a.pdf", append([]byte("%PDF-"), make([]byte, 10_485_760-5)...)))
	require.NoError(t, err, "the largest one")
	require.Len(t, got.Documents, 1)
	assert.Equal(t, int64(10_485_760), got.Documents[0].DocumentSize)
	assert.Equal(t, api.PaymentDocumentTypePaymentAuthorization, got.Documents[0].DocumentType)
	assert.Equal(t, stamp(noon), got.Documents[0].UploadedAt)
	var seen []string
	for _, d := range w.getCharge(out.ID).Documents {
		seen = append(seen, d.DocumentName)
	}
	assert.Equal(t, names, seen)

	w.events()
	for name, content := range map[string]string{"a.txt": "%PDF-", "a": "%PDF-", "a.pdf": "\x89PNG\r\n\x1a\n", "a.png": "%PDF-", "a.docx": "PK"} {
		_, err := w.Charges.UploadAuthorizationProof(w.ctx, out.ID, rest.FileOf(name, []byte(content)))
		w.refused(err, 422, "File")
	}
}

// TestPaymentEvents: what events tell of charges, payouts and funding events, and that a status has a code, be it null.
func TestPaymentEvents(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	request := w.chargeRequest("failed_insufficient_funds")
	request.Metadata = map[string]string{"a": "b"}
	_, err := w.Charges.Create(w.ctx, request)
	require.NoError(t, err)
	w.payout("paid")
	w.advance(72 * time.Hour)
	all := w.e.Events()
	var kinds []string
	for _, event := range all {
		kinds = append(kinds, event.Type)
		var data struct {
			Paykey        string                      `json:"paykey"`
			Device        *struct{ IPAddress string } `json:"device"`
			StatusDetails map[string]any              `json:"status_details"`
		}
		if strings.HasPrefix(event.Type, "customer") || strings.HasPrefix(event.Type, "paykey") {
			continue
		}
		require.NoError(t, json.Unmarshal(event.Data, &data))
		require.Contains(t, data.StatusDetails, "code")
		if data.StatusDetails["reason"] == "insufficient_funds" {
			assert.Equal(t, "R01", data.StatusDetails["code"])
		} else {
			assert.Nil(t, data.StatusDetails["code"])
		}
		if data.Device != nil {
			assert.Equal(t, w.key, data.Paykey, "events have it whole")
			assert.NotContains(t, string(event.Data), "203.0.113.7")
		}
		switch {
		case strings.HasPrefix(event.Type, "charge"):
			told[straddleapi.ChargeEvent](t, event.Data)
		case strings.HasPrefix(event.Type, "payout"):
			told[straddleapi.PayoutEvent](t, event.Data)
		default:
			told[straddleapi.FundingEventEvent](t, event.Data)
		}
	}
	for _, kind := range []string{"charge.created.v1", "payout.created.v1", "funding_event.created.v1"} {
		assert.Len(t, slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k != kind }), 1, kind)
	}
}

// told requires that an event has what its schema has.
func told[T any](t *testing.T, data json.RawMessage) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(new(T)), string(data))
}

// TestPaymentsOfAccounts: what is made under an account is found there alone.
func TestPaymentsOfAccounts(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	made := w.charge("paid", rest.AccountID(acctA))
	w.advance(2 * time.Minute)
	_, err := w.Charges.Get(w.ctx, made.ID, rest.AccountID(acctA))
	require.NoError(t, err)
	w.events()
	for _, opts := range [][]rest.Option{nil, {rest.AccountID(acctB)}} {
		_, err = w.Charges.Get(w.ctx, made.ID, opts...)
		w.refused(err, 404, "no such charge")
		page, err := w.Payments.List(w.ctx, api.ListPaymentsParams{}, opts...)
		require.NoError(t, err)
		assert.Zero(t, page.TotalItems)
		_, err = w.FundingEvents.Simulate(w.ctx, straddleapi.SimulateFundingEventRequest{FundingEventJobType: "charges"}, opts...)
		w.refused(err, 422, "no charges to fund")
	}
	_, err = w.FundingEvents.Simulate(w.ctx, straddleapi.SimulateFundingEventRequest{FundingEventJobType: "charges"}, rest.AccountID(acctA))
	require.NoError(t, err)
}

// TestPaymentReplay: a write under the same key makes one payment.
func TestPaymentReplay(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	first := w.charge("paid", rest.IdempotencyKey("0123456789"))
	w.advance(time.Minute)
	assert.Equal(t, first, w.charge("paid", rest.IdempotencyKey("0123456789")))
	page, err := w.Payments.List(w.ctx, api.ListPaymentsParams{})
	require.NoError(t, err)
	assert.Equal(t, 1, page.TotalItems)
}

// TestPaymentsAreRestored: payments and transfers go on from a snapshot as they would have gone on.
func TestPaymentsAreRestored(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	ids := []string{}
	for outcome := range outcomes {
		ids = append(ids, w.charge(outcome).ID)
	}
	for _, after := range []time.Duration{0, 7 * time.Second, 3 * time.Minute, 10 * time.Hour, 24 * time.Hour, 24 * time.Hour} {
		w.advance(after)
		other := w.again()
		other.advance(100 * time.Hour)
		later := w.again()
		for range 200 {
			later.advance(30 * time.Minute)
			later.events()
		}
		for _, id := range ids {
			assert.Equal(t, history(t, later.getCharge(id).StatusHistory), history(t, other.getCharge(id).StatusHistory))
		}
		a, err := other.FundingEvents.List(w.ctx, api.ListFundingEventsParams{})
		require.NoError(t, err)
		b, err := later.FundingEvents.List(w.ctx, api.ListFundingEventsParams{})
		require.NoError(t, err)
		assert.NotEmpty(t, a.Items)
		assert.Len(t, b.Items, len(a.Items))
	}
}

// again is another world with what the snapshot of this one has.
func (w *payer) again() *payer {
	w.t.Helper()
	taken, err := w.e.Snapshot()
	require.NoError(w.t, err)
	e, err := engine.New(engine.Config{Providers: []engine.Provider{Provider()}, Now: func() time.Time { return noon }, Strict: true})
	require.NoError(w.t, err)
	require.NoError(w.t, e.Restore(taken))
	same, err := e.Snapshot()
	require.NoError(w.t, err)
	require.JSONEq(w.t, string(taken), string(same))
	other := &payer{&town{t: w.t, ctx: w.ctx, e: e}, w.customerID, w.key, w.keyID}
	other.connect()
	return other
}

// TestImpossiblePayments: a snapshot with payments that cannot be is refused.
func TestImpossiblePayments(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	w.paid()
	_, err := w.FundingEvents.Simulate(w.ctx, straddleapi.SimulateFundingEventRequest{FundingEventJobType: "charges"})
	require.NoError(t, err)
	taken, err := w.e.Snapshot()
	require.NoError(t, err)
	for _, tt := range []struct{ from, to, says string }{
		{`"status":"paid"`, `"status":"lost"`, "straddle.payments"},
		{`"course":"paid"`, `"course":"none"`, "straddle.payments"},
		{`"has_refund":false,`, ``, "straddle.payments"},
		{`"status":"pending","status_details"`, `"status":"lost","status_details"`, "straddle.funding_events"},
	} {
		text := strings.ReplaceAll(string(taken), tt.from, tt.to)
		require.NotEqual(t, string(taken), text, tt.from)
		require.ErrorContains(t, w.e.Restore([]byte(text)), tt.says)
	}
}

// TestPaymentsAreBounded: neither a payment that is held and released without end nor payments without end grow for ever.
func TestPaymentsAreBounded(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	made := w.charge("paid")
	for range historyLimit {
		require.NoError(t, w.actCharge(made.ID, "hold"))
		require.NoError(t, w.actCharge(made.ID, "release"))
	}
	assert.Len(t, w.getCharge(made.ID).StatusHistory, historyLimit)
	assert.LessOrEqual(t, len(w.fake().agenda.list), 2)

	request := w.chargeRequest("paid")
	request.PaymentDate = "2027-01-01"
	for range 20 {
		_, err := w.Charges.Create(w.ctx, request)
		require.NoError(t, err)
	}
	shelf := w.fake().payments
	before := len(w.fake().agenda.list)
	for id := range shelf.All() {
		r, _ := shelf.Get(id)
		shelf.OnEvict(id, r)
	}
	assert.Less(t, len(w.fake().agenda.list), before-19, "what is forgotten has nothing to do any more")

	w.paid()
	w.paid()
	e := w.simulate("charges", "")
	funding := slices.DeleteFunc(slices.Clone(w.fake().agenda.list), func(d due) bool { return d.What != "funding" })
	assert.Len(t, funding, 1, "one for all charges of an account")
	transfers := func() int {
		return len(slices.DeleteFunc(slices.Clone(w.fake().agenda.list), func(d due) bool { return d.ID != e.ID }))
	}
	require.Equal(t, 1, transfers())
	w.fake().funding.OnEvict(e.ID, nil)
	assert.Zero(t, transfers())
}

func pdf() *rest.File { return rest.FileOf("a.pdf", []byte("%PDF-1.7")) }

// TestEmptyParameters: what is named in a query without a value leaves nothing out.
func TestEmptyParameters(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	w.charge("paid")
	r := httptest.NewRequestWithContext(w.ctx, http.MethodGet, "/straddle/v1/payments?external_id=&search_text=", nil)
	r.Header.Set("Authorization", "Bearer "+w.fake().credentials.APIKey)
	answer := httptest.NewRecorder()
	w.e.ServeHTTP(answer, r)
	assert.Contains(t, answer.Body.String(), `"total_items":1`)
}
