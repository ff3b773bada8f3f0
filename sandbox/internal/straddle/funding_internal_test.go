package straddle

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	api "github.com/fintoken/fintoken-go/wrappers/straddle"
)

// simulate funds what waits for it, and returns the funding event.
func (w *payer) simulate(kind straddleapi.FundingEventSimulationType, outcome straddleapi.SimulatedPaymentOutcome, opts ...rest.Option) *straddleapi.FundingEvent {
	w.t.Helper()
	made, err := w.FundingEvents.Simulate(w.ctx, straddleapi.SimulateFundingEventRequest{FundingEventJobType: kind, SandboxOutcome: outcome}, opts...)
	require.NoError(w.t, err)
	got, err := w.FundingEvents.Get(w.ctx, made.ID, opts...)
	require.NoError(w.t, err)
	return got
}

func (w *payer) nothingToFund(kind straddleapi.FundingEventSimulationType) {
	w.t.Helper()
	w.events()
	_, err := w.FundingEvents.Simulate(w.ctx, straddleapi.SimulateFundingEventRequest{FundingEventJobType: kind})
	w.refused(err, 422, fmt.Sprintf("no %s to fund", kind))
}

// allFunding are the funding events by their kind.
func (w *payer) allFunding() map[straddleapi.FundingEventType]straddleapi.FundingEventSummary {
	w.t.Helper()
	found := map[straddleapi.FundingEventType]straddleapi.FundingEventSummary{}
	for row, err := range w.FundingEvents.All(w.ctx, api.ListFundingEventsParams{}) {
		require.NoError(w.t, err)
		require.NotContains(w.t, found, row.EventType)
		found[row.EventType] = row
	}
	return found
}

// lines are what a funding event has: kind, reason, part and whole.
func (w *payer) lines(id string) (list []string) {
	w.t.Helper()
	for row, err := range w.FundingEvents.AllPayments(w.ctx, id, api.ListFundingEventPaymentsParams{}) {
		require.NoError(w.t, err)
		list = append(list, fmt.Sprintf("%s %s %d of %d", row.PaymentType, row.Reason, row.FundingAmount, row.PaymentAmount))
	}
	slices.Sort(list)
	return list
}

// TestSimulatedDeposit: charges that are paid come with a deposit, once, and what failed with them as a line of nothing.
func TestSimulatedDeposit(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	w.nothingToFund("charges")
	paid, broken := w.charge("paid"), w.charge("failed_insufficient_funds")
	w.charge("on_hold_daily_limit")
	w.charge("cancelled_for_fraud_risk")
	unsent := w.chargeRequest("paid")
	unsent.Config.BalanceCheck = api.BalanceCheckModeRequired
	_, err := w.Charges.Create(w.ctx, unsent)
	require.NoError(t, err)
	w.advance(2*time.Minute - 1)
	w.nothingToFund("charges")
	w.advance(1)
	w.nothingToFund("payouts")

	w.events()
	e := w.simulate("charges", "")
	assert.Equal(t, []string{
		"charge.event.v1 paid 2m0s", "charge.event.v1 failed 2m0s",
		"funding_event.created.v1 created 2m0s", "funding_event.event.v1 created 2m0s", "funding_event.event.v1 pending 2m0s",
	}, w.events())
	assert.Equal(t, api.FundingEventTypeChargeDeposit, e.EventType)
	assert.Equal(t, api.TransferDirectionDeposit, e.Direction)
	assert.Equal(t, int64(10_000), e.Amount)
	assert.Equal(t, int64(2), e.PaymentCount)
	assert.Equal(t, straddleapi.Date("2026-01-06"), e.TransferDate, "the next day")
	assert.Equal(t, []string{"2m0s created ok system", "2m0s pending ok system"}, history(t, e.StatusHistory))
	assert.Equal(t, []string{e.TraceIds["ach"]}, e.TraceNumbers)
	assert.Regexp(t, `^[0-9]{15}$`, e.TraceNumbers[0])
	assert.Equal(t, []string{"charge credit 10000 of 10000", "charge failed 0 of 10000"}, w.lines(e.ID))
	for _, id := range []string{paid.ID, broken.ID} {
		assert.Equal(t, []string{e.ID}, w.getCharge(id).FundingIds)
	}
	w.nothingToFund("charges")

	w.advance(34*time.Hour - 2*time.Minute - 1)
	got, err := w.FundingEvents.Get(w.ctx, e.ID)
	require.NoError(t, err)
	assert.Equal(t, api.PaymentStatusPending, got.Status)
	w.advance(1)
	got, err = w.FundingEvents.Get(w.ctx, e.ID)
	require.NoError(t, err)
	assert.Equal(t, api.PaymentStatusPaid, got.Status, "on its date")
	assert.Len(t, w.allFunding(), 1, "nothing else")
}

// TestFailedAlone: what failed makes no transfer by itself.
func TestFailedAlone(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	w.charge("failed_insufficient_funds")
	w.advance(72 * time.Hour)
	w.nothingToFund("charges")
	assert.Empty(t, w.allFunding())
}

// TestFundingByTime: what waits is funded every day without being asked, each account for itself.
func TestFundingByTime(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	w.charge("paid")
	w.charge("paid")
	w.charge("paid", rest.AccountID(acctA))
	w.advance(10*time.Hour - 1)
	assert.Empty(t, w.allFunding())
	w.advance(1) // 17:00 in the US East
	e := w.allFunding()[api.FundingEventTypeChargeDeposit]
	assert.Equal(t, int64(20_000), e.Amount)
	assert.Equal(t, api.PaymentStatusPending, e.Status)
	assert.Equal(t, stamp(noon.Add(10*time.Hour)), e.CreatedAt)
	assert.Equal(t, e.TraceIds["ach"], e.TraceNumber)
	page, err := w.FundingEvents.List(w.ctx, api.ListFundingEventsParams{Direction: api.TransferDirectionDeposit}, rest.AccountID(acctA))
	require.NoError(t, err)
	assert.Contains(t, amounts(page.Items), int64(10_000))
	w.advance(24 * time.Hour)
	assert.Equal(t, api.PaymentStatusPaid, w.allFunding()[api.FundingEventTypeChargeDeposit].Status)
}

func amounts(rows []straddleapi.FundingEventSummary) (list []int64) {
	for _, row := range rows {
		list = append(list, row.Amount)
	}
	return list
}

func ptr[T any](v T) *T { return &v }

// TestReversal: a charge that is returned after it was deposited is withdrawn; one that never was is not.
func TestReversal(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	deposited := w.charge("reversed_customer_dispute")
	w.advance(2 * time.Minute)
	deposit := w.simulate("charges", "")
	w.advance(4 * time.Minute)
	never := w.charge("reversed_customer_dispute")
	w.advance(6 * time.Minute)
	assert.Equal(t, api.PaymentStatusReversed, w.getCharge(never.ID).Status)
	e := w.simulate("charges", "")
	assert.Equal(t, api.FundingEventTypeChargeReversal, e.EventType)
	assert.Equal(t, api.TransferDirectionWithdrawal, e.Direction)
	assert.Equal(t, int64(10_000), e.Amount)
	assert.Equal(t, []string{"charge reversal -10000 of 10000"}, w.lines(e.ID))
	assert.Equal(t, []string{deposit.ID, e.ID}, w.getCharge(deposited.ID).FundingIds)
	assert.Empty(t, w.getCharge(never.ID).FundingIds)
	w.nothingToFund("charges")
}

// TestPayoutFunding: payouts are withdrawn before they are sent, and what comes back is deposited.
func TestPayoutFunding(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	w.payout("paid")
	w.nothingToFund("payouts")
	returned := w.payout("reversed_closed_bank_account")
	w.advance(5 * time.Second)
	e := w.simulate("payouts", "")
	assert.Equal(t, api.FundingEventTypePayoutWithdrawal, e.EventType)
	assert.Equal(t, api.TransferDirectionWithdrawal, e.Direction)
	assert.Equal(t, int64(20_000), e.Amount)
	assert.Equal(t, []string{"payout debit -10000 of 10000", "payout debit -10000 of 10000"}, w.lines(e.ID))
	w.nothingToFund("payouts")
	w.advance(72 * time.Hour)
	back := w.allFunding()[api.FundingEventTypePayoutReturn]
	assert.Equal(t, api.TransferDirectionDeposit, back.Direction)
	assert.Equal(t, int64(10_000), back.Amount)
	assert.Equal(t, []string{"payout reversal 10000 of 10000"}, w.lines(back.ID))
	assert.Equal(t, []string{e.ID, back.ID}, w.getPayout(returned.ID).FundingIds)
}

// TestPayoutCancelled: a payout that was withdrawn and then cancelled comes back as well.
func TestPayoutCancelled(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	made := w.payout("paid")
	w.advance(5 * time.Second)
	w.simulate("payouts", "")
	require.NoError(t, w.actPayout(made.ID, "cancel"))
	e := w.simulate("payouts", "")
	assert.Equal(t, api.FundingEventTypePayoutReturn, e.EventType)
}

// TestFundingOutcomes: a simulation that is not standard is processed at once, and ends as it was asked for.
func TestFundingOutcomes(t *testing.T) {
	t.Parallel()
	for outcome := range outcomes {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			w := newPayer(t)
			w.paid()
			e := w.simulate("charges", outcome)
			assert.Equal(t, outcome, e.Config.SandboxOutcome)
			w.advance(time.Hour)
			e, err := w.FundingEvents.Get(w.ctx, e.ID)
			require.NoError(t, err)
			want := []string{"2m0s created ok system", "2m0s pending ok system"}
			switch outcome {
			case "paid":
				want = append(want, "3m0s paid ok system")
			case "failed_insufficient_funds":
				want = append(want, "3m0s failed insufficient_funds bank_decline R01")
			case "failed_closed_bank_account":
				want = append(want, "3m0s failed closed_bank_account bank_decline R02")
			case "failed_customer_dispute":
				want = append(want, "3m0s failed disputed customer_dispute R05")
			case "failed_not_authorized":
				want = append(want, "3m0s failed disputed customer_dispute R29")
			case "reversed_insufficient_funds":
				want = append(want, "3m0s paid ok system", "6m50s reversed insufficient_funds bank_decline R01")
			case "reversed_closed_bank_account":
				want = append(want, "3m0s paid ok system", "6m50s reversed closed_bank_account bank_decline R02")
			case "reversed_customer_dispute":
				want = append(want, "3m0s paid ok system", "6m50s reversed disputed customer_dispute R05")
			case "reversed_not_authorized":
				want = append(want, "3m0s paid ok system", "6m50s reversed disputed customer_dispute R29")
			}
			assert.Equal(t, want, history(t, e.StatusHistory))
			key, err := w.Paykeys.Get(w.ctx, w.keyID)
			require.NoError(t, err)
			assert.Equal(t, paykeyActive, key.Status, "no payment of its bank account was returned")
		})
	}
}

// TestListFundingEvents: every parameter leaves out what it says.
func TestListFundingEvents(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	w.paid()
	out := w.simulate("charges", "failed_insufficient_funds")
	w.payout("paid")
	w.advance(24 * time.Hour)
	in := w.allFunding()[api.FundingEventTypePayoutWithdrawal]
	ids := func(params api.ListFundingEventsParams) (list []string) {
		page, err := w.FundingEvents.List(w.ctx, params)
		require.NoError(t, err)
		for _, row := range page.Items {
			list = append(list, row.ID)
		}
		return list
	}
	assert.ElementsMatch(t, []string{out.ID, in.ID}, ids(api.ListFundingEventsParams{}))
	for name, p := range map[string]api.ListFundingEventsParams{
		"direction":     {Direction: api.TransferDirectionDeposit},
		"event_type":    {EventType: api.FundingEventTypeChargeDeposit},
		"trace_number":  {TraceNumber: out.TraceNumbers[0]},
		"trace_id":      {TraceID: out.TraceIds["ach"]},
		"search_text":   {SearchText: "CHARGE_dep"},
		"status":        {Status: []straddleapi.PaymentStatus{"failed", "reversed"}},
		"status_reason": {StatusReason: []straddleapi.PaymentStatusReason{"insufficient_funds"}},
		"status_source": {StatusSource: []straddleapi.PaymentStatusSource{"bank_decline"}},
	} {
		assert.Equal(t, []string{out.ID}, ids(p), name)
	}
	assert.Empty(t, ids(api.ListFundingEventsParams{CreatedFrom: straddleapi.Date("2026-01-06")}))
	assert.Len(t, ids(api.ListFundingEventsParams{CreatedFrom: straddleapi.Date("2026-01-05")}), 2)
	assert.Empty(t, ids(api.ListFundingEventsParams{CreatedTo: straddleapi.Date("2026-01-04")}))
	assert.Len(t, ids(api.ListFundingEventsParams{CreatedTo: straddleapi.Date("2026-01-05")}), 2)
	for _, by := range []straddleapi.FundingEventSortBy{"id", "amount", "transfer_date"} {
		asc := ids(api.ListFundingEventsParams{SortBy: by})
		desc := ids(api.ListFundingEventsParams{SortBy: by, SortOrder: api.SortOrderDesc})
		slices.Reverse(desc)
		assert.Equal(t, asc, desc, by)
	}
	assert.IsIncreasing(t, ids(api.ListFundingEventsParams{}))
}

// TestListFundingEventPayments: the rows of a funding event, in the orders and pages there are.
func TestListFundingEventPayments(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	request := w.chargeRequest("paid")
	request.Metadata = map[string]string{"order": "7"}
	for range 3 {
		_, err := w.Charges.Create(w.ctx, request)
		require.NoError(t, err)
		w.advance(time.Second)
	}
	w.advance(2 * time.Minute)
	e := w.simulate("charges", "")
	list := func(p api.ListFundingEventPaymentsParams) *rest.Page[straddleapi.FundingEventPayment] {
		page, err := w.FundingEvents.ListPayments(w.ctx, e.ID, p)
		require.NoError(t, err)
		return page
	}
	page := list(api.ListFundingEventPaymentsParams{DefaultPageSize: 2, DefaultSort: straddleapi.FundingEventPaymentSortBy("created_at")})
	assert.Len(t, page.Items, 2)
	assert.Equal(t, 3, page.TotalItems)
	row := page.Items[0]
	assert.Equal(t, "order-1", row.ExternalID)
	assert.Empty(t, row.Metadata)
	assert.Equal(t, w.customerID, row.CustomerDetails.ID)
	assert.Equal(t, w.keyID, row.PaykeyDetails.ID)
	assert.Equal(t, api.PaymentStatusPaid, row.Status)
	reversed := list(api.ListFundingEventPaymentsParams{
		IncludeMetadata: ptr(true), DefaultSort: straddleapi.FundingEventPaymentSortBy("created_at"), DefaultSortOrder: api.SortOrderDesc,
	})
	assert.Equal(t, row.ID, reversed.Items[2].ID)
	assert.Equal(t, request.Metadata, reversed.Items[0].Metadata)
	for _, by := range []straddleapi.FundingEventPaymentSortBy{"id", "created_at", "payment_date", "effective_at"} {
		assert.Len(t, list(api.ListFundingEventPaymentsParams{SortBy: by}).Items, 3, by)
	}
}

// TestFundingNamesTheBank: a funding event names the linked bank account of the account, if it has one.
func TestFundingNamesTheBank(t *testing.T) {
	t.Parallel()
	w := newPayer(t)
	w.charge("paid", rest.AccountID(acctA))
	w.advance(2 * time.Minute)
	assert.Nil(t, w.simulate("charges", "", rest.AccountID(acctA)).LinkedBankAccountDetails)

	linked, err := w.LinkedBankAccounts.Create(w.ctx, straddleapi.CreateLinkedBankAccountRequest{
		AccountID: acctA, BankAccount: straddleapi.LinkedBankAccountDetailsRequest{AccountHolder: "Example LLC", RoutingNumber: "021000021", AccountNumber: "000123456"},
	})
	require.NoError(t, err)
	_, err = w.Accounts.SimulateOnboarding(w.ctx, acctA, api.SimulateAccountOnboardingParams{FinalStatus: "active"})
	require.NoError(t, err)
	w.charge("paid", rest.AccountID(acctA))
	w.advance(2 * time.Minute)
	e := w.simulate("charges", "", rest.AccountID(acctA))
	assert.Equal(t, &straddleapi.UnmaskedLinkedBankAccountDetails{
		AccountHolder: "Example LLC", AccountNumber: "000123456", RoutingNumber: "021000021", InstitutionName: linked.BankAccount.InstitutionName,
	}, e.LinkedBankAccountDetails)
}
