package straddle

import (
	"encoding/json"
	"fmt"
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

// ways are the five operations that make a paykey, as one.
var ways = map[string]func(w *town, config straddleapi.PaykeyConfiguration) (straddleapi.RevealedPaykey, error){
	"bank_account": func(w *town, config straddleapi.PaykeyConfiguration) (straddleapi.RevealedPaykey, error) {
		return asRevealed(w.Bridge.CreateBankAccountPaykey(w.ctx, straddleapi.CreateBankAccountPaykeyRequest{
			CustomerID: pageID, RoutingNumber: "021000021", AccountNumber: "987654321", AccountType: api.AccountTypeSavings, Config: &config,
		}))
	},
	"plaid": func(w *town, config straddleapi.PaykeyConfiguration) (straddleapi.RevealedPaykey, error) {
		return asRevealed(w.Bridge.CreatePlaidPaykey(w.ctx, straddleapi.CreatePlaidPaykeyRequest{CustomerID: pageID, PlaidToken: "t", Config: &config}))
	},
	"quiltt": func(w *town, config straddleapi.PaykeyConfiguration) (straddleapi.RevealedPaykey, error) {
		return revealed(w.Bridge.CreateQuilttPaykey(w.ctx, straddleapi.CreateQuilttPaykeyRequest{CustomerID: pageID, QuilttToken: "t", Config: &config}))
	},
	"tan": func(w *town, config straddleapi.PaykeyConfiguration) (straddleapi.RevealedPaykey, error) {
		return revealed(w.Bridge.CreateTanPaykey(w.ctx, api.CreateTANPaykeyRequest{ //nolint:staticcheck // what is deprecated works as well
			CustomerID: pageID, RoutingNumber: "011000015", TAN: "t", AccountType: api.AccountTypeSavings, Config: &config,
		}))
	},
	"speedchex": func(w *town, config straddleapi.PaykeyConfiguration) (straddleapi.RevealedPaykey, error) {
		return revealed(w.Bridge.CreateSpeedchexPaykey(w.ctx, straddleapi.CreateSpeedchexPaykeyRequest{CustomerID: pageID, SpeedchexToken: "t", Config: &config})) //nolint:staticcheck // as above
	},
}

func revealed(p *straddleapi.RevealedPaykey, err error) (straddleapi.RevealedPaykey, error) {
	if err != nil {
		return straddleapi.RevealedPaykey{}, err
	}
	return *p, nil
}

func asRevealed(p *straddleapi.Paykey, err error) (r straddleapi.RevealedPaykey, _ error) {
	if err == nil {
		text, _ := json.Marshal(p)
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

// Every outcome in every way: what the response has, and what the paykey is once the checks are over.
func TestPaykeyOutcomes(t *testing.T) {
	t.Parallel()
	type outcome = straddleapi.SimulatedPaykeyOutcome
	type method = straddleapi.PaykeyProcessingMode
	for way, create := range ways {
		standard := straddleapi.PaykeyStatus("rejected")
		if way == "plaid" || way == "quiltt" {
			standard = "active"
		}
		for _, tt := range []struct {
			outcome     outcome
			method      method
			first, last straddleapi.PaykeyStatus
		}{
			{"", "", "pending", standard},
			{"standard", "", "pending", standard},
			{"standard", "inline", standard, standard},
			{"standard", "background", "pending", standard},
			{"standard", "skip", "active", "active"},
			{"active", "", "active", "active"},
			{"active", "background", "pending", "active"},
			{"review", "inline", "review", "review"},
			{"review", "background", "pending", "review"},
			{"rejected", "", "rejected", "rejected"},
			{"rejected", "background", "pending", "rejected"},
		} {
			t.Run(fmt.Sprint(way, " ", tt.outcome, " ", tt.method), func(t *testing.T) {
				t.Parallel()
				w := newTown(t)
				config := straddleapi.PaykeyConfiguration{SandboxOutcome: tt.outcome, ProcessingMethod: tt.method}
				made, err := create(w, config)
				require.NoError(t, err)
				assert.Equal(t, tt.first, made.Status)
				assert.Equal(t, config, made.Config)
				requireDetails(t, made.Status, made.StatusDetails)
				assert.Equal(t, []string{"paykey.created.v1 " + string(tt.first) + " 0s", "paykey.event.v1 " + string(tt.first) + " 0s"}, w.events())
				w.advance(checksTake - 1)
				assert.Empty(t, w.events(), "not yet")
				w.advance(time.Hour)
				got, err := w.Paykeys.Get(w.ctx, made.ID)
				require.NoError(t, err)
				assert.Equal(t, tt.last, got.Status)
				requireDetails(t, got.Status, got.StatusDetails)
				if tt.first != tt.last {
					assert.Equal(t, straddleapi.TimestampOf(noon.Add(checksTake)), got.StatusDetails.ChangedAt)
					assert.Equal(t, []string{"paykey.event.v1 " + string(tt.last) + " 5s"}, w.events())
				}
				assert.Empty(t, w.events())
			})
		}
	}
}

// requireDetails holds the details of a status that comes from checks.
func requireDetails(t *testing.T, status straddleapi.PaykeyStatus, got *straddleapi.PaymentStatusDetails) {
	t.Helper()
	want := map[straddleapi.PaykeyStatus]string{
		"pending": "validating system", "active": "ok system", "review": "require_review watchtower", "rejected": "failed_verification watchtower",
	}
	assert.Equal(t, want[status], fmt.Sprintf("%s %s", got.Reason, got.Source))
	assert.NotEmpty(t, got.Message)
	assert.Empty(t, got.Code)
}

// The account behind a token is made up, and always is the same one.
func TestPaykeySources(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for way, create := range ways {
		made, err := create(w, straddleapi.PaykeyConfiguration{SandboxOutcome: "active"})
		require.NoError(t, err)
		assert.EqualValues(t, strings.Replace(way, "speedchex", "tan", 1), made.Source)
		assert.Regexp(t, `^[0-9a-f]{8}\.02\.[0-9a-f]{64}$`, made.Paykey)
		assert.Equal(t, pageID, made.CustomerID)
		assert.Equal(t, "EXAMPLE BANK - *"+made.BankData.AccountNumber[5:], made.Label)
		assert.Equal(t, way == "plaid" || way == "quiltt", made.Balance != nil)
		again, err := create(w, straddleapi.PaykeyConfiguration{SandboxOutcome: "active"})
		require.NoError(t, err)
		assert.NotEqual(t, made.Paykey, again.Paykey)
		one, err := w.Paykeys.GetUnmasked(w.ctx, made.ID)
		require.NoError(t, err)
		two, err := w.Paykeys.GetUnmasked(w.ctx, again.ID)
		require.NoError(t, err)
		assert.Equal(t, one.BankData, two.BankData)
		assert.Regexp(t, `^[0-9]{9}$`, one.BankData.AccountNumber)
		if way == "tan" {
			assert.Equal(t, straddleapi.UnmaskedPaykeyBankDetails{RoutingNumber: "011000015", AccountNumber: one.BankData.AccountNumber, AccountType: "savings"}, *one.BankData)
		}
	}
}

func TestPaykeyMasks(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	made, err := w.Bridge.CreateBankAccountPaykey(w.ctx, straddleapi.CreateBankAccountPaykeyRequest{
		CustomerID: strings.ToUpper(pageID), RoutingNumber: "021000021", AccountNumber: "000987654321", AccountType: api.AccountTypeChecking, ExternalID: "mine",
		Metadata: map[string]string{"order": "77"}, Config: &straddleapi.PaykeyConfiguration{SandboxOutcome: "active"},
	})
	require.NoError(t, err)
	token := made.Paykey
	assert.Equal(t, pageID, made.CustomerID)
	assert.Equal(t, &straddleapi.PaykeyBankDetails{RoutingNumber: "021000021", AccountNumber: "********4321", AccountType: "checking"}, made.BankData)
	assert.Equal(t, "EXAMPLE BANK - *4321", made.Label)

	got, err := w.Paykeys.Get(w.ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, token[:3]+"***.02.******"+token[len(token)-3:], got.Paykey)
	made.Paykey = got.Paykey
	assert.Equal(t, made, got, "all else is as it was made")

	whole, err := w.Paykeys.Reveal(w.ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, token, whole.Paykey)
	assert.Equal(t, "********4321", whole.BankData.AccountNumber)
	unmasked, err := w.Paykeys.GetUnmasked(w.ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, token, unmasked.Paykey)
	assert.Equal(t, "000987654321", unmasked.BankData.AccountNumber)
	assert.Equal(t, "mine", unmasked.ExternalID)
	review, err := w.Paykeys.GetReview(w.ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, *got, review.PaykeyDetails)
	page, err := w.Paykeys.List(w.ctx, api.ListPaykeysParams{})
	require.NoError(t, err)
	assert.Equal(t, got.Paykey, page.Items[0].Paykey)
	assert.Equal(t, got.BankData, page.Items[0].BankData)

	for _, event := range w.e.Events() {
		data := fits[straddleapi.PaykeyEvent](t, event.Data)
		assert.Equal(t, token, data.Paykey, "an event has the token")
		assert.Equal(t, "********4321", data.BankData.AccountNumber)
		assert.Equal(t, "77", *data.Metadata["order"])
	}
	var state any
	w.e.State(noon, func(_ string, s any) { state = s })
	dump, err := json.Marshal([]any{state, w.e.FindCalls(engine.CallFilter{})})
	require.NoError(t, err)
	for _, hidden := range []string{"0987654321", token, token[13:]} {
		assert.NotContains(t, string(dump), hidden)
	}
	assert.Equal(t, []Paykey{{PaykeyID: made.ID, CustomerID: pageID, Source: "bank_account", Status: "active"}}, state.(State).Paykeys)
}

func TestMasks(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"": "", "1": "*", "1234": "****", "12345": "*2345", "123456789": "*****6789", "äöüßé": "*öüßé"} {
		assert.Equal(t, want, maskedNumber(number))
	}
	assert.Equal(t, "abc***.02.******def", maskedToken("abcd1234.02.00def"))
	for _, odd := range []string{"", "abcd", "ab.02.cd", "abcd.02.cd", "a.b.c.d"} {
		assert.Equal(t, "***", maskedToken(odd))
	}
}

// Every status with everything that may be done to it: what it becomes, or "" where it is refused.
func TestPaykeyMoves(t *testing.T) {
	t.Parallel()
	type status = straddleapi.PaykeyStatus
	const accept, reject, cancel, unblock, back = 0, 1, 2, 3, 4
	for from, want := range map[status][5]status{
		//           accept   reject      cancel      unblock  a return
		"pending":  {"", "", "inactive", "", "blocked"},
		"active":   {"", "", "inactive", "", "blocked"},
		"review":   {"active", "rejected", "inactive", "", "blocked"},
		"rejected": {"", "", "inactive", "", ""},
		"blocked":  {"", "", "inactive", "active", ""},
		"inactive": {"", "", "", "", ""},
	} {
		for what, to := range want {
			t.Run(fmt.Sprint(from, " ", what), func(t *testing.T) {
				t.Parallel()
				w := newTown(t)
				id := w.paykeyThatIs(from)
				before, err := w.Paykeys.Get(w.ctx, id)
				require.NoError(t, err)
				require.Equal(t, from, before.Status)
				w.events()
				why := ""
				switch what {
				case accept:
					why = "ok user_action The bank account was accepted"
					_, err = w.Paykeys.SetVerificationDecision(w.ctx, id, straddleapi.SetPaykeyVerificationDecisionRequest{Status: "active"})
				case reject:
					why = "failed_verification user_action The bank account was rejected"
					_, err = w.Paykeys.SetVerificationDecision(w.ctx, id, straddleapi.SetPaykeyVerificationDecisionRequest{Status: "rejected"})
				case cancel:
					why = "cancel_request user_action no longer needed"
					_, err = w.Paykeys.Cancel(w.ctx, id, straddleapi.CancelPaykeyRequest{Reason: "no longer needed"})
				case unblock:
					why = "ok user_action talked to the bank"
					_, err = w.Paykeys.Unblock(w.ctx, id, straddleapi.UnblockPaykeyRequest{Message: "talked to the bank"})
				case back:
					why = "disputed watchtower A payment of the bank account was returned"
					w.block("021000021", "123456789", "R05")
				}
				if to == "" {
					if what != back {
						w.refused(err, 422, "")
					}
					after, err := w.Paykeys.Get(w.ctx, id)
					require.NoError(t, err)
					assert.Equal(t, before, after)
					assert.Empty(t, w.events())
					return
				}
				require.NoError(t, err)
				after, err := w.Paykeys.Get(w.ctx, id)
				require.NoError(t, err)
				assert.Equal(t, to, after.Status)
				d := after.StatusDetails
				assert.Equal(t, why, fmt.Sprint(d.Reason, " ", d.Source, " ", d.Message))
				assert.Equal(t, what == back, d.Code == "R05")
				assert.Equal(t, []string{"paykey.event.v1 " + string(to) + " 0s"}, w.events())
				w.advance(time.Hour)
				assert.Empty(t, w.events(), "checks that were running are over")
			})
		}
	}
}

// paykeyThatIs makes a paykey of the demo customer with a status.
func (w *town) paykeyThatIs(status straddleapi.PaykeyStatus) string {
	w.t.Helper()
	switch status {
	case "pending":
		return w.paykey(pageID, "123456789", "standard").ID
	case "active", "review", "rejected":
		return w.paykey(pageID, "123456789", straddleapi.SimulatedPaykeyOutcome(status)).ID
	}
	id := w.paykey(pageID, "123456789", "active").ID
	if status == "blocked" {
		w.block("021000021", "123456789", "R29")
		return id
	}
	_, err := w.Paykeys.Cancel(w.ctx, id, straddleapi.CancelPaykeyRequest{})
	require.NoError(w.t, err)
	return id
}

// block does what a payment does that was returned.
func (w *town) block(routing, account, code string) {
	require.NoError(w.t, w.e.Change(Name, func(f engine.Fake) error {
		f.(*Fake).block(w.e.Clock().Now(), routing, account, code)
		return nil
	}))
}

// A block is of the bank account: of every paykey, of all customers and accounts, and of the next one.
func TestBlock(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	other := w.customer("a@example.com", "verified")
	hit := []string{w.paykey(pageID, "123456789", "active").ID, w.paykey(other.ID, "123456789", "review").ID}
	spared := w.paykey(pageID, "123456780", "active").ID
	w.events()
	w.block("021000021", "123456789", "R29")
	assert.Equal(t, []string{"paykey.event.v1 blocked 0s", "paykey.event.v1 blocked 0s"}, w.events())
	p, _ := w.fake().paykeys.Get(hit[0])
	shown, err := json.Marshal(revealedPaykey(p))
	require.NoError(t, err)
	fits[straddleapi.RevealedPaykey](t, shown)
	for _, id := range hit {
		got, err := w.Paykeys.Get(w.ctx, id)
		require.NoError(t, err)
		assert.True(t, *got.UnblockEligible)
		assert.Equal(t, "R29", got.StatusDetails.Code)
	}
	got, err := w.Paykeys.Get(w.ctx, spared)
	require.NoError(t, err)
	assert.Equal(t, api.PaykeyStatusActive, got.Status)
	assert.Nil(t, got.UnblockEligible)

	again := straddleapi.CreateBankAccountPaykeyRequest{CustomerID: other.ID, RoutingNumber: "021000021", AccountNumber: "123456789", AccountType: "checking"}
	_, err = w.Bridge.CreateBankAccountPaykey(w.ctx, again, rest.AccountID(acctA))
	w.refused(err, 422, "The bank account is blocked")

	_, err = w.Paykeys.Unblock(w.ctx, hit[0], straddleapi.UnblockPaykeyRequest{})
	require.NoError(t, err)
	w.events()
	_, err = w.Bridge.CreateBankAccountPaykey(w.ctx, again)
	w.refused(err, 422, "The bank account is blocked")
	_, err = w.Paykeys.Unblock(w.ctx, hit[1], straddleapi.UnblockPaykeyRequest{})
	require.NoError(t, err)
	_, err = w.Bridge.CreateBankAccountPaykey(w.ctx, again)
	require.NoError(t, err, "no block is left")

	w.block("021000021", "123456789", "R29")
	w.events()
	_, err = w.Paykeys.Unblock(w.ctx, hit[0], straddleapi.UnblockPaykeyRequest{})
	w.refused(err, 422, "once")
	listed := func(eligible bool) int {
		page, err := w.Paykeys.List(w.ctx, api.ListPaykeysParams{UnblockEligible: &eligible})
		require.NoError(t, err)
		return len(page.Items)
	}
	assert.Equal(t, 1, listed(true), "the new one")
	assert.Equal(t, 2, listed(false), "of blocked ones alone")
	w.block("021000021", "123456780", "R02")
	w.events()
	_, err = w.Paykeys.Unblock(w.ctx, spared, straddleapi.UnblockPaykeyRequest{})
	w.refused(err, 422, "R29")
	_, err = w.Paykeys.Cancel(w.ctx, spared, straddleapi.CancelPaykeyRequest{})
	require.NoError(t, err)
	again.AccountNumber = "123456780"
	w.events()
	_, err = w.Bridge.CreateBankAccountPaykey(w.ctx, again)
	w.refused(err, 422, "The bank account is blocked")
}

func TestPaykeyRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rejected := w.customer("a@example.com", "rejected")
	theirs, err := w.Customers.Create(w.ctx, somebody("b@example.com"), rest.AccountID(acctA))
	require.NoError(t, err)
	w.events()
	request := straddleapi.CreateBankAccountPaykeyRequest{CustomerID: rejected.ID, RoutingNumber: "021000021", AccountNumber: "1", AccountType: "checking"}
	_, err = w.Bridge.CreateBankAccountPaykey(w.ctx, request)
	w.refused(err, 422, "the customer was rejected")
	request.CustomerID = theirs.ID
	for _, account := range []string{"", acctB} {
		_, err = w.Bridge.CreateBankAccountPaykey(w.ctx, request, under(account)...)
		w.refused(err, 422, "no such customer")
	}
	request.CustomerID, request.RoutingNumber = pageID, "02100002x"
	_, err = w.Bridge.CreateBankAccountPaykey(w.ctx, request)
	w.refused(err, 422, "must have nine digits")
	request.RoutingNumber, request.CustomerID = "021000021", engine.MagicID(409)
	_, err = w.Bridge.CreateBankAccountPaykey(w.ctx, request)
	w.refused(err, 409, "magic id")
	_, err = w.Paykeys.Get(w.ctx, theirs.ID)
	w.refused(err, 404, "no such paykey")
	_, err = w.Paykeys.Get(w.ctx, engine.MagicID(422))
	w.refused(err, 422, "magic id")
}

// What is made under an account is found under it alone, by its id, its token and in lists.
func TestPaykeyScopes(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	made, err := w.Bridge.CreatePlaidPaykey(w.ctx, straddleapi.CreatePlaidPaykeyRequest{CustomerID: pageID, PlaidToken: "t"}, rest.AccountID(acctA))
	require.NoError(t, err)
	w.events()
	for account, seen := range map[string]bool{acctA: true, acctB: false, "": false} {
		_, err := w.Paykeys.Get(w.ctx, made.ID, under(account)...)
		if !seen {
			w.refused(err, 404, "no such paykey")
		}
		page, err := w.Paykeys.List(w.ctx, api.ListPaykeysParams{}, under(account)...)
		require.NoError(t, err)
		assert.Equal(t, seen, len(page.Items) == 1)
		found := w.fake().paykeyByToken(&engine.Call{Scope: account}, made.Paykey)
		assert.Equal(t, seen, found != nil)
		if seen {
			assert.Equal(t, pageID, w.fake().customerOf(found).ID)
		}
	}
	assert.Nil(t, w.fake().paykeyByToken(&engine.Call{Scope: acctA}, ""))
	assert.Nil(t, w.fake().paykeyByToken(&engine.Call{Scope: acctA}, maskedToken(made.Paykey)))
}

func TestPaykeyBalance(t *testing.T) {
	t.Parallel()
	for way, last := range map[string]straddleapi.PaykeyBalanceRefreshStatus{"plaid": "completed", "quiltt": "completed", "bank_account": "failed"} {
		w := newTown(t)
		made, err := ways[way](w, straddleapi.PaykeyConfiguration{SandboxOutcome: "active"})
		require.NoError(t, err)
		w.events()
		for range 2 {
			answer, err := w.Paykeys.RefreshBalance(w.ctx, made.ID)
			require.NoError(t, err)
			if len(w.events()) == 1 && answer.Balance != nil && answer.Balance.Status == "pending" {
				continue // the second time
			}
			assert.Equal(t, made.Balance, answer.Balance, "the old one")
		}
		got, err := w.Paykeys.Get(w.ctx, made.ID)
		require.NoError(t, err)
		assert.Equal(t, api.PaykeyBalanceRefreshStatusPending, got.Balance.Status)
		w.advance(time.Hour)
		got, err = w.Paykeys.Get(w.ctx, made.ID)
		require.NoError(t, err)
		assert.Equal(t, []string{"paykey.event.v1 active 5s"}, w.events(), "once")
		assert.Equal(t, last, got.Balance.Status)
		if last == "completed" {
			assert.Equal(t, int64(250_000), *got.Balance.AccountBalance)
			assert.Equal(t, straddleapi.TimestampOf(noon.Add(checksTake)), got.Balance.UpdatedAt)
			fits[straddleapi.PaykeyEvent](t, w.e.Events()[w.seen-1].Data)
		} else {
			assert.Nil(t, got.Balance.AccountBalance)
		}
	}
}

func TestPaykeyRefresh(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	one := w.paykey(pageID, "123456789", "review")
	_, err := w.Paykeys.SetVerificationDecision(w.ctx, one.ID, straddleapi.SetPaykeyVerificationDecisionRequest{Status: "active"})
	require.NoError(t, err)
	inactive := w.paykeyThatIs("inactive")
	for _, id := range []string{one.ID, one.ID, inactive} {
		answer, err := w.Paykeys.RefreshReview(w.ctx, id)
		require.NoError(t, err)
		assert.NotEqual(t, api.PaykeyStatusReview, answer.Status)
	}
	w.events()
	w.advance(time.Hour)
	assert.Equal(t, []string{"paykey.event.v1 review 5s"}, w.events())

	for range 2 {
		_, err = w.Paykeys.RefreshReview(w.ctx, one.ID)
		require.NoError(t, err)
	}
	assert.Len(t, w.fake().agenda.list, 1)
	_, err = w.Paykeys.SetVerificationDecision(w.ctx, one.ID, straddleapi.SetPaykeyVerificationDecisionRequest{Status: "active"})
	require.NoError(t, err)
	w.events()
	w.advance(time.Hour)
	assert.Empty(t, w.events(), "what was decided stays")
}

func TestPaykeyReviews(t *testing.T) {
	t.Parallel()
	for status, decision := range map[straddleapi.PaykeyStatus]straddleapi.PaykeyVerificationResult{
		"pending": "", "active": "accept", "inactive": "accept", "blocked": "accept", "review": "review", "rejected": "reject",
	} {
		w := newTown(t)
		got, err := w.Paykeys.GetReview(w.ctx, w.paykeyThatIs(status))
		require.NoError(t, err)
		assert.Equal(t, status, got.PaykeyDetails.Status)
		if decision == "" {
			assert.Nil(t, got.VerificationDetails)
			continue
		}
		assert.Equal(t, decision, got.VerificationDetails.Decision)
		assert.Equal(t, decision, got.VerificationDetails.Breakdown.AccountValidation.Decision)
		assert.Equal(t, []string{"Example Person"}, got.VerificationDetails.Breakdown.NameMatch.NamesOnAccount)
	}
}

func TestPaykeyList(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	other := w.customer("a@example.com", "verified")
	names := map[string]string{}
	for i, outcome := range []straddleapi.SimulatedPaykeyOutcome{"active", "review", "rejected"} {
		customer := pageID
		if i == 2 {
			customer = other.ID
		}
		names[w.paykey(customer, fmt.Sprint("12345678", i), outcome).ID] = string(outcome[:2])
		w.advance(time.Minute)
	}
	plaid, err := w.Bridge.CreatePlaidPaykey(w.ctx, straddleapi.CreatePlaidPaykeyRequest{CustomerID: pageID, PlaidToken: "t", ExternalID: "Order-77"})
	require.NoError(t, err)
	names[plaid.ID] = "pl"
	for want, params := range map[string]api.ListPaykeysParams{
		"ac re rej? pl": {}, // rejected and review begin alike
		"pl re re ac":   {SortOrder: api.SortOrderDesc, SortBy: api.PaykeySortByCreatedAt},
		"ac re re pl":   {SortBy: api.PaykeySortByInstitutionName},
		"ac re re pl ":  {SortBy: api.PaykeySortByExpiresAt},
		"ac re pl":      {CustomerID: pageID},
		"re":            {CustomerID: other.ID},
		"ac":            {Status: []straddleapi.PaykeyStatus{"active"}},
		"re re":         {Status: []straddleapi.PaykeyStatus{"review", "rejected"}},
		"pl":            {Source: []straddleapi.PaykeySource{"plaid", "mx"}},
		"pl ":           {SearchText: "order"},
		"ac ":           {SearchText: "*6780"},
		"re re pl":      {CreatedFrom: straddleapi.TimestampOf(noon.Add(time.Minute))},
		"ac re":         {CreatedTo: straddleapi.TimestampOf(noon.Add(time.Minute))},
		"re pl":         {PageNumber: 2, PageSize: 2},
	} {
		page, err := w.Paykeys.List(w.ctx, params)
		require.NoError(t, err)
		got := []string{}
		for _, row := range page.Items {
			got = append(got, names[row.ID])
		}
		assert.Equal(t, strings.Fields(strings.Replace(want, "rej?", "re", 1)), got, "%+v", params)
	}
}

// What is forgotten to make room leaves nothing behind.
func TestForgotten(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	first := w.paykey(pageID, "123456789", "standard")
	require.NoError(t, w.e.Change(Name, func(f engine.Fake) error {
		s := f.(*Fake)
		for range shelfLimit {
			s.putPaykey(&engine.Call{Now: noon}, paykey{UnmaskedPaykey: straddleapi.UnmaskedPaykey{
				BankData: &straddleapi.UnmaskedPaykeyBankDetails{}, Config: straddleapi.PaykeyConfiguration{SandboxOutcome: "active"},
			}}, api.PaykeySourcePlaid)
		}
		assert.Equal(t, shelfLimit, s.paykeys.Len())
		assert.Len(t, s.tokens, shelfLimit)
		assert.Empty(t, s.agenda.list)
		s.agenda.add(due{noon, customerChecks, pageID})
		for range engine.FixtureLimit {
			id := s.IDs.UUID()
			s.people.Put(id, furnished(id, "", ""))
		}
		assert.Empty(t, s.agenda.list)
		return nil
	}))
	_, err := w.Paykeys.Get(w.ctx, first.ID)
	var failed *rest.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, 404, failed.Status)
}

// What is due at the same time happens in the order in which it was noted, and before what is due later.
func TestAgenda(t *testing.T) {
	t.Parallel()
	var a agenda
	for i, after := range []time.Duration{3, 1, 2, 1, 3, 5} {
		a.add(due{noon.Add(after), "x", fmt.Sprint(i)})
	}
	a.add(due{noon, "y", "4"})
	a.drop("x", "4")
	order := ""
	for d, ok := a.next(noon.Add(3)); ok; d, ok = a.next(noon.Add(3)) {
		order += d.What + d.ID + " "
	}
	assert.Equal(t, "y4 x1 x3 x2 x0 ", order)
	a.drop("", "5")
	assert.Empty(t, a.list)
}

// A snapshot in the middle of everything: what is asked, and what happens, afterwards is the same.
func TestPeopleSnapshot(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	person := w.customer("a@example.com", "review")
	standard, err := w.Customers.Create(w.ctx, somebody("b@example.com"), rest.AccountID(acctA))
	require.NoError(t, err)
	token := w.paykey(pageID, "123456789", "active").Paykey
	blocked := w.paykeyThatIs("blocked")
	pending := w.paykey(pageID, "123456780", "standard")
	w.e.Clock().Freeze()
	w.advance(time.Second)

	b := w.restored()
	for _, v := range []*town{w, b} {
		got, err := v.Customers.GetUnmasked(v.ctx, person.ID)
		require.NoError(t, err)
		assert.Equal(t, "203.0.113.7", got.Device.IPAddress)
		assert.NotNil(t, v.fake().paykeyByToken(&engine.Call{}, token))
		p, err := v.Paykeys.Unblock(v.ctx, blocked, straddleapi.UnblockPaykeyRequest{})
		require.NoError(t, err)
		assert.Equal(t, api.PaykeyStatusActive, p.Status)
		v.events()
		v.advance(time.Hour)
		assert.Equal(t, []string{"customer.event.v1 review 5s", "paykey.event.v1 rejected 5s"}, v.events())
		p, err = v.Paykeys.Get(v.ctx, pending.ID)
		require.NoError(t, err)
		assert.Equal(t, api.PaykeyStatusRejected, p.Status)
		_, err = v.Customers.Get(v.ctx, standard.ID)
		v.refused(err, 404, "no such customer")
	}
}
