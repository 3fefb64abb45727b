package probe

import (
	"expvar"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"orderly/internal/model"
)

// wantAll is a probe of a family that asks for everything.
func wantAll(p *model.Probe, params ...model.Param) *model.Probe {
	q, family := *p, strings.TrimSuffix(p.Protocol, "-status")
	q.Params = append(model.Params{}, params...)
	for _, name := range model.FamilyNames(family) {
		q.Params = append(q.Params, param(wanted, string(model.FamilyMetric(family, name))))
	}
	return &q
}

// mustTellAll asks a real server for its numbers: those of its family that it has, and no others, must be there.
func mustTellAll(t *testing.T, p *model.Probe, has func(name string) bool) model.Result {
	t.Helper()
	r := Run(t.Context(), p)
	mustPass(t, r)
	family := strings.TrimSuffix(p.Protocol, "-status")
	read := 0
	for _, name := range model.FamilyNames(family) {
		v := r.Readings.Get(model.FamilyMetric(family, name))
		if v.Present() {
			read++
		}
		if v.Present() != has(name) {
			t.Errorf("%s: it has %s: %v, it was read: %v", family, name, has(name), v.Present())
		}
	}
	t.Logf("%s: %d of %d numbers, %s", place(p), read, len(model.FamilyNames(family)), r.Evidence)
	return r
}

func everything(string) bool { return true }

// mustGrow wants totals to have grown by at least so much.
func mustGrow(t *testing.T, before, after model.Result, least map[model.Metric]float64) {
	t.Helper()
	for m, n := range least {
		if grown := after.Readings.Get(m).Number() - before.Readings.Get(m).Number(); grown < n {
			t.Errorf("%s grew by %v, want at least %v", m, grown, n)
		}
	}
}

// askPlainly asks a server in its own words, without any of ours.
func askPlainly(t *testing.T, p *model.Probe, request, end string) string {
	t.Helper()
	c, err := net.Dial("tcp", place(p))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, request)
	var text strings.Builder
	for b := make([]byte, 4096); !strings.HasSuffix(text.String(), end); {
		n, err := c.Read(b)
		if err != nil {
			t.Fatalf("after %q: %v", text.String(), err)
		}
		text.Write(b[:n])
	}
	return text.String()
}

func TestRealRedisStatus(t *testing.T) { // I-14
	path := installed(t, "redis-server")
	dir := open(t)
	p := here(t, "redis-status")
	p.Params = model.Params{param("password", "topsecret")}
	socket := filepath.Join(dir, "s")
	run(t, p, path, "--bind", "127.0.0.1", "--port", strconv.Itoa(p.Port), "--unixsocket", socket, "--save", "", "--requirepass", "topsecret", "--dir", dir)

	info := askPlainly(t, p, "AUTH topsecret\r\nINFO\r\nECHO end\r\n", "end\r\n")
	has := func(name string) bool {
		return strings.Contains(info, "\n"+name+":") || name == "client_biggest_input_buf" && strings.Contains(info, "\nclient_recent_max_input_buffer:")
	}
	p = wantAll(p, p.Params...)
	before := mustTellAll(t, p, has)
	askPlainly(t, p, "AUTH topsecret\r\nSET k v\r\nGET k\r\nGET nothing\r\nECHO end\r\n", "end\r\n")
	mustGrow(t, before, mustTellAll(t, p, has), map[model.Metric]float64{
		"redis.total_connections_received": 2, "redis.total_commands_processed": 5, "redis.keyspace_hits": 1, "redis.keyspace_misses": 1,
	})
	mustTellAll(t, wantAll(&model.Probe{Kind: model.ProbeSocket, Path: socket, Protocol: p.Protocol}, param("password", "topsecret")), has)
	mustTellAll(t, wantAll(p, param("username", "default"), param("password", "topsecret")), has)

	p.Params = model.Params{param("password", "wrong")}
	check(t, p, `it says "-WRONGPASS`)
	p.Params = nil
	check(t, p, `it says "-NOAUTH`)
}

func TestRealMemcachedStatus(t *testing.T) { // I-14
	path := installed(t, "memcached")
	p := here(t, "memcached-status")
	run(t, p, path, "-l", p.Host, "-p", strconv.Itoa(p.Port), "-U", "0", "-u", "nobody")
	stats := askPlainly(t, p, "stats\r\n", "END\r\n")
	has := func(name string) bool { return strings.Contains(stats, "STAT "+name+" ") }
	before := mustTellAll(t, p, has)
	askPlainly(t, p, "set k 0 0 1\r\nv\r\nget k\r\nget nothing\r\ndelete k\r\nversion\r\n", "\r\n")
	mustGrow(t, before, mustTellAll(t, p, has), map[model.Metric]float64{"memcached.cmd_set": 1, "memcached.total_connections": 2, "memcached.bytes_read": 50})
}

func TestRealNginxStatus(t *testing.T) { // I-14
	path := installed(t, "nginx")
	dir := t.TempDir()
	p := here(t, "nginx-status")
	conf := file(t, dir, "nginx.conf", fmt.Sprintf(`
daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log info;
events {}
http {
  access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
  server { listen 127.0.0.1:%[2]d; location /status { stub_status; } location / { return 200 "hello"; } }
}`, dir, p.Port))
	run(t, p, path, "-c", conf, "-p", dir)
	before := mustTellAll(t, p, everything)
	if before.Readings.Get("nginx.Active_connections").Number() < 1 || before.Readings.Get("nginx.Writing").Number() < 1 {
		t.Errorf("who asks is not counted: %v", before.Readings)
	}
	for range 3 {
		askPlainly(t, p, "GET / HTTP/1.0\r\n\r\n", "hello")
	}
	mustGrow(t, before, mustTellAll(t, p, everything), map[model.Metric]float64{"nginx.accepts": 4, "nginx.handled": 4, "nginx.requests": 4})
	p.Params = model.Params{param("request", "/other")}
	check(t, p, "/other is no page of stub_status")
}

// The server is this very program.
func TestRealMemstats(t *testing.T) { // I-14
	mux := http.NewServeMux()
	mux.Handle("/debug/vars", expvar.Handler())
	server := &http.Server{Handler: mux}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	p := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Protocol: "memstats-status"}
	before := mustTellAll(t, p, everything)
	runtime.GC()
	mustGrow(t, before, mustTellAll(t, p, everything), map[model.Metric]float64{"memstats.NumGC": 1, "memstats.PauseTotalNs": 1, "memstats.TotalAlloc": 1})
	server.Close()
	<-done
	mustBeDown(t, p)
}

func TestRealMariaDBStatus(t *testing.T) { // I-14
	path := installed(t, "mariadb-server")
	dir := t.TempDir()
	give(t, dir, "mysql")
	data, socket := filepath.Join(dir, "data"), filepath.Join(dir, "s")
	prepare(t, "/usr/bin/mariadb-install-db", "--no-defaults", "--datadir="+data, "--user=mysql", "--skip-test-db", "--auth-root-authentication-method=socket")
	cert := pair(t, dir)
	p := here(t, "mysql")
	run(t, p, path, "--no-defaults", "--user=mysql", "--datadir="+data, "--socket="+socket, "--port="+strconv.Itoa(p.Port),
		"--bind-address=127.0.0.1", "--ssl-cert="+cert, "--ssl-key="+cert, "--query-cache-type=1")
	do := func(sql string) string {
		t.Helper()
		out, err := exec.Command("/usr/bin/mariadb", "--no-defaults", "--socket="+socket, "-BNe", sql).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", sql, err, out)
		}
		return string(out)
	}
	do("create user watch identified by 'topsecret'; create user poor identified by 'topsecret'; grant replica monitor on *.* to watch")
	p.Protocol = "mysql-status"
	status := "\n" + do("show global status")
	has := func(name string) bool { return strings.Contains(status, "\n"+name+"\t") }
	watch := wantAll(p, param("username", "watch"), param("password", "topsecret"))
	before := mustTellAll(t, watch, has)
	do("create database d; create table d.t (n int) engine=innodb; insert into d.t values (1), (2); select * from d.t; update d.t set n = 3; delete from d.t")
	mustGrow(t, before, mustTellAll(t, watch, has), map[model.Metric]float64{
		"mysql.Com_insert": 1, "mysql.Com_select": 1, "mysql.Com_update": 1, "mysql.Com_delete": 1, "mysql.Connections": 2,
		"mysql.Bytes_received": 100, "mysql.Questions": 6,
	})

	root := wantAll(&model.Probe{Kind: model.ProbeSocket, Path: socket, Protocol: p.Protocol})
	mustTellAll(t, root, has) // who is root here is root there
	private := *watch
	private.Host, private.Family, private.TLS = "localhost", 4, &model.TLS{Verify: true, SelfSigned: true}
	mustTellAll(t, &private, has)
	poor := wantAll(p, param("username", "poor"), param("password", "topsecret"))
	if r := mustTellAll(t, poor, has); !strings.Contains(r.Evidence, "Seconds_Behind_Master is not known: it refuses with error 1227") {
		t.Errorf("without the right to see it: %+v", r)
	}
	if before.Evidence != "Seconds_Behind_Master is not known: it is no replica" {
		t.Errorf("of no replica: %+v", before)
	}

	do("change master to master_host='127.0.0.1', master_port=1, master_user='x'")
	lagging := func(name string) bool { return has(name) || name == "Seconds_Behind_Master" }
	if lag := mustTellAll(t, watch, lagging).Readings.Get("mysql.Seconds_Behind_Master").Number(); lag != mysqlStopped {
		t.Errorf("a replica that does nothing is %v seconds behind", lag)
	}

	p.Params = model.Params{param("username", "watch"), param("password", "wrong")}
	check(t, p, "it refuses with error 1045")
	p.Params = nil
	check(t, p, "it refuses with error 1698")
}

func TestRealPostgreSQLStatus(t *testing.T) { // I-14
	bin, dir := filepath.Dir(installed(t, "postgresql")), t.TempDir()
	give(t, dir, "postgres")
	cert := pair(t, dir)
	os.Chmod(cert, 0o600)
	give(t, cert, "postgres")
	as := func(args ...string) []string { return append([]string{"-u", "postgres", "--"}, args...) }
	data := filepath.Join(dir, "data")
	prepare(t, "/sbin/runuser", as(bin+"/initdb", "-D", data, "-A", "trust", "--no-sync")...)
	file(t, data, "pg_hba.conf", "local all all trust\nhostssl all all all scram-sha-256\nhost all hashed all md5\nhost all scram all scram-sha-256\nhost all postgres all trust\n")
	p := here(t, "postgresql-status")
	run(t, p, "/sbin/runuser", as(bin+"/postgres", "-D", data, "-p", strconv.Itoa(p.Port), "-k", dir, "-c", "listen_addresses=127.0.0.1",
		"-c", "ssl=on", "-c", "ssl_cert_file="+cert, "-c", "ssl_key_file="+cert)...)
	psql := func(args ...string) []string {
		return as(append([]string{bin + "/psql", "-h", dir, "-p", strconv.Itoa(p.Port), "-v", "ON_ERROR_STOP=1", "postgres"}, args...)...)
	}
	prepare(t, "/sbin/runuser", psql("-c", "set password_encryption = md5", "-c", "create role hashed login password 'topsecret'",
		"-c", "set password_encryption = 'scram-sha-256'", "-c", "create role scram login password 'topsecret'", "-c", "create table t as select 1 as n")...)

	login := func(user, password string) []model.Param {
		return []model.Param{param("username", user), param("password", password), param("database", "postgres")}
	}
	all := wantAll(p)
	// What a session did is counted when it ends, a moment after its client has gone.
	eventually(t, all, func(r model.Result) bool { return r.Readings.Get("postgresql.blk_hit_rate").Present() }, nil)
	before := mustTellAll(t, all, everything)
	if n := before.Readings.Get("postgresql.total_size").Number(); n < 8192 {
		t.Errorf("all tables have %v bytes", n)
	}
	prepare(t, "/sbin/runuser", psql("-c", "select * from t", "-c", "begin", "-c", "rollback")...)
	after := eventually(t, all, func(r model.Result) bool {
		return r.Readings.Get("postgresql.seq_scans").Number() > before.Readings.Get("postgresql.seq_scans").Number() &&
			r.Readings.Get("postgresql.rollbacks").Number() > before.Readings.Get("postgresql.rollbacks").Number()
	}, nil)
	mustGrow(t, before, after, map[model.Metric]float64{"postgresql.seq_scans": 1, "postgresql.rollbacks": 1})

	mustTellAll(t, wantAll(p, login("hashed", "topsecret")...), everything)
	mustTellAll(t, wantAll(p, login("scram", "topsecret")...), everything)
	private := wantAll(p, login("scram", "topsecret")...)
	private.Host, private.Family, private.TLS = "localhost", 4, &model.TLS{Verify: true, SelfSigned: true}
	mustTellAll(t, private, everything)
	mustTellAll(t, wantAll(&model.Probe{Kind: model.ProbeSocket, Path: filepath.Join(dir, ".s.PGSQL."+strconv.Itoa(p.Port)), Protocol: p.Protocol}), everything)

	passwords := file(t, dir, "passwords", "127.0.0.1:*:postgres:scram:topsecret\n")
	os.Chmod(passwords, 0o600)
	t.Setenv("PGPASSFILE", passwords)
	mustTellAll(t, wantAll(p, login("scram", "")...), everything)
	for _, tt := range []struct {
		params []model.Param
		want   string
	}{
		{login("scram", "wrong"), `it refuses: "password authentication failed for user \"scram\""`},
		{login("hashed", "wrong"), `it refuses: "password authentication failed for user \"hashed\""`},
		{login("hashed", ""), `passwords has none for user "hashed" and database "postgres" there`},
		{[]model.Param{param("database", "nothing")}, `it refuses: "database \"nothing\" does not exist"`},
	} {
		q := *p
		q.Params = tt.params
		check(t, &q, tt.want)
	}
	holdTable(t, psql, all)
}

// holdTable has somebody keep a table to himself: only its size is missing then.
func holdTable(t *testing.T, psql func(...string) []string, all *model.Probe) {
	cmd := exec.Command("/sbin/runuser", psql("-q")...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.WriteString(in, "begin; lock table t;\n\\echo held\n")
	io.ReadFull(out, make([]byte, len("held\n")))
	if r := mustTellAll(t, all, func(name string) bool { return name != "total_size" }); !strings.Contains(r.Evidence, "total_size is not known: it refuses: ") {
		t.Errorf("result %+v", r)
	}
	in.Close()
	cmd.Wait()
	mustTellAll(t, all, everything)
}
