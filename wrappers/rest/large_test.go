package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// payment is a row of about 2 KB, as a payment with its history has.
type payment struct {
	ID       string            `json:"id"`
	Amount   int64             `json:"amount"`
	Currency string            `json:"currency"`
	Status   string            `json:"status"`
	Created  string            `json:"created_at"`
	Customer *party            `json:"customer_details"`
	Paykey   party             `json:"paykey_details"`
	Metadata map[string]string `json:"metadata"`
	History  []change          `json:"status_history"`
}

type party struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

type change struct {
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Source  string `json:"source"`
	Message string `json:"message"`
	Changed string `json:"changed_at"`
}

// largePage is a page of so many payments.
func largePage(rows int) string {
	p := payment{
		Amount: 123456, Currency: "USD", Status: "paid", Created: "2026-01-31T12:30:00.123Z",
		Customer: &party{"3c90c3cc-0d44-4b50-8888-8dd25736052b", "Someone With A Name", "someone@example.com", "+15555550123"},
		Paykey:   party{"3c90c3cc-0d44-4b50-8888-8dd25736052c", "A Bank, Checking *1234", "", ""},
		Metadata: map[string]string{"order": "2026-0042", "shop": "main", "note": "left at the door"},
	}
	for i := range 10 {
		p.History = append(p.History, change{
			"pending", "ok", "system", fmt.Sprintf("The payment was moved on by step %d of its \"schedule\"", i), "2026-01-31T12:30:00.123Z",
		})
	}
	var b strings.Builder
	b.WriteString(`{"data":[`)
	for i := range rows {
		p.ID = fmt.Sprintf("3c90c3cc-0d44-4b50-8888-%012d", i)
		row, _ := json.Marshal(p)
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(row)
	}
	fmt.Fprintf(&b, `],"page":1,"size":%d,"pages":1,"items":%d}`, rows, rows)
	return b.String()
}

// largeOperation takes answers of up to 8 MiB.
var largeOperation = &Operation{API: pagedAPI, Name: "listPayments", Method: http.MethodGet, Path: "/payments", Repeat: RepeatFreely, MaxBody: 8 << 20}

// largeReply is an answer whose length the header tells, or not.
func largeReply(body string, known bool) *http.Response {
	r := reply(http.StatusOK, body)
	if !known {
		r.ContentLength = -1
	}
	return r
}

// A page of a thousand rows fits where its operation says so, and is whole.
func TestLargePage(t *testing.T) {
	body := largePage(1000)
	require.Greater(t, len(body), 2_000_000)
	for _, known := range []bool{true, false} {
		page, err := pageOf(t, largeOperation, body, known)
		require.NoError(t, err)
		assert.Len(t, page.Items, 1000)
		assert.Equal(t, "3c90c3cc-0d44-4b50-8888-000000000999", page.Items[999].ID)
		assert.Equal(t, 1000, page.TotalItems)
		assert.Len(t, page.Items[999].History, 10)

		small := *largeOperation
		small.MaxBody = 0
		_, err = pageOf(t, &small, body, known)
		assert.ErrorIs(t, err, ErrBadResponse)
		assert.Contains(t, err.Error(), "larger than the limit")
	}
}

func pageOf(tb testing.TB, op *Operation, body string, known bool) (*Page[payment], error) {
	tb.Helper()
	return CallPage[payment](tb.Context(), op, nil, nil, func(context.Context) (*http.Response, error) { return largeReply(body, known), nil })
}

// BenchmarkLargePage is the price of a page of a thousand rows, beside that of encoding/json alone.
func BenchmarkLargePage(b *testing.B) {
	body := largePage(1000)
	b.Run("rest", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := pageOf(b, largeOperation, body, true); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			text, err := io.ReadAll(largeReply(body, true).Body)
			if err != nil {
				b.Fatal(err)
			}
			var page struct {
				Data                     []payment `json:"data"`
				Page, Size, Pages, Items int
			}
			if err := json.Unmarshal(text, &page); err != nil {
				b.Fatal(err)
			}
		}
	})
}
