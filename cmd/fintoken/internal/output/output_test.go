package output

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const sample = `{"z":"1","a":[1.50,true,null,{}],"e":[],"t":"é\u001b\u0085<","token":"s3cret"}`

func printed(t *testing.T, p Printer, a Answer) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, p.Print(&b, a))
	return b.String()
}

// TestFormats: members keep their order, numbers their digits, and no control character gets through.
func TestFormats(t *testing.T) {
	a := Answer{JSON: []byte(sample), Raw: "s3cret"}
	const compact = `{"z":"1","a":[1.50,true,null,{}],"e":[],"t":"é\u001b<","token":"s3cret"}` + "\n"
	assert.Equal(t, compact, printed(t, Printer{Format: JSONL}, a))
	assert.Equal(t, "s3cret\n", printed(t, Printer{Format: Raw}, a))
	assert.Empty(t, printed(t, Printer{Format: Raw}, Answer{JSON: []byte("{}")}))
	indented := printed(t, Printer{Format: JSON}, a)
	assert.Equal(t, indented, printed(t, Printer{Format: Auto}, a))
	assert.Equal(t, indented, printed(t, Printer{Format: Pretty, Terminal: true, NoColor: true}, a))
	assert.Contains(t, indented, "{\n  \"z\": \"1\",\n  \"a\": [\n    1.50,\n    true,\n    null,\n    {}\n  ],\n  \"e\": [],")
	colored := printed(t, Printer{Format: Auto, Terminal: true}, a)
	assert.Contains(t, colored, "\x1b[36m\"z\"\x1b[0m: \x1b[32m\"1\"\x1b[0m")
	assert.Equal(t, "z: \"1\"\na:\n  - 1.50\n  - true\n  - null\n  - {}\ne: []\nt: \"é\\e\\N<\"\ntoken: s3cret\n", printed(t, Printer{Format: YAML}, a))
}

// TestRedacted: a mask holds for texts, and for members of a name, wherever they are and however they are asked for.
func TestRedacted(t *testing.T) {
	a := Answer{JSON: []byte(`{"deep":[{"token":"s3cret"}],"note":"it is s3cret"}`), Raw: "s3cret"}
	p := Printer{Format: JSONL, Redact: true, Hide: []string{"token"}, Mask: func(s string) string { return strings.ReplaceAll(s, "it is", "***") }}
	assert.Equal(t, `{"deep":[{"token":"[redacted]"}],"note":"*** s3cret"}`+"\n", printed(t, p, a))
	p.Transform = "deep.0.token"
	assert.Equal(t, "\"[redacted]\"\n", printed(t, p, a))
	p.Format = Raw
	assert.Equal(t, "[redacted]\n", printed(t, p, a))
	p.Transform = ""
	assert.Equal(t, "[redacted]\n", printed(t, p, a))
	p.Format = JSONL
	for _, path := range []string{"deep.0.@values", "deep.0.[token]", "deep.0.{k:token}", "deep.#.token", "@values|@flatten"} {
		p.Transform = path
		assert.Contains(t, printed(t, p, a), "[redacted]", path)
		assert.NotContains(t, printed(t, p, a), `"s3cret"`, path)
	}
	p.Transform = ""
	nested := Answer{JSON: []byte(`{"Token":["s3cret",{"x":"s3cret","n":1}]}`)}
	assert.Equal(t, `{"Token":["[redacted]",{"x":"[redacted]","n":1}]}`+"\n", printed(t, p, nested))
	text, err := p.Hidden([]byte(` {"a":  "b\/"}`))
	assert.NoError(t, err)
	assert.Equal(t, ` {"a":  "b\/"}`, string(text), "as it came where nothing is hidden")
	_, err = p.Hidden([]byte(`{"token":"s3`))
	assert.Error(t, err)
	p.Mask, p.Format = nil, JSONL
	assert.Contains(t, printed(t, p, a), "it is s3cret")
}

// TestYAMLOfOthers: what readers of YAML 1.1 take for a boolean or a number is in quotes.
func TestYAMLOfOthers(t *testing.T) {
	p := Printer{Format: YAML}
	for text, want := range map[string]string{
		"no": `"no"`, "Y": `"Y"`, "on": `"on"`, "OFF": `"OFF"`, "12:30:45": `"12:30:45"`, "-1:5.5": `"-1:5.5"`, "true": `"true"`, "012": `"012"`,
		"none": "none", "12:60": "12:60", "y2": "y2",
	} {
		assert.Equal(t, "a: "+want+"\n", printed(t, p, Answer{JSON: []byte(`{"a":"` + text + `"}`)}))
		assert.Equal(t, want+": 1\n", printed(t, p, Answer{JSON: []byte(`{"` + text + `":1}`)}))
	}
}

// TestRawOnATerminal: the format raw is for programs; a terminal gets nothing that it would obey.
func TestRawOnATerminal(t *testing.T) {
	a := Answer{JSON: []byte(`{"a":"x\u001b[2J\u009by\u007f\tz"}`), Raw: "x\x1b[2J\u009by\x7f\tz"}
	for _, path := range []string{"", "a"} {
		p := Printer{Format: Raw, Transform: path}
		assert.Equal(t, a.Raw+"\n", printed(t, p, a))
		p.Terminal = true
		assert.Equal(t, "x[2Jy\tz\n", printed(t, p, a))
	}
}

// TestTransform: a path that finds nothing is an error, as is what is not JSON.
func TestTransform(t *testing.T) {
	a := Answer{JSON: []byte(sample)}
	assert.Equal(t, "1.50\n", printed(t, Printer{Format: Raw, Transform: "a.0"}, a))
	assert.Equal(t, "[1.50,true,null,{}]\n", printed(t, Printer{Format: Raw, Transform: "a"}, a))
	for want, p := range map[string]Printer{
		"finds nothing": {Format: JSON, Transform: "no"}, "not JSON": {Format: JSON},
	} {
		body := a
		if want == "not JSON" {
			body.JSON = []byte("{")
		}
		assert.ErrorContains(t, p.Print(&strings.Builder{}, body), want)
	}
	assert.ErrorContains(t, Printer{Format: JSON, Transform: "a"}.Print(&strings.Builder{}, Answer{JSON: []byte("x")}), "not JSON")
	assert.ErrorContains(t, Printer{Format: JSON}.Print(&strings.Builder{}, Answer{JSON: []byte("{} {}")}), "behind the value")
	assert.NoError(t, CheckFormat("format", "yaml"))
	assert.ErrorContains(t, CheckFormat("format", "xml"), "--format must be one of auto, json, jsonl, yaml, pretty, raw")
}

// FuzzTransform: no path and no document makes it panic, and what it prints is one value of its format.
func FuzzTransform(f *testing.F) {
	for _, path := range []string{"a.0", "@this", "a.#", "{z,a}", "..#.a", "a|@pretty", `a.#(x=="1")`, "@reverse", "\\", "@x:{"} {
		f.Add(sample, path)
	}
	f.Fuzz(func(t *testing.T, body, path string) {
		for _, format := range []string{JSON, JSONL, YAML, Raw} {
			var b strings.Builder
			if err := (Printer{Format: format, Transform: path}).Print(&b, Answer{JSON: []byte(body)}); err != nil {
				continue
			}
			switch format {
			case JSON, JSONL:
				if b.Len() > 0 {
					require.True(t, json.Valid([]byte(b.String())), b.String())
				}
			case YAML:
				var v any
				_ = yaml.Unmarshal([]byte(b.String()), &v) // deep nesting is refused, and nothing panics
			}
		}
	})
}

// TestWhole: raw prints an answer that is no token as it came, and without its secrets where they are to be hidden.
func TestWhole(t *testing.T) {
	const answer = `{ "b": 1,  "ssn": "123" }`
	for _, c := range []struct {
		printer Printer
		want    string
	}{
		{Printer{Format: Raw}, answer + "\n"},
		{Printer{Format: Raw, Redact: true, Hide: []string{"ssn"}}, `{"b":1,"ssn":"[redacted]"}` + "\n"},
		{Printer{Format: Raw, Transform: "ssn"}, "123\n"},
		{Printer{Format: JSONL}, `{"b":1,"ssn":"123"}` + "\n"},
	} {
		var out strings.Builder
		require.NoError(t, c.printer.Print(&out, Answer{JSON: []byte(answer + "\n"), Whole: true}))
		assert.Equal(t, c.want, out.String())
	}
}
