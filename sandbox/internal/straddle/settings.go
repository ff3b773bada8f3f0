// Settings: what holds for an account, after what it inherits.

package straddle

import (
	"cmp"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
)

// The limits of an account that has asked for no others, in cents but for the count. The provider publishes none.
const (
	usualPayment = 1_000_000
	usualDay     = 10_000_000
	usualMonth   = 100_000_000
	usualCount   = 100_000
)

// limits are those of an account for charges or for payouts.
type limits = straddleapi.AccountChargeSettings

func usualSettings() *straddleapi.AccountPaymentSettings {
	usual := limits{
		MaxAmount: usualPayment, DailyAmount: usualDay, MonthlyAmount: usualMonth, MonthlyCount: usualCount, FundingTime: straddleapi.FundingTimeNextDay,
	}
	return &straddleapi.AccountPaymentSettings{Charges: usual, Payouts: straddleapi.AccountPayoutSettings(usual)}
}

// limitsOf returns the limits of an account, or of the platform where it is empty.
func (s *Fake) limitsOf(account string, kind straddleapi.PaymentType) limits {
	settings := usualSettings()
	if r := s.account(account); r != nil {
		settings = r.Value.Settings
	}
	if kind == straddleapi.PaymentTypePayout {
		return limits(settings.Payouts)
	}
	return settings.Charges
}

// accountSettings are what holds for an account: its limits and capabilities, and what the sandbox gives to all: unmasked data
// may be read, as its customers are made up.
func accountSettings(r *embeddedAccount) any {
	business, can, charges, payouts := r.Value.BusinessProfile, r.Value.Capabilities, r.Value.Settings.Charges, r.Value.Settings.Payouts
	return straddleapi.AccountSettings{
		Charges: straddleapi.ChargeSettings{
			MaxAmount: charges.MaxAmount, DailyAmount: charges.DailyAmount, MonthlyAmount: charges.MonthlyAmount, MonthlyCount: charges.MonthlyCount,
			FundingTime: string(charges.FundingTime), LinkedBankAccountID: charges.LinkedBankAccountID,
		},
		Payouts: straddleapi.PayoutSettings{
			MaxAmount: payouts.MaxAmount, DailyAmount: payouts.DailyAmount, MonthlyAmount: payouts.MonthlyAmount, MonthlyCount: payouts.MonthlyCount,
			FundingTime: string(payouts.FundingTime), LinkedBankAccountID: payouts.LinkedBankAccountID,
		},
		StatementSettings: straddleapi.AccountStatementSettings{CompanyName: cmp.Or(business.LegalName, business.Name)},
		PaymentTypes: straddleapi.AccountPaymentTypeSettings{
			Charges: can.PaymentTypes.Charges.CapabilityStatus, Payouts: can.PaymentTypes.Payouts.CapabilityStatus,
		},
		CustomerTypes: straddleapi.AccountCustomerTypeSettings{
			Individuals: can.CustomerTypes.Individuals.CapabilityStatus, Businesses: can.CustomerTypes.Businesses.CapabilityStatus,
		},
		ConsentTypes: straddleapi.AccountConsentSettings{
			Internet: can.ConsentTypes.Internet.CapabilityStatus, SignedAgreement: can.ConsentTypes.SignedAgreement.CapabilityStatus,
		},
		Configuration: straddleapi.AccountPolicyControls{AllowDataUnmask: true},
	}
}
