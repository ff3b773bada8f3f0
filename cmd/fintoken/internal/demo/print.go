package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// PrintJSON returns a report that writes each row as one JSON object on a line of its own.
func PrintJSON(w io.Writer) func(Row) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return func(r Row) {
		var expires *int64
		if r.ExpiresIn != nil {
			s := int64(*r.ExpiresIn / time.Second)
			expires = &s
		}
		var failure string
		if r.Err != nil {
			failure = r.Err.Error()
		}
		_ = enc.Encode(struct {
			Provider    string `json:"provider"`
			Operation   string `json:"operation"`
			Method      string `json:"method"`
			Path        string `json:"path"`
			Status      int    `json:"status"`
			RequestID   string `json:"request_id"`
			ExpiresIn   *int64 `json:"expires_in"` // seconds; null where the answer does not say
			SpecChecked bool   `json:"spec_checked"`
			OK          bool   `json:"ok"`
			Error       string `json:"error,omitempty"` // why it is not ok
		}{r.Provider, r.Operation, r.Method, r.Path, r.Status, r.RequestID, expires, r.SpecChecked, r.OK, failure})
	}
}

// PrintTable writes the rows as a table for a person, and below it what a cell has no room for.
func PrintTable(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PROVIDER\tOPERATION\tWITH\tREQUEST\tSTATUS\tREQUEST ID\tEXPIRES IN\tSPEC CHECK\tTIME")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s %s\t%s\t%s\t%s\t%s\t%s\n", r.Provider, r.Operation, r.Variant, r.Method, r.Path,
			dash(r.Status != 0, fmt.Sprint(r.Status)), dash(r.RequestID != "", r.RequestID), expires(r.ExpiresIn),
			map[bool]string{true: "ok", false: "FAILED"}[r.SpecChecked], r.Time.Round(10*time.Microsecond))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range rows {
		if r.Note != "" {
			fmt.Fprintf(w, "\n%s %s\n", r.Provider, r.Note)
		}
	}
	return nil
}

func dash(there bool, text string) string {
	if there {
		return text
	}
	return "-"
}

// expires says how long a token lives.
func expires(d *time.Duration) string {
	switch {
	case d == nil:
		return "-"
	case *d == 0:
		return "never"
	}
	return d.String()
}
