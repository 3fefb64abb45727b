package native

import (
	"bytes"
	_ "embed"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of the format, for editors. The caller owns the copy.
func Schema() []byte { return bytes.Clone(schema) }
