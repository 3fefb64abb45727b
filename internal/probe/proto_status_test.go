package probe

import (
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// A familyTest is a conversation with a server that tells its numbers.
type familyTest struct {
	name, proto string
	params      model.Params
	server      func(*testing.T) func(net.Conn)
	want        model.Readings // those of the family, without their family
	note        string
	fails       string
}

func (tt *familyTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &model.Probe{Protocol: tt.proto, Params: tt.params, Timeout: 5 * time.Second}
		r := converseWith(t, p, func(c net.Conn) {
			tt.server(t)(c)
			mute(c)
		})
		if strings.Contains(r.Summary+r.Evidence, "topsecret") {
			t.Errorf("the password is in the result %+v", r)
		}
		if tt.fails != "" {
			mustFail(t, r, tt.fails)
			if len(r.Readings) != 0 {
				t.Errorf("a failure has readings: %v", r.Readings)
			}
			return
		}
		mustPass(t, r)
		if r.Evidence != tt.note {
			t.Errorf("note %q, want %q", r.Evidence, tt.note)
		}
		family := strings.TrimSuffix(tt.proto, "-status")
		for _, w := range tt.want {
			if got := r.Readings.Get(model.FamilyMetric(family, string(w.Metric))); got != w.Value {
				t.Errorf("%s is %v, want %v", w.Metric, got, w.Value)
			}
		}
		if n := len(r.Readings) - 1; n != len(tt.want) { // one is the latency
			t.Errorf("%d readings, want %d: %v", n, len(tt.want), r.Readings)
		}
	})
}

func told(name string, n float64) model.Reading {
	return model.Reading{Metric: model.Metric(name), Value: model.Num(n)}
}

func scripted(steps ...string) func(*testing.T) func(net.Conn) {
	return func(t *testing.T) func(net.Conn) { return script(t, steps...) }
}

func exchanged(turns ...string) func(*testing.T) func(net.Conn) {
	return func(t *testing.T) func(net.Conn) { return exchange(t, turns...) }
}

func TestRedisStatus(t *testing.T) { // I-14
	const info = "# Server\r\nredis_version:7.0.15\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\nkeyspace_hits:7\r\n" +
		"client_recent_max_input_buffer:20480\r\nmaster_last_io_seconds_ago:-1\r\nkeyspace_hits:9\r\nused_memory_rss:a lot\r\nsync_full:NaN\r\n" +
		"evicted_keys:1e400\r\nno colon\r\nUsed_memory_peak:3\r\n"
	numbers := model.Readings{
		told("used_memory", 1<<20), told("keyspace_hits", 7), told("client_biggest_input_buf", 20480),
		told("master_last_io_seconds_ago", -1),
	}
	ask := []string{"> *1", "> $4", "> INFO"}
	reply := []string{fmt.Sprintf("< $%d", len(info)), "< " + info, "> *1", "> $4", "> QUIT"}
	say := func(lines ...string) []string { return append(ask[:3:3], lines...) }
	password, user := param("password", "topsecret"), param("username", "joe")
	for _, tt := range []familyTest{
		{"numbers", "redis-status", nil, scripted(say(reply...)...), numbers, "", ""},
		{
			"password", "redis-status",
			model.Params{password},
			scripted(append([]string{"> *2", "> $4", "> AUTH", "> $9", "> topsecret", "< +OK"}, say(reply...)...)...), numbers, "", "",
		},
		{
			"user", "redis-status",
			model.Params{password, user},
			scripted(append([]string{"> *3", "> $4", "> AUTH", "> $3", "> joe", "> $9", "> topsecret", "< +OK"}, say(reply...)...)...), numbers, "", "",
		},
		{
			"wrong password", "redis-status",
			model.Params{password},
			scripted("> *2", "> $4", "> AUTH", "> $9", "> topsecret", "< -WRONGPASS invalid"), nil, "", `it says "-WRONGPASS invalid" where "+OK" is expected`,
		},
		{"password wanted", "redis-status", nil, scripted(say("< -NOAUTH Authentication required.")...), nil, "", `it says "-NOAUTH`},
		{"loading", "redis-status", nil, scripted(say("< -LOADING")...), nil, "", `it says "-LOADING" where "$" is expected`},
		{"a number", "redis-status", nil, scripted(say("< :7")...), nil, "", `it says ":7" where "$" is expected`},
		{"nothing", "redis-status", nil, scripted(say("< $-1")...), nil, "", "its reply announces -1 bytes"},
		{"no length", "redis-status", nil, scripted(say("< $many")...), nil, "", `it says "$many" where "$" is expected`},
		{"gigabytes", "redis-status", nil, scripted(say("< $4294967296")...), nil, "", "its reply announces 4294967296 bytes"},
		{"of another kind", "redis-status", nil, scripted(say("< $9", "< sentinel:")...), nil, "", "tells none of the numbers of its kind"},
		{"slow", "redis-status", nil, scripted(say("< $99", "< used_memory:7", "... ")...), nil, "", "no answer within 5s"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestMemcachedStatus(t *testing.T) { // I-14
	say := func(lines ...string) func(*testing.T) func(net.Conn) {
		return scripted(append([]string{"> stats"}, lines...)...)
	}
	for _, tt := range []familyTest{
		{
			"numbers", "memcached-status", nil,
			say("< STAT version 1.6.18", "< STAT curr_connections 2", "< STAT get_hits 30", "< STAT rusage_user 0.1", "< STAT bytes_read", "< END", "> quit"),
			model.Readings{told("curr_connections", 2), told("get_hits", 30)},
			"", "",
		},
		{"text refused", "memcached-status", nil, say("< ERROR"), nil, "", `it says "ERROR" where "STAT " is expected`},
		{"no name", "memcached-status", nil, say("< STAT"), nil, "", `it says "STAT" where "STAT " is expected`},
		{"nothing", "memcached-status", nil, say("< END"), nil, "", "tells none of the numbers of its kind"},
		{"without end", "memcached-status", nil, say("raw " + strings.Repeat("STAT threads 4\r\n", 1001)), nil, "", "its reply has more than 1000 lines"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestNginxStatus(t *testing.T) { // I-14
	numbers := model.Readings{
		told("Active_connections", 2), told("accepts", 17), told("handled", 16), told("requests", 30),
		told("Reading", 0), told("Writing", 1), told("Waiting", 3),
	}
	ask := func(target, page string) func(*testing.T) func(net.Conn) {
		return scripted("> GET "+target+" HTTP/1.1", "raw "+page)
	}
	for _, tt := range []familyTest{
		{"numbers", "nginx-status", nil, ask("/status", httpSays(stubStatus)), numbers, "", ""},
		{"another path", "nginx-status", model.Params{param("request", "/nginx?x")}, ask("/nginx?x", httpSays(stubStatus)), numbers, "", ""},
		{
			"of Tengine", "nginx-status", nil,
			ask("/status", httpSays(strings.NewReplacer("requests\n", "requests request_time\n", "30 \n", "30 88\n").Replace(stubStatus))), numbers, "", "",
		},
		{"cut short", "nginx-status", nil, ask("/status", httpSays(stubStatus[:60])), nil, "", "http://example.com:99/status is no page of stub_status"},
		{"another page", "nginx-status", nil, ask("/status", httpSays("<h1>Welcome to nginx!</h1>")), nil, "", "is no page of stub_status"},
		{"missing", "nginx-status", nil, ask("/status", "HTTP/1.1 404 No\r\n\r\n"), nil, "", "HTTP status 404 from http://example.com:99/status, expected = 200"},
		{"empty", "nginx-status", nil, ask("/status", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), nil, "", "is no page of stub_status"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestMemstatsStatus(t *testing.T) { // I-14
	ask := func(page string) func(*testing.T) func(net.Conn) {
		return scripted("> GET /debug/vars HTTP/1.1", "raw "+httpSays(page))
	}
	for _, tt := range []familyTest{
		{
			"numbers", "memstats-status", nil,
			ask(`{"cmdline": ["x"], "memstats": {"Alloc": 4096, "TotalAlloc": 8192, "Sys": 1, "NumGC": 3, "PauseTotalNs": "7", "HeapAlloc": null, "BySize": [{"Size": 0}]}}`),
			model.Readings{told("Alloc", 4096), told("TotalAlloc", 8192), told("NumGC", 3)},
			"", "",
		},
		{"no memstats", "memstats-status", nil, ask(`{"cmdline": []}`), nil, "", "http://example.com:99/debug/vars has no memstats in JSON"},
		{"a number", "memstats-status", nil, ask(`{"memstats": 7}`), nil, "", "has no memstats in JSON"},
		{"nothing known", "memstats-status", nil, ask(`{"memstats": {}}`), nil, "", "tells none of the numbers of its kind"},
		{"cut short", "memstats-status", nil, ask(`{"memstats": {"Alloc": 4096`), nil, "", "has no memstats in JSON"},
		{"no JSON", "memstats-status", nil, ask("<html>"), nil, "", "has no memstats in JSON"},
		{"deep", "memstats-status", nil, ask(`{"memstats": ` + strings.Repeat("[", 100_000)), nil, "", "has no memstats in JSON"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestMySQLStatus(t *testing.T) { // I-14
	login := model.Params{param("username", "joe"), param("password", "topsecret")}
	withLag := append(login[:2:2], param(wanted, "mysql.Seconds_Behind_Master"))
	entered := []string{"", mysqlGreeting(mysqlAll, mysqlNative), mysqlHello(1, plainFlags, nativeAnswer, mysqlNative), mysqlPacket(2, mysqlOKPacket)}
	status := mysqlPacket(0, "\x03SHOW GLOBAL STATUS")
	replica, slave := mysqlPacket(0, "\x03SHOW REPLICA STATUS"), mysqlPacket(0, "\x03SHOW SLAVE STATUS")
	variables := mysqlTable([]string{"Variable_name", "Value"}, []string{"Threads_running", "1"}, []string{"Bytes_sent", "18446744073709551615"},
		[]string{"Rsa_public_key", strings.Repeat("k", 451)}, []string{"Innodb_have_atomic_builtins", "ON"}, []string{"threads_connected", "9"}, []string{"Queries", "NULL"})
	numbers := model.Readings{told("Threads_running", 1), told("Bytes_sent", 18446744073709551615)}
	with := func(lag float64) model.Readings { return append(numbers[:2:2], told("Seconds_Behind_Master", lag)) }
	lag := func(column string, values ...string) string {
		rows := make([][]string, len(values))
		for i, v := range values {
			rows[i] = []string{"Yes", v}
		}
		return mysqlTable([]string{"Slave_IO_Running", column}, rows...)
	}
	refuse := func(code uint16, text string) string {
		return mysqlPacket(1, "\xff"+string(binary.LittleEndian.AppendUint16(nil, code))+"#42000"+text)
	}
	const quit = "\x01\x00\x00\x00\x01"
	say := func(turns ...string) func(*testing.T) func(net.Conn) {
		return exchanged(append(append(entered[:4:4], status, variables), turns...)...)
	}
	reply := func(text string) func(*testing.T) func(net.Conn) {
		return exchanged(append(entered[:4:4], status, text)...)
	}
	rootHello := mysqlPacket(1, strings.Replace(mysqlHello(1, plainFlags, "", mysqlNative)[4:], "joe", "root", 1))
	const short = "its reply to a query is cut short"
	for _, tt := range []familyTest{
		{"numbers", "mysql-status", login, say(quit), numbers, "", ""},
		{"lag", "mysql-status", withLag, say(replica, lag("Seconds_Behind_Master", "3"), quit), with(3), "", ""},
		{"lag in new words", "mysql-status", withLag, say(replica, lag("Seconds_Behind_Source", "0"), quit), with(0), "", ""},
		{"lag of several sources", "mysql-status", withLag, say(replica, lag("Seconds_Behind_Master", "3", "70", "5"), quit), with(70), "", ""},
		{"stopped", "mysql-status", withLag, say(replica, lag("Seconds_Behind_Master", "3", "NULL"), quit), with(999999), "", ""},
		{
			"lag in old words", "mysql-status", withLag,
			say(replica, refuse(1064, "You have an error in your SQL syntax"), slave, lag("Seconds_Behind_Master", "4"), quit), with(4), "", "",
		},
		{
			"no replica", "mysql-status", withLag, say(replica, lag("Seconds_Behind_Master"), quit), numbers,
			"Seconds_Behind_Master is not known: it is no replica", "",
		},
		{
			"lag that is no number", "mysql-status", withLag, say(replica, lag("Seconds_Behind_Master", "soon"), quit), numbers,
			"Seconds_Behind_Master is not known: it is no replica", "",
		},
		{
			"no right to see the lag", "mysql-status", withLag, say(replica, refuse(1227, "Access denied; joe topsecret"), quit), numbers,
			`Seconds_Behind_Master is not known: it refuses with error 1227: "Access denied; joe ********"`, "",
		},
		{"lag is not told", "mysql-status", withLag, say(replica, "..."), nil, "", "no answer within 5s"},

		{"denied", "mysql-status", login, exchanged(append(entered[:3:3], mysqlPacket(2, "\xff\x15\x04#28000Access denied"))...), nil, "", `it refuses with error 1045: "Access denied"`},
		{"root", "mysql-status", nil, exchanged("", entered[1], rootHello, entered[3], status, variables, quit), numbers, "", ""},
		{"query refused", "mysql-status", login, reply(refuse(1290, "no")), nil, "", `it refuses with error 1290: "no"`},
		{"no table", "mysql-status", login, reply(mysqlPacket(1, mysqlOKPacket)), nil, "", "its reply to a query is no table"},
		{"wants a file", "mysql-status", login, reply(mysqlPacket(1, "\xfb/etc/passwd")), nil, "", "its reply to a query is no table"},
		{"no columns", "mysql-status", login, reply(mysqlPacket(1, "\x00")), nil, "", "its reply has 0 columns"},
		{"many columns", "mysql-status", login, reply(mysqlPacket(1, "\xfc\xff\xff")), nil, "", "its reply has 65535 columns"},
		{"column cut short", "mysql-status", login, reply(mysqlPacket(1, "\x01") + mysqlPacket(2, "\x03def\x00\x00\x00\x05nam")), nil, "", short},
		{"columns do not end", "mysql-status", login, reply(mysqlPacket(1, "\x01") + mysqlPacket(2, "\x03def\x00\x00\x00\x01n") + mysqlPacket(3, "\x03def")), nil, "", "its packet begins with 0x03 where the columns end"},
		{"row of nothing", "mysql-status", login, reply(strings.Replace(mysqlTable([]string{"a", "b"}, []string{"x", "y"}), "\x01x\x01y", "\x09x\x01y", 1)), nil, "", short},
		{"row of less than a length", "mysql-status", login, reply(strings.Replace(mysqlTable([]string{"a", "b"}, []string{"x", "y"}), "\x01x\x01y", "\x01x\xfcy", 1)), nil, "", short},
		{"row of exabytes", "mysql-status", login, reply(strings.Replace(mysqlTable([]string{"a", "b"}, []string{"x", "1234567"}), "\x01x\x071234567", "\x00\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 1)), nil, "", short},
		{"rows without end", "mysql-status", login, reply(mysqlTable([]string{"a", "b"}, slices.Repeat([][]string{{"", ""}}, mysqlRows+1)...)), nil, "", "its reply has more than 20000 rows"},
		{"one column", "mysql-status", login, reply(mysqlTable([]string{"a"}, []string{"Queries"})), nil, "", "tells none of the numbers of its kind"},
		{"refused in the middle", "mysql-status", login, reply(strings.Replace(mysqlTable([]string{"a", "b"}, []string{"Queries", "7"}), "\x07Queries\x017", "\xff\x25\x05#70100n", 1)), nil, "", `it refuses with error 1317: "n"`},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestPostgreSQLStatus(t *testing.T) { // I-14
	t.Setenv("PGPASSFILE", t.TempDir()+"/none")
	const joe = "\x00\x00\x00\x1e\x00\x03\x00\x00user\x00joe\x00database\x00db\x00\x00"
	params := model.Params{param("username", "joe"), param("password", "topsecret"), param("database", "db")}
	sized := append(params[:3:3], param(wanted, "postgresql.total_size"))
	let := pgsqlSays("R", "\x00\x00\x00\x00") + pgsqlSays("S", "a\x00b\x00") + pgsqlSays("Z", "I")
	query := func(text string) string { return pgsqlSays("Q", text+"\x00") }
	size := query(fmt.Sprintf(pgsqlSize, 2500))
	const bye = "X\x00\x00\x00\x04"
	row := pgsqlTable("2", "7", "0", "99.5", "3")
	refused := func(text string) string {
		return pgsqlSays("E", "SERROR\x00M"+text+"\x00\x00") + pgsqlSays("Z", "I")
	}
	numbers := model.Readings{told("numbackends", 2), told("rollbacks", 7), told("deadlocks", 0), told("blk_hit_rate", 99.5), told("seq_scans", 3)}
	say := func(turns ...string) func(*testing.T) func(net.Conn) {
		return exchanged(append([]string{joe, let, query(pgsqlCounts)}, turns...)...)
	}
	for _, tt := range []familyTest{
		{"numbers", "postgresql-status", params, say(row, bye), numbers, "", ""},
		{"nothing read yet", "postgresql-status", params, say(pgsqlTable("2", "7", "0", "NULL", "3"), bye), append(numbers[:3:3], numbers[4]), "", ""},
		{"size", "postgresql-status", sized, say(row, size, pgsqlSays("C", "SET\x00")+pgsqlSays("C", "SET\x00")+pgsqlTable("8192"), bye), append(numbers[:5:5], told("total_size", 8192)), "", ""},
		{
			"size is locked", "postgresql-status", sized, say(row, size, refused("canceling statement due to lock timeout"), bye), numbers,
			`total_size is not known: it refuses: "canceling statement due to lock timeout"`, "",
		},
		{"clear", "postgresql-status", params, exchanged(joe, pgsqlSays("R", "\x00\x00\x00\x03"), "p\x00\x00\x00\x0etopsecret\x00", let, query(pgsqlCounts), row, bye), numbers, "", ""},
		{"no password", "postgresql-status", model.Params{params[0], params[2]}, exchanged(joe, pgsqlSays("R", "\x00\x00\x00\x03")), nil, "", "it wants a password: none is configured, and there is no "},
		{"wrong", "postgresql-status", params, exchanged(joe, pgsqlSays("R", "\x00\x00\x00\x03"), "p\x00\x00\x00\x0etopsecret\x00", pgsqlSays("E", "Mno such role\x00\x00")), nil, "", "it refuses: "},
		{"another login", "postgresql-status", params, exchanged(joe, pgsqlSays("R", "\x00\x00\x00\x07")), nil, "", "it wants a login of kind 7, which is not supported"},
		{"SASL of another kind", "postgresql-status", params, exchanged(joe, pgsqlSays("R", "\x00\x00\x00\x0aOAUTHBEARER\x00\x00")), nil, "", "it wants a login by"},
		{"query refused", "postgresql-status", params, say(refused("no")), nil, "", `it refuses: "no"`},
		{"row cut short", "postgresql-status", params, say(pgsqlSays("D", "\x00\x05\x00\x00\x00\x012\x00\x00")), nil, "", "its row has not the columns that were asked for"},
		{"row of gigabytes", "postgresql-status", params, say(pgsqlSays("D", "\x00\x01\x7f\xff\xff\xff2")), nil, "", "its row has not the columns that were asked for"},
		{"row without cells", "postgresql-status", params, say(pgsqlSays("D", "\x00")), nil, "", "its row has not the columns that were asked for"},
		{"no row", "postgresql-status", params, say(pgsqlSays("C", "SELECT 0\x00")+pgsqlSays("Z", "I"), bye), nil, "", "tells none of the numbers of its kind"},
		{"strange kind", "postgresql-status", params, say(pgsqlSays("G", "")), nil, "", "its message is of kind 'G'"},
		{"without end", "postgresql-status", params, say(strings.Repeat(pgsqlSays("C", "x\x00"), pgsqlTurns)), nil, "", "its reply does not end"},
	} {
		t.Run(tt.name, tt.run)
	}
	t.Run("no TLS", func(t *testing.T) {
		p := &model.Probe{Protocol: "postgresql-status", TLS: &model.TLS{}, Timeout: 5 * time.Second}
		mustFail(t, converseWith(t, p, exchange(t, "\x00\x00\x00\x08\x04\xd2\x16\x2f", "N")), "it does not offer TLS")
	})
}
