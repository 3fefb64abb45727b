//go:build !linux

package daemon

// releaseProgram does nothing: only Linux tells which pages of a program may go.
func releaseProgram() {}
