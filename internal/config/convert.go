package config

import (
	"orderly/internal/config/native"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// Convert reads a configuration of any dialect and returns it as an orderly.yaml that means the same. The text is
// nil when the list has errors.
func Convert(o Options) ([]byte, diag.List, error) {
	r := Read(o)
	if r.Diagnostics.HasErrors() {
		return nil, r.Diagnostics, nil
	}
	text, err := encode(r.Config, r.kept)
	return text, r.Diagnostics, err
}

func encode(c *model.Config, kept native.Secrets) ([]byte, error) {
	env := machine()
	env.Protocols = func(string) bool { return true }
	return native.Encode(c, env, kept)
}
