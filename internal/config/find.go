package config

import (
	"os"
	"path/filepath"
)

// nativeName is what orderly's own configuration file is called.
const nativeName = "orderly.yaml"

// find returns where the configuration of this host is; nothing when there is none. A place that the
// environment names counts whether it exists or not, so that a misspelled one is noticed.
func find(euid int, getenv func(string) string) []string {
	if path := getenv("ORDERLY_CONFIG"); path != "" {
		return []string{path}
	}
	path := filepath.Join("/etc/orderly", nativeName)
	if euid != 0 {
		dir := getenv("XDG_CONFIG_HOME")
		if dir == "" {
			dir = filepath.Join(getenv("HOME"), ".config")
		}
		path = filepath.Join(dir, "orderly", nativeName)
	}
	if _, err := os.Stat(path); err != nil && os.IsNotExist(err) {
		return nil
	}
	return []string{path}
}
