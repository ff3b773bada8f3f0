package spectest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// TestSecrets: what is marked as a secret is found wherever it stands, and nothing else is.
func TestSecrets(t *testing.T) {
	t.Parallel()
	names, err := Secrets(specs.NewDocument("secrets.yaml", `openapi: 3.0.3
info: {title: secrets, version: '1'}
paths:
  /a:
    parameters:
      - {name: of-path, in: header, x-secret: true, schema: {type: string}}
    post:
      operationId: a
      parameters:
        - {name: of-operation, in: query, schema: {type: string, format: password}}
        - {name: plain, in: query, schema: {type: string, x-secret: false}}
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {of_form: {type: string, format: password}}}
      responses:
        '200':
          description: All.
          headers: {Of-Answer: {schema: {type: string, x-secret: true}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Node'}}}
components:
  schemas:
    Node:
      type: object
      properties:
        plain: {type: string}
        list: {type: array, items: {type: string, x-secret: true}}
        more: {$ref: '#/components/schemas/Node'}
        items: {type: array, items: {type: object, properties: {of_items: {type: string, x-secret: true}}}}
        whole: {type: object, x-secret: true, properties: {part: {type: string}}}
      additionalProperties: {type: object, properties: {of_others: {type: string, x-secret: true}}}
      allOf: [{type: object, properties: {of_all: {type: string, x-secret: true}}}]
      oneOf: [{type: object, properties: {of_one: {type: string, x-secret: true}}}]
`))
	require.NoError(t, err)
	assert.Equal(t, []string{"Of-Answer", "list", "of-operation", "of-path", "of_all", "of_form", "of_items", "of_one", "of_others", "whole"}, names)
	_, err = Secrets(specs.NewDocument("bad.yaml", "openapi: 3.1.0"))
	assert.Error(t, err)
}
