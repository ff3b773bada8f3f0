// How names are compared that make no difference between capitals and small letters.

package engine

// Lower returns s with its ASCII letters in lower case and everything else as it is. Users, hosts and ids are compared
// by it and never by strings.ToLower or strings.EqualFold, which fold other alphabets into ASCII: they take "İ" and the
// Kelvin sign for "i" and "k", where DNS and the providers do not.
func Lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}
