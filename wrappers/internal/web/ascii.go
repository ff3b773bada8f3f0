package web

// Lower returns s with its ASCII letters in lower case and everything else as it is. Hosts, users and keys are compared
// by it and never by [strings.ToLower] or [strings.EqualFold], which fold other alphabets into ASCII: they take "İ" and
// the Kelvin sign for "i" and "k", where DNS and the providers do not.
func Lower(s string) string {
	for i := range len(s) {
		if isUpper(s[i]) {
			return lower(s, i)
		}
	}
	return s
}

// lower returns s with its letters from i on in lower case.
func lower(s string, i int) string {
	b := []byte(s)
	for ; i < len(b); i++ {
		if isUpper(b[i]) {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// EqualFold reports whether a and b are the same but for the case of ASCII letters.
func EqualFold(a, b string) bool { return Lower(a) == Lower(b) }
