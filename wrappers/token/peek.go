package token

// Peek returns the token that s hands out, good or not, or else the newest one that it keeps for its refresh token; nil
// if there is none. It fetches nothing, waits for nothing and does not ask the Store. The token is shared and must not
// be changed.
func (s *Source) Peek() *Token {
	if h := s.current.Load(); h != nil {
		return h.token
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}
