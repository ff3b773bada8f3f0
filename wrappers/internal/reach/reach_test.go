package reach

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

type node struct {
	text  string
	next  *node
	bytes []byte
	array [2]byte
	list  []string
	byKey map[string]any
	err   error
	ask   func() string
}

func TestTexts(t *testing.T) {
	n := &node{
		text: "a", bytes: []byte("b"), array: [2]byte{'c', 'd'}, list: []string{"e"}, byKey: map[string]any{"f": &node{text: "g"}},
		err: fmt.Errorf("h: %w", errors.New("i")), ask: func() string { return "hidden" },
	}
	n.next = n
	got := Texts(n)
	for _, want := range []string{"a", "b", "cd", "e", "f", "g", "h: i", "i"} {
		assert.Contains(t, got, want)
	}
	assert.False(t, slices.Contains(got, "hidden"))
	assert.Empty(t, Texts(nil))
}
