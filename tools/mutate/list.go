package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"path"
	"regexp"
	"strings"
)

// lists are the mutants of our own, a file for each package.
//
//	# A comment stands on a line of its own.
//	-- wrappers/token/held.go --
//
//	- min(life-spread(window, life), life-min(leeway, life/10))
//	+ life-spread(window, life)
//
//	unseen: why no test can notice it
//	- the old text, which occurs once in the file; it may be a part of a line
//	- or several lines, whose indentation, alignment and comments do not count
//	+ the new text; none if the old one is taken out
//
//go:embed mutants/*.txt
var lists embed.FS

// mutant is a change to a file.
type mutant struct {
	at       string // where its list has it
	file     string // below the root
	old, new []string
	unseen   string // why no test can notice it; empty if one can
}

// String tells the change in one line.
func (m mutant) String() string {
	text := m.file + ": -" + oneLine(m.old)
	if len(m.new) > 0 {
		text += "  +" + oneLine(m.new)
	}
	return text
}

func oneLine(lines []string) string {
	return strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
}

// folder is the folder of the package.
func (m mutant) folder() string { return path.Dir(m.file) }

// readLists returns the mutants of all lists.
func readLists() ([]mutant, error) {
	entries, err := lists.ReadDir("mutants")
	if err != nil {
		return nil, err
	}
	var all []mutant
	for _, e := range entries {
		text, err := lists.ReadFile("mutants/" + e.Name())
		if err != nil {
			return nil, err
		}
		some, err := parse(e.Name(), string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

var header = regexp.MustCompile(`^-- (\S+\.go) --$`)

// parse reads a list.
func parse(name, text string) ([]mutant, error) {
	var all []mutant
	var file string
	var m mutant
	end := func() {
		if m.at != "" {
			all = append(all, m)
		}
		m = mutant{}
	}
	for i, line := range strings.Split(text, "\n") {
		at := fmt.Sprintf("%s:%d", name, i+1)
		line = strings.TrimSpace(line)
		if h := header.FindStringSubmatch(line); h != nil {
			end()
			file = h[1]
			continue
		}
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case line == "":
			end()
			continue
		case file == "":
			return nil, fmt.Errorf("%s: a mutant must stand below the name of its file", at)
		case m.at == "":
			m.at, m.file = at, file
		}
		if err := m.add(line); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	end()
	for _, m := range all {
		if len(m.old) == 0 {
			return nil, fmt.Errorf("%s: a mutant must have an old text", m.at)
		}
	}
	return all, nil
}

// add reads a line of a mutant.
func (m *mutant) add(line string) error {
	if reason, ok := strings.CutPrefix(line, "unseen:"); ok && len(m.old) == 0 {
		m.unseen = strings.TrimSpace(m.unseen + " " + strings.TrimSpace(reason))
		return nil
	}
	switch {
	case line[0] == '-' && len(m.new) == 0:
		m.old = append(m.old, strings.TrimSpace(line[1:]))
	case line[0] == '+' && len(m.old) > 0:
		m.new = append(m.new, strings.TrimSpace(line[1:]))
	default:
		return errors.New("a mutant must be lines of unseen:, then lines of -, then lines of +")
	}
	return nil
}

// pattern returns what finds lines, however they are indented and aligned and whatever is said behind them.
func pattern(lines []string) *regexp.Regexp {
	quoted := make([]string, len(lines))
	for i, line := range lines {
		words := strings.Fields(line)
		for j, word := range words {
			words[j] = regexp.QuoteMeta(word)
		}
		quoted[i] = strings.Join(words, `[\t ]+`)
	}
	return regexp.MustCompile(strings.Join(quoted, `[\t ]*(?://[^\n]*)?\n[\t ]*`))
}

// apply returns source with the change. It must be Go still, and say something else.
func (m mutant) apply(source []byte) ([]byte, error) {
	found := pattern(m.old).FindAllIndex(source, -1)
	if len(found) != 1 {
		return nil, fmt.Errorf("the old text must occur once in %s, it occurs %d times: %s", m.file, len(found), oneLine(m.old))
	}
	from, to := found[0][0], found[0][1]
	changed := bytes.Join([][]byte{source[:from], []byte(strings.Join(m.new, "\n")), source[to:]}, nil)
	before, err := format.Source(source)
	if err != nil {
		return nil, fmt.Errorf("%s is not Go: %w", m.file, err)
	}
	after, err := format.Source(changed)
	if err != nil {
		return nil, fmt.Errorf("%s is not Go any more: %w", m.file, err)
	}
	if bytes.Equal(before, after) {
		return nil, fmt.Errorf("the new text must say something else than the old one: %s", oneLine(m.old))
	}
	return changed, nil
}
