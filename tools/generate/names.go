// How names of a document become names in Go.

package main

import (
	"regexp"
	"strconv"
	"strings"
)

// key makes a name of the document and a name of Go the same where they mean the same: client_secret and ClientSecret.
func key(parts ...string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.Join(parts, "")) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// methodName takes the resource out of an operationId: createCustomer of customers is Create.
func methodName(id, tag string) string {
	name := upper(id)
	for _, resource := range []string{camel(tag), strings.TrimSuffix(camel(tag), "s")} {
		if rest := strings.Replace(name, resource, "", 1); rest != name && rest != "" {
			return rest
		}
	}
	return name
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// lower makes an exported name one that is not: ID is id, CustomerID is customerID.
func lower(s string) string {
	n := len(s) - len(strings.TrimLeftFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' }))
	if n > 1 && n < len(s) {
		n-- // the last capital begins the next word
	}
	return strings.ToLower(s[:n]) + s[n:]
}

var wordPattern = regexp.MustCompile(`[A-Za-z0-9]+`)

// camel puts words together, each with a capital.
func camel(name string) string {
	var b strings.Builder
	for _, w := range wordPattern.FindAllString(name, -1) {
		b.WriteString(upper(w))
	}
	return b.String()
}

// quoted writes texts as a list in Go.
func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return strings.Join(out, ", ")
}
