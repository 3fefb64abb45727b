package probe

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"orderly/internal/model"
)

// run starts a real server, waits until the probe finds it, and stops it when the test ends.
func run(t *testing.T, p *model.Probe, path string, args ...string) {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	out, err := os.Create(filepath.Join(cmd.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if Run(t.Context(), p).OK {
			return
		}
	}
	text, _ := os.ReadFile(out.Name())
	t.Fatalf("%s does not come up: %s", path, text)
}

func installed(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Skip(path, "is not installed")
	}
}

func TestRealNginx(t *testing.T) { // P-http, P-https
	const path = "/usr/sbin/nginx"
	installed(t, path)
	dir := t.TempDir()
	plain, secret := closedPort(t), closedPort(t)
	cert := selfIssued(t, 30)
	writeKeyPair(t, filepath.Join(dir, "pair.pem"), cert)
	big := make([]byte, 300_000)
	for i := range big {
		big[i] = 'x'
	}
	os.WriteFile(filepath.Join(dir, "big"), append(big, "the end"...), 0o644)
	os.WriteFile(filepath.Join(dir, "index.html"), []byte("hello\n"), 0o644)
	os.Chmod(dir, 0o755)
	conf := filepath.Join(dir, "nginx.conf")
	os.WriteFile(conf, fmt.Appendf(nil, `
daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log info;
events {}
http {
  access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
  server { listen 127.0.0.1:%[2]d; root %[1]s; location /busy { return 503; } location /echo { return 200 "$request $http_x_one $remote_user $host"; } }
  server { listen 127.0.0.1:%[3]d ssl; ssl_certificate %[1]s/pair.pem; ssl_certificate_key %[1]s/pair.pem; root %[1]s; }
}`, dir, plain, secret), 0o644)
	p := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: plain, Protocol: "http", Timeout: 5 * time.Second}
	run(t, p, path, "-c", conf, "-p", dir)

	for _, tt := range []struct {
		name   string
		params model.Params
		want   string // "" for success
	}{
		{"plain", nil, ""},
		{"head", model.Params{param("method", "head")}, ""},
		{"missing", model.Params{param("request", "/no such file")}, "HTTP status 404 from http://127.0.0.1:" + strconv.Itoa(plain) + "/no%20such%20file"},
		{"missing as wanted", append(status(model.Equal, "404"), param("request", "/nothing")), ""},
		{"busy", model.Params{param("request", "/busy")}, "HTTP status 503"},
		{"content", content(model.Equal, "^hello"), ""},
		{"large content", append(content(model.Equal, "the end$"), param("request", "/big")), ""},
		{"checksum", model.Params{param("checksum", "b1946ac92492d2347c6235b4d2611184")}, ""},
		{
			"all we say", append(content(model.Equal, "^GET /echo[?]a%20b HTTP/1.1 1 u me$"), param("request", "/echo?a b"),
				param("header", "X-One: 1"), param("hostheader", "me"), param("username", "u"), param("password", "p")), "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := *p
			p.Params = tt.params
			if r := Run(t.Context(), &p); tt.want == "" {
				mustPass(t, r)
			} else {
				mustFail(t, r, tt.want)
			}
		})
	}

	p.Host, p.Port, p.TLS = "localhost", secret, &model.TLS{Verify: true, SelfSigned: true}
	r := Run(t.Context(), p)
	mustPass(t, r)
	if days := r.Readings.Get(model.Certificate).Number(); days < 29.9 || days > 30 {
		t.Errorf("certificate valid for %v days", days)
	}
	p.TLS = nil
	mustFail(t, Run(t.Context(), p), "HTTP status 400")
}

func TestRealRedis(t *testing.T) { // P-redis
	const path = "/usr/bin/redis-server"
	installed(t, path)
	for _, password := range []string{"", "secret"} {
		p := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: closedPort(t), Protocol: "redis", Timeout: 5 * time.Second}
		args := []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(p.Port), "--save", ""}
		if password != "" {
			args = append(args, "--requirepass", password)
		}
		run(t, p, path, args...)
		if password == "" {
			continue
		}
		p.Params = model.Params{param("password", password)}
		mustPass(t, Run(t.Context(), p))
		p.Params = model.Params{param("password", "wrong")}
		mustFail(t, Run(t.Context(), p), `it says "-WRONGPASS`)
	}
}
