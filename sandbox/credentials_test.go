package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/sandbox"
)

// What the providers' pages print works against a plain sandbox, also after it was reset.
func TestPagesWorkAsPrinted(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	for name, begin := range map[string]func(){
		"new": func() {}, "reset": w.sand.Reset, "seeded": func() { w.sand.ResetSeed(1) },
	} {
		begin()
		w.creds = w.sand.Credentials()
		straddle := w.do(http.MethodPost, bridgePath, headers{"Content-Type": "application/json", "Authorization": "Bearer My API Key"},
			`{"customer_id": "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}`)
		assert.Equal(t, http.StatusCreated, straddle.status, "%s: %s", name, straddle.text)
		finogates := w.do(http.MethodPost, embedPath, with(bearer(w.finogatesBearer()), "Content-Type", "application/json"), `{
  "user_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
  "parent_origin": "https://app.example.com",
  "scope": "add_card",
  "card_processing_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"
}`)
		assert.Equal(t, http.StatusOK, finogates.status, "%s: %s", name, finogates.text)
		assert.Equal(t, "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", w.creds.Straddle.CustomerID, name)
		assert.Equal(t, "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", w.creds.Straddle.AccountID, name)
		assert.Equal(t, "3c90c3cc-0d44-4b50-8888-8dd25736052a", w.creds.Finogates.UserID, name)
		assert.Equal(t, "3c90c3cc-0d44-4b50-8888-8dd25736052a", w.creds.Finogates.CardProcessingID, name)
	}
	assert.Error(t, w.sand.Add(sandbox.Fixtures{Straddle: sandbox.StraddleFixtures{APIKeys: []sandbox.StraddleAPIKey{{APIKey: "My API Key"}}}}))
}
