package token

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A record names a version that is known and a generation, of which 0 is none.
func TestEnvelopeNeedsVersionAndGeneration(t *testing.T) {
	for text, good := range map[string]bool{
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA=="}`, version):                    true,
		fmt.Sprintf(`{"version":%d,"generation":18446744073709551615,"data":""}`, version):         true,
		fmt.Sprintf(`{"version":%d,"generation":0,"data":"bnVsbA=="}`, version):                    false,
		fmt.Sprintf(`{"version":%d,"data":"bnVsbA=="}`, version):                                   false,
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA=="}`, version+1):                  false,
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA=="}`, version-1):                  false,
		`{"generation":1,"data":"bnVsbA=="}`:                                                       false,
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA==","more":1}`, version):           false,
		fmt.Sprintf(`{"version":%d,"generation":1,"data":"bnVsbA=="}{}`, version):                  false,
		fmt.Sprintf(`{"version":%d,"generation":-1,"data":"bnVsbA=="}`, version):                   false,
		fmt.Sprintf(`{"version":%d,"generation":18446744073709551616,"data":"bnVsbA=="}`, version): false,
	} {
		e, err := decodeEnvelope([]byte(text))
		if good {
			assert.NoError(t, err, text)
			assert.NotZero(t, e.Generation, text)
			continue
		}
		assert.ErrorIs(t, err, ErrBadRecord, text)
		assert.Zero(t, e, text)
	}
}
