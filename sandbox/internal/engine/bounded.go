// A map that cannot grow without end.

package engine

import (
	"container/list"
	"iter"
)

// Bounded is a map of at most limit entries. When one more comes, the one that was put in first goes. It is not safe
// for many goroutines.
type Bounded[K comparable, V any] struct {
	OnEvict func(key K, value V) // may be nil; must not touch the map

	limit   int
	entries map[K]*list.Element
	order   *list.List // of *entry[K, V], the oldest in front
	evicted uint64     // how many have gone to make room
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// NewBounded returns one with room for limit entries.
func NewBounded[K comparable, V any](limit int) *Bounded[K, V] {
	return &Bounded[K, V]{limit: limit, entries: map[K]*list.Element{}, order: list.New()}
}

// Get returns the value of a key, and whether there is one.
func (b *Bounded[K, V]) Get(key K) (V, bool) {
	element, ok := b.entries[key]
	if !ok {
		var none V
		return none, false
	}
	return element.Value.(*entry[K, V]).value, true
}

// Put puts a value in, as the newest.
func (b *Bounded[K, V]) Put(key K, value V) {
	b.Drop(key)
	b.entries[key] = b.order.PushBack(&entry[K, V]{key, value})
	if len(b.entries) <= b.limit {
		return
	}
	oldest := b.order.Front().Value.(*entry[K, V])
	b.Drop(oldest.key)
	b.evicted++
	if b.OnEvict != nil {
		b.OnEvict(oldest.key, oldest.value)
	}
}

// Drop takes a key out, if it is there.
func (b *Bounded[K, V]) Drop(key K) {
	if element, ok := b.entries[key]; ok {
		b.order.Remove(element)
		delete(b.entries, key)
	}
}

// Len returns how many entries there are.
func (b *Bounded[K, V]) Len() int { return len(b.entries) }

// All returns the entries, the oldest first. Dropping the current one is allowed.
func (b *Bounded[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for element := b.order.Front(); element != nil; {
			e := element.Value.(*entry[K, V])
			element = element.Next()
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

// Newest returns the entries, the newest first.
func (b *Bounded[K, V]) Newest() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for element := b.order.Back(); element != nil; element = element.Prev() {
			if e := element.Value.(*entry[K, V]); !yield(e.key, e.value) {
				return
			}
		}
	}
}
