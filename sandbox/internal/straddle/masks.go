// Masks: what is left of personal and bank data where they are not shown.

package straddle

import (
	"encoding/json"
	"strings"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
)

// What stands for data that are there, as a third party saw it in the provider's sandbox.
const (
	maskedSSN = "***-**-****"
	maskedEIN = "**-*******"
	maskedDOB = "****-**-**"
	maskedIP  = "**.**.**.**"
)

// maskedToken leaves the ends of a paykey: abc***.02.******def. It is one of newPaykeyToken.
func maskedToken(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(parts[0]) < 3 || len(parts[2]) < 3 {
		return "***"
	}
	return parts[0][:3] + "***." + parts[1] + ".******" + parts[2][len(parts[2])-3:]
}

// maskedNumber leaves the last four digits of an account number, and nothing of one that has no more.
func maskedNumber(number string) string {
	letters := []rune(number)
	if stars := len(letters) - 4; stars > 0 {
		return strings.Repeat("*", stars) + string(letters[stars:])
	}
	return strings.Repeat("*", len(letters))
}

// maskedBank masks the bank account behind a paykey. The routing number stays.
func maskedBank(b *straddleapi.UnmaskedPaykeyBankDetails) *straddleapi.PaykeyBankDetails {
	if b == nil {
		return nil
	}
	return &straddleapi.PaykeyBankDetails{RoutingNumber: b.RoutingNumber, AccountNumber: maskedNumber(b.AccountNumber), AccountType: b.AccountType}
}

// maskedProfile masks what the law asks for.
func maskedProfile(p *straddleapi.UnmaskedComplianceProfile) *straddleapi.ComplianceProfile {
	if p == nil {
		return nil
	}
	var masked straddleapi.ComplianceProfile
	whole, _ := p.MarshalJSON()             // what a request had
	_ = json.Unmarshal(whole, &masked)      // the same names, without a mask
	mask := func(to *string, with string) { // only what is there
		if *to != "" {
			*to = with
		}
	}
	mask(&masked.SSN, maskedSSN)
	mask(&masked.EIN, maskedEIN)
	mask(&masked.DOB, maskedDOB)
	return &masked
}
