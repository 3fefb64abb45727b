package cli

import "path/filepath"

// places are where orderly keeps and finds its things unless flags say otherwise.
type places struct {
	stateDir string
	socket   string
	listen   string

	inspeqtorSocket string // of whoever stands in for Inspeqtor
}

// defaultPlaces are those of the whole host for root, and of the user for everybody else.
func defaultPlaces(uid int, getenv func(string) string) places {
	at := places{stateDir: "/var/lib/orderly", socket: "/run/orderly/orderly.sock", listen: "127.0.0.1:2812"}
	if uid != 0 {
		at.stateDir = filepath.Join(first(getenv("XDG_STATE_HOME"), filepath.Join(getenv("HOME"), ".local/state")), "orderly")
		at.socket = filepath.Join(first(getenv("XDG_RUNTIME_DIR"), at.stateDir), "orderly.sock")
	}
	at.socket = first(getenv("ORDERLY_SOCKET"), at.socket)
	at.inspeqtorSocket = first(getenv("INSPEQTOR_SOCK"), "/var/run/inspeqtor.sock")
	return at
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
