package token

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A record names a version that is known and a generation, of which 0 is none.
func TestEnvelopeNeedsVersionAndGeneration(t *testing.T) {
	for text, want := range map[string]error{
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA=="}`, version):            nil,
		fmt.Sprintf(`{"version":%d,"generation":18446744073709551615,"data":""}`, version): nil,
		fmt.Sprintf(`{"version":%d,"generation":0,"data":"bnVsbA=="}`, version):            ErrBadRecord,
		fmt.Sprintf(`{"version":%d,"data":"bnVsbA=="}`, version):                           ErrBadRecord,
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA=="}`, version+1):          ErrNewerRecord,
		fmt.Sprintf(`{"version":%d,"sealed":[1],"more":{}}`, version+1):                    ErrNewerRecord,
		`{"version":9}`:   ErrNewerRecord,
		`{"version":9`:    ErrBadRecord,
		`{"version":"9"}`: ErrBadRecord,
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA=="}`, version-1):                  ErrBadRecord,
		`{"generation":1,"data":"bnVsbA=="}`:                                                       ErrBadRecord,
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA==","more":1}`, version):           ErrBadRecord,
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA=="}{}`, version):                  ErrBadRecord,
		fmt.Sprintf(`{"version":%d,"generation":-1,"data":"bnVsbA=="}`, version):                   ErrBadRecord,
		fmt.Sprintf(`{"version":%d,"generation":18446744073709551616,"data":"bnVsbA=="}`, version): ErrBadRecord,
	} {
		e, err := decodeEnvelope([]byte(text))
		if want == nil {
			assert.NoError(t, err, text)
			assert.NotZero(t, e.Generation, text)
			continue
		}
		assert.ErrorIs(t, err, want, text)
		assert.Zero(t, e, text)
	}
}
