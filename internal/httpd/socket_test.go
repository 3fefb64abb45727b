package httpd

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"orderly/internal/model"
)

func TestSocketOwner(t *testing.T) { // H-13
	h := onSocket(t, admin)
	h.Socket.Mode = 0o620
	if os.Geteuid() == 0 {
		h.Socket.User, h.Socket.Group = "12345", "23456"
	}
	s := setStage(t, h)
	check := func(mode os.FileMode) {
		t.Helper()
		info, err := os.Stat(h.Socket.Path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != mode {
			t.Errorf("permission %04o", info.Mode().Perm())
		}
		if at := info.Sys().(*syscall.Stat_t); h.Socket.User != "" && (at.Uid != 12345 || at.Gid != 23456) {
			t.Errorf("owner %d, group %d", at.Uid, at.Gid)
		}
	}
	check(0o620)
	changed := *h
	changed.Socket = &model.HTTPSocket{Path: h.Socket.Path, Mode: 0o600}
	if err := s.server.Configure(t.Context(), &changed); err != nil {
		t.Fatal(err)
	}
	check(0o600)
}

func TestSocketRefused(t *testing.T) { // H-13
	h := onSocket(t, admin)
	for _, tt := range []struct {
		name   string
		socket model.HTTPSocket
		before func(path string)
		want   string
	}{
		{"unknown user", model.HTTPSocket{User: "no such user"}, nil, "unknown user"},
		{"unknown group", model.HTTPSocket{Group: "no such group"}, nil, "unknown group"},
		{"a file", model.HTTPSocket{}, func(path string) { os.WriteFile(path, []byte("kept"), 0o600) }, "there is something else"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.socket.Path = h.Socket.Path
			if tt.before != nil {
				tt.before(tt.socket.Path)
			}
			s := newStage(t, h)
			err := s.server.Configure(t.Context(), &model.HTTPD{Allow: h.Allow, Socket: &tt.socket})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.socket.Path) {
				t.Errorf("got %v", err)
			}
			left, err := os.ReadDir(strings.TrimSuffix(tt.socket.Path, "/s"))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range left {
				if e.Name() != "s" || tt.before == nil {
					t.Errorf("%s was left behind", e.Name())
				}
			}
		})
	}
}

func TestSocketOfAnother(t *testing.T) { // H-13: one that answers is left alone, a stale one is replaced
	h := onSocket(t, admin)
	other, err := net.Listen("unix", h.Socket.Path)
	if err != nil {
		t.Fatal(err)
	}
	other.(*net.UnixListener).SetUnlinkOnClose(false)
	s := newStage(t, h)
	if err := s.server.Configure(t.Context(), h); err == nil || !strings.Contains(err.Error(), "another process does") {
		t.Errorf("got %v", err)
	}
	other.Close()
	if err := s.server.Configure(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	s.get("admin:monit", "/_ping").expect(t, 200, "pong")

	if err := os.Remove(h.Socket.Path); err != nil {
		t.Fatal(err)
	}
	replaced, err := net.Listen("unix", h.Socket.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer replaced.Close()
	s.server.Close(t.Context())
	if _, err := os.Stat(h.Socket.Path); err != nil {
		t.Error("it removed the socket of somebody else")
	}
}
