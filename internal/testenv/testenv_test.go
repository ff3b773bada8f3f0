package testenv

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

// recorder is a test that notes how it was ended.
type recorder struct {
	testing.TB

	skipped, failed string
}

func (*recorder) Helper()                          {}
func (r *recorder) Skipf(format string, a ...any)  { r.skipped = fmt.Sprintf(format, a...) }
func (r *recorder) Fatalf(format string, a ...any) { r.failed = fmt.Sprintf(format, a...) }

// TestMissing: what is there is in nobody's way; what is missing skips a test, or fails it, and is named.
func TestMissing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	for name, c := range map[string]struct {
		needs func(testing.TB)
		want  string // a part of the reason; empty for none
	}{
		"a program":         {func(t testing.TB) { Programs(t, "go") }, ""},
		"no program":        {func(t testing.TB) { Programs(t, "go", "no-such-program") }, "needs the program no-such-program"},
		"a file":            {func(t testing.TB) { File(t, ".", "this folder") }, ""},
		"no file":           {func(t testing.TB) { File(t, file, "something") }, "needs something at " + file},
		"nothing is needed": {func(t testing.TB) { Programs(t) }, ""},
	} {
		for _, variable := range []string{"", "1"} {
			t.Run(name+", "+NoSkip+"="+variable, func(t *testing.T) {
				t.Setenv(NoSkip, variable)
				var r recorder
				c.needs(&r)
				got, other := r.skipped, r.failed
				if variable != "" {
					got, other = other, got
				}
				assert.Contains(t, got, c.want)
				assert.Equal(t, c.want == "", got == "", got)
				assert.Empty(t, other)
			})
		}
	}
}
