package engine

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBounded(t *testing.T) {
	t.Parallel()
	b := NewBounded[int, string](2)
	b.Put(1, "one")
	b.Put(2, "two")
	b.Put(1, "one again") // now the newest
	b.Put(3, "three")
	_, ok := b.Get(2)
	assert.False(t, ok)
	one, ok := b.Get(1)
	assert.True(t, ok)
	assert.Equal(t, "one again", one)
	b.Drop(1)
	b.Drop(1)
	assert.Len(t, b.entries, 1)
	assert.Equal(t, 1, b.order.Len())
}

func TestLower(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "abc": "abc", "ABC-xyz.09": "abc-xyz.09", "alİce": "alİce", "\u212aey": "\u212aey", "Ä@[`{Z": "Ä@[`{z", "\xffA": "\xffa",
	} {
		assert.Equal(t, want, Lower(text))
	}
	assert.True(t, LoopbackName("LOCALHOST"))
	assert.True(t, LoopbackName("App.LocalHost"))
	assert.False(t, LoopbackName("lo\u212aalhost"))
}

func TestSame(t *testing.T) {
	t.Parallel()
	assert.True(t, Same("a", "a"))
	assert.False(t, Same("a", "b"))
	assert.False(t, Same("", "a"))
}

func TestUnencodableAnswerIsDrift(t *testing.T) {
	t.Parallel()
	c := &Call{Header: http.Header{}}
	a, body := (&provider{}).checked(c, Answer{Status: http.StatusOK, Body: func() {}})
	assert.Equal(t, http.StatusInternalServerError, a.Status)
	assert.JSONEq(t, `{"error":"sandbox drifted from its spec","violations":[]}`, string(body))
}
