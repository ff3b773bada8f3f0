package web

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLower(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "abc": "abc", "ABC-xyz.09": "abc-xyz.09", "fİnapi": "fİnapi", "\u212aey": "\u212aey", "Ä@[`{Z": "Ä@[`{z", "\xffA": "\xffa",
	} {
		assert.Equal(t, want, Lower(in), in)
	}
}

func TestEqualFold(t *testing.T) {
	assert.True(t, EqualFold("Bearer", "bEARER"))
	assert.False(t, EqualFold("\u212aey", "key"), "the Kelvin sign is no k")
	assert.False(t, EqualFold("bearer", "bearer "))
}
