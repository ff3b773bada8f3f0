// A map that cannot grow without end.

package sandbox

import (
	"container/list"
	"iter"
)

// bounded is a map of at most limit entries. When one more comes, the one that was put in first goes. It is not safe
// for many goroutines.
type bounded[K comparable, V any] struct {
	limit   int
	entries map[K]*list.Element
	order   *list.List           // of *entry[K, V], the oldest in front
	evicted uint64               // how many have gone to make room
	onEvict func(key K, value V) // may be nil; must not touch the map
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func newBounded[K comparable, V any](limit int) *bounded[K, V] {
	return &bounded[K, V]{limit: limit, entries: map[K]*list.Element{}, order: list.New()}
}

func (b *bounded[K, V]) get(key K) (V, bool) {
	element, ok := b.entries[key]
	if !ok {
		var none V
		return none, false
	}
	return element.Value.(*entry[K, V]).value, true
}

func (b *bounded[K, V]) put(key K, value V) {
	b.drop(key)
	b.entries[key] = b.order.PushBack(&entry[K, V]{key, value})
	if len(b.entries) <= b.limit {
		return
	}
	oldest := b.order.Front().Value.(*entry[K, V])
	b.drop(oldest.key)
	b.evicted++
	if b.onEvict != nil {
		b.onEvict(oldest.key, oldest.value)
	}
}

func (b *bounded[K, V]) drop(key K) {
	if element, ok := b.entries[key]; ok {
		b.order.Remove(element)
		delete(b.entries, key)
	}
}

func (b *bounded[K, V]) len() int { return len(b.entries) }

// all returns the entries, the oldest first. Dropping the current one is allowed.
func (b *bounded[K, V]) all() iter.Seq2[K, V] {
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

// newest returns the entries, the newest first.
func (b *bounded[K, V]) newest() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for element := b.order.Back(); element != nil; element = element.Prev() {
			if e := element.Value.(*entry[K, V]); !yield(e.key, e.value) {
				return
			}
		}
	}
}
