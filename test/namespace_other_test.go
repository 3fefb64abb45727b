//go:build !linux

package test

import (
	"net"
	"testing"
)

func listenIn(t *testing.T, _ int, _ string) net.Listener { t.Skip("needs Linux"); return nil }
