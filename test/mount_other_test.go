//go:build !linux

package test

import "testing"

func mountTiny(t *testing.T, _ string) { t.Skip("needs Linux") }
