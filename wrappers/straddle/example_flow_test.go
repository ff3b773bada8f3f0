package straddle_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// From a customer to a paid charge. With a real key, leave BaseURL empty, and wait for the bank: no clock moves it.
func Example() {
	server, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer server.Close()
	st, err := straddle.New(straddle.Config{APIKey: secret.New(server.Sandbox().Credentials().Straddle.APIKey), BaseURL: server.Straddle()})
	if err != nil {
		panic(err)
	}
	defer st.Close()
	charge, err := pay(context.Background(), st)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(charge.Amount, charge.Currency, charge.Status)
	_ = server.Sandbox().Clock().Advance(72 * time.Hour)
	charge, err = st.Charges.Get(context.Background(), charge.ID)
	fmt.Println(charge.Status, err)
	// Output:
	// 2500 USD created
	// paid <nil>
}

// pay makes a customer, a paykey for the customer's bank account, and a charge of 25 dollars.
func pay(ctx context.Context, st *straddle.Client) (*straddle.Charge, error) {
	customer, err := st.Customers.Create(ctx, straddle.CreateCustomerRequest{
		Name: "Example Person", Type: "individual", Email: "person@example.com", Phone: "+12025550123",
		Device: straddle.CustomerDevice{IPAddress: "203.0.113.7"}, Config: &straddle.CustomerConfiguration{SandboxOutcome: "verified"},
	})
	if err != nil {
		return nil, err
	}
	paykey, err := st.Bridge.CreateBankAccountPaykey(ctx, straddle.CreateBankAccountPaykeyRequest{
		CustomerID: customer.ID, RoutingNumber: "021000021", AccountNumber: "123456789", AccountType: "checking",
		Config: &straddle.PaykeyConfiguration{SandboxOutcome: "active"},
	})
	if err != nil {
		return nil, err
	}
	return st.Charges.Create(ctx, straddle.CreateChargeRequest{
		Paykey: paykey.Paykey, Amount: 2500, Currency: "USD", Description: "Order 77", ExternalID: "order-77", ConsentType: "internet",
		PaymentDate: straddle.Date(time.Now().AddDate(0, 0, 1).Format(time.DateOnly)), Device: straddle.PaymentDevice{IPAddress: "203.0.113.7"},
		Config: straddle.ChargeConfiguration{BalanceCheck: "disabled", SandboxOutcome: "paid"},
	})
}
