package probe

import (
	"math"
	"strings"
	"testing"

	"orderly/internal/model"
)

func FuzzRedisStatusReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "redis-status"}, "$38\r\n# Memory\r\nused_memory:7\r\nmaxmemory:0\r\n\r\n", "$-1\r\n", "-NOAUTH\r\n", "$4\r\nx:1\n\r\n")
}

func FuzzMemcachedStatusReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "memcached-status"}, "STAT pid 7\r\nSTAT threads 4\r\nEND\r\n", "ERROR\r\n", "STAT threads 0x1p-2\r\nEND\r\n")
}

func FuzzNginxStatusReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "nginx-status"}, httpSays(stubStatus), httpSays("server a b\n1"), httpSays("Reading: Writing: 1\n"))
}

func FuzzMemstatsStatusReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "memstats-status"}, httpSays(`{"cmdline": [], "memstats": {"Alloc": 7, "NumGC": 1e3}}`), httpSays(`{"memstats": [`))
}

func FuzzMySQLStatusReply(f *testing.F) {
	enter := mysqlGreeting(mysqlAll, mysqlNative) + mysqlPacket(2, mysqlOKPacket)
	status := mysqlTable([]string{"Variable_name", "Value"}, []string{"Threads_running", "1"})
	fuzz(f, model.Probe{Protocol: "mysql-status", Params: model.Params{param(wanted, "mysql.Seconds_Behind_Master")}},
		enter+status+mysqlTable([]string{"Seconds_Behind_Master"}, []string{"NULL"}),
		enter+status+mysqlPacket(1, "\xff\x28\x04#42000syntax")+mysqlTable([]string{"Seconds_Behind_Master"}, []string{"5"}),
		enter+mysqlPacket(1, "\xfb"), enter+mysqlPacket(1, "\x01")+mysqlPacket(2, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff"))
}

func FuzzPostgreSQLStatusReply(f *testing.F) {
	trusted := pgsqlSays("R", "\x00\x00\x00\x00") + pgsqlSays("Z", "I")
	fuzz(f, model.Probe{Protocol: "postgresql-status", Params: model.Params{param("password", "p"), param(wanted, "postgresql.total_size")}},
		trusted+pgsqlTable("2", "7", "0", "NULL", "3")+pgsqlTable("8192"),
		trusted+pgsqlTable("2", "7", "0", "1e2", "3")+pgsqlSays("E", "Mlocked\x00\x00")+pgsqlSays("Z", "I"),
		trusted+pgsqlSays("D", "\xff\xff"), pgsqlSays("R", "\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00")+pgsqlSays("R", "\x00\x00\x00\x0br=x,s=,i=1"))
}

// FuzzNumbers is about what counts as a number.
func FuzzNumbers(f *testing.F) {
	for _, s := range []string{"7", "-1", "1e400", "NaN", "inf", "0x1p4", "1_000", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := &Conn{}
		c.tell(redisFamily, "used_memory", text)
		if n := c.readings.Get("redis.used_memory").Number(); math.IsNaN(n) || math.IsInf(n, 0) {
			t.Errorf("%q is taken for %v", text, n)
		}
	})
}

func FuzzSCRAM(f *testing.F) {
	f.Add(scramChallenge, scramProof)
	f.Add("r="+scramNonce+"x,s=AA==,i=1", "v=")
	f.Fuzz(func(t *testing.T, challenge, proof string) {
		if len(scramFields(challenge)['i']) > 4 {
			return // only takes time
		}
		s := newExample("pencil")
		if _, err := s.answer(challenge); err == nil && s.verify(proof) == nil && len(proof) < len(scramProof) {
			t.Errorf("%q is believed after %q", proof, challenge)
		}
	})
}

func FuzzPgpass(f *testing.F) {
	f.Add("db:5432:shop:joe:topsecret\n")
	f.Add(`*:*:\*:a\:b:\\` + "\n#\n:::::")
	f.Fuzz(func(t *testing.T, text string) {
		if password, ok := pgpass(text, []string{"db"}, "5432", "shop", "joe"); ok && len(password) > len(text) || strings.Contains(password, "\n") {
			t.Errorf("the password is %q", password)
		}
	})
}
