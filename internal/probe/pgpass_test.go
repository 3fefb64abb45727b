package probe

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"orderly/internal/model"
)

func TestPgpass(t *testing.T) {
	tcp := &model.Probe{Kind: model.ProbePort, Host: "db.example.org", Port: 5432}
	local := &model.Probe{Kind: model.ProbePort, Port: 5433}
	socket := &model.Probe{Kind: model.ProbeSocket, Path: "/run/postgresql/.s.PGSQL.5432"}
	const none = "\x00"
	for _, tt := range []struct {
		name, text string
		p          *model.Probe
		want       string
	}{
		{"exact", "db.example.org:5432:shop:joe:topsecret\n", tcp, "topsecret"},
		{"everything", "*:*:*:*:topsecret", tcp, "topsecret"},
		{"lines of DOS", "*:*:*:*:topsecret\r\n", tcp, "topsecret"},
		{"first", "*:*:*:joe:one\ndb.example.org:5432:shop:joe:two\n", tcp, "one"},
		{"another host", "db:5432:shop:joe:topsecret\n", tcp, none},
		{"another port", "*:5433:shop:joe:topsecret\n", tcp, none},
		{"another database", "*:*:post:joe:topsecret\n", tcp, none},
		{"another user", "*:*:*:jim:topsecret\n", tcp, none},
		{"localhost", "localhost:5433:shop:joe:topsecret\n", local, "topsecret"},
		{"socket", "localhost:5432:shop:joe:topsecret\n", socket, "topsecret"},
		{"directory of the socket", "/run/postgresql:5432:shop:joe:topsecret\n", socket, "topsecret"},
		{"another socket", "localhost:5433:shop:joe:topsecret\n", socket, none},
		{"comment", "#*:*:*:*:one\n*:*:*:*:two\n", tcp, "two"},
		{"escaped", `db.example.org:5432:sh\op:jo\e:top\:se\\cret` + "\n", tcp, `top:se\cret`},
		{"colons in a password", "*:*:*:*:a:b\n", tcp, "a:b"},
		{"escaped star", `*:*:\*:*:topsecret` + "\n", tcp, none},
		{"no password", "*:*:*:*:\n", tcp, ""},
		{"too few fields", "*:*:*:topsecret\n\n", tcp, none},
		{"backslash at the end", `*:*:*\`, tcp, none},
		{"empty", "", tcp, none},
	} {
		hosts, port := pgpassPlace(tt.p)
		got, ok := pgpass(tt.text, hosts, port, "shop", "joe")
		if want := strings.TrimSuffix(tt.want, none); ok != (tt.want != none) || got != want {
			t.Errorf("%s: got %q, %v", tt.name, got, ok)
		}
	}
}

func TestPgpassFile(t *testing.T) {
	p := &model.Probe{Kind: model.ProbePort, Host: "db", Port: 5432}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("PGPASSFILE", "")
	path := filepath.Join(home, ".pgpass")
	fails := func(want string) {
		t.Helper()
		if got, err := readPgpass(p, "shop", "joe"); err == nil || got != "" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	succeeds := func() {
		t.Helper()
		if got, err := readPgpass(p, "shop", "joe"); got != "topsecret" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	fails("none is configured, and there is no " + path)
	file(t, home, ".pgpass", "db:*:*:joe:topsecret\n")
	fails(path + " cannot be used: others may read it")
	os.Chmod(path, 0o600)
	succeeds()
	p.Host = "other"
	fails(path + ` has none for user "joe" and database "shop" there`)

	pipe := filepath.Join(home, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGPASSFILE", pipe) // which nobody ever writes to
	fails("it is no file")
	t.Setenv("PGPASSFILE", path)
	p.Host = "db"
	succeeds()
}

// What comes from the file is as secret as what is configured.
func TestPasswordOfTheFileIsHidden(t *testing.T) {
	path := file(t, t.TempDir(), "passwords", "*:*:*:*:topsecret\n")
	os.Chmod(path, 0o600)
	t.Setenv("PGPASSFILE", path)
	p := serve(t, exchange(t, pgsqlStartup("postgres", ""), pgsqlSays("R", "\x00\x00\x00\x03"), "p\x00\x00\x00\x0etopsecret\x00", pgsqlSays("E", "Mwrong: topsecret\x00\x00")))
	p.Protocol = "postgresql-status"
	r := Run(t.Context(), p)
	if mustFail(t, r, "wrong: ********"); strings.Contains(r.Summary+r.Evidence, "topsecret") {
		t.Errorf("the password is in the result %+v", r)
	}
}
