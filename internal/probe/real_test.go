package probe

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"orderly/internal/model"
)

func TestRealNginx(t *testing.T) { // P-http, P-https
	path := installed(t, "nginx")
	dir := t.TempDir()
	plain, secret := closedPort(t), closedPort(t)
	pair(t, dir)
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
	p := here(t, "http")
	p.Port = plain
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
			check(t, &p, tt.want)
		})
	}

	p.Port = secret
	check(t, p, "HTTP status 400")
	checkTLS(t, p)
	p.Host, p.TLS = "localhost", &model.TLS{Verify: true, SelfSigned: true}
	check(t, p, "")
}

func TestRealRedis(t *testing.T) { // P-redis
	path := installed(t, "redis-server")
	cert := pair(t, t.TempDir())
	for _, password := range []string{"", "topsecret"} {
		p, secret := here(t, "redis"), closedPort(t)
		args := []string{
			"--bind", "127.0.0.1", "--port", strconv.Itoa(p.Port), "--save", "",
			"--tls-port", strconv.Itoa(secret), "--tls-cert-file", cert, "--tls-key-file", cert, "--tls-auth-clients", "no",
			"--tls-ca-cert-file", cert,
		}
		if password != "" {
			args = append(args, "--requirepass", password)
		}
		run(t, p, path, args...)
		if password != "" {
			p.Params = model.Params{param("password", password)}
			check(t, p, "")
			p.Params = model.Params{param("password", "wrong")}
			check(t, p, `it says "-WRONGPASS`)
			p.Params = nil
		}
		p.Port = secret
		check(t, p, "cannot speak redis with ")
		checkTLS(t, p)
	}
}

func TestRealMemcached(t *testing.T) { // P-memcache
	path := installed(t, "memcached")
	p := here(t, "memcache")
	run(t, p, path, "-l", p.Host, "-p", strconv.Itoa(p.Port), "-U", "0", "-u", "nobody")
	p.Protocol = "redis"
	check(t, p, `it says "ERROR" where "+PONG" is expected`)
}
