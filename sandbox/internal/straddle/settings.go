// Account settings: what holds for an account, after what it inherits.

package straddle

import (
	"cmp"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

func (s *Fake) settingHandlers() map[string]engine.Handler {
	return map[string]engine.Handler{"getAccountSettings": s.getAccountSettings}
}

func (s *Fake) getAccountSettings(c *engine.Call) engine.Verdict {
	return seen(c, s.account(c.Param("account_id")), "account", settingsOf)
}

// settingsOf returns what holds for an account: its limits and capabilities, and what the sandbox gives to all: unmasked data
// may be read, as its customers are made up.
func settingsOf(a straddleapi.Account) straddleapi.AccountSettings {
	in, can := a.Settings, a.Capabilities
	charges := straddleapi.ChargeSettings{
		MaxAmount: in.Charges.MaxAmount, DailyAmount: in.Charges.DailyAmount, MonthlyAmount: in.Charges.MonthlyAmount, MonthlyCount: in.Charges.MonthlyCount,
		FundingTime: string(in.Charges.FundingTime), LinkedBankAccountID: in.Charges.LinkedBankAccountID,
	}
	payouts := straddleapi.PayoutSettings{
		MaxAmount: in.Payouts.MaxAmount, DailyAmount: in.Payouts.DailyAmount, MonthlyAmount: in.Payouts.MonthlyAmount, MonthlyCount: in.Payouts.MonthlyCount,
		FundingTime: string(in.Payouts.FundingTime), LinkedBankAccountID: in.Payouts.LinkedBankAccountID,
	}
	return straddleapi.AccountSettings{
		Charges: charges, Payouts: payouts,
		StatementSettings: straddleapi.AccountStatementSettings{CompanyName: cmp.Or(a.BusinessProfile.LegalName, a.BusinessProfile.Name)},
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
