package probe

import (
	"encoding/binary"
	"strings"
	"testing"

	"orderly/internal/model"
)

// pgsqlSays is a message of a kind.
func pgsqlSays(kind, body string) string {
	return kind + string(binary.BigEndian.AppendUint32(nil, uint32(4+len(body)))) + body
}

func TestPgSQL(t *testing.T) { // P-pgsql, P-pgsql-auth
	const (
		anonymous = "\x00\x00\x00\x21\x00\x03\x00\x00user\x00root\x00database\x00root\x00\x00"
		joe       = "\x00\x00\x00\x12\x00\x03\x00\x00user\x00joe\x00\x00"
		joeInDB   = "\x00\x00\x00\x1e\x00\x03\x00\x00user\x00joe\x00database\x00db\x00\x00"
		rootInDB  = "\x00\x00\x00\x1f\x00\x03\x00\x00user\x00root\x00database\x00db\x00\x00"
		bye       = "X\x00\x00\x00\x04"
		clear     = "p\x00\x00\x00\x0etopsecret\x00"
		// md5 of the hex of md5("topsecretjoe"), followed by "salt"
		hashed = "p\x00\x00\x00\x28md560bad892635a879b82a7b0e505de8d80\x00"
	)
	user, pw, db := param("username", "joe"), param("password", "topsecret"), param("database", "db")
	refused := pgsqlSays("E", "SFATAL\x00C28000\x00Mno such role\x00\x00")
	let := pgsqlSays("R", "\x00\x00\x00\x00")
	ready := pgsqlSays("S", "a\x00b\x00") + pgsqlSays("K", "\x00\x00\x00\x01\x00\x00\x00\x02") + pgsqlSays("N", "Mhi\x00\x00") + pgsqlSays("Z", "I")
	for _, tt := range []wireTest{
		{"nobody is let in", "pgsql", false, nil, []string{anonymous, let, bye}, ""},
		{"nobody is refused", "pgsql", false, nil, []string{anonymous, refused, bye}, ""},
		{"nobody is asked", "pgsql", false, nil, []string{anonymous, pgsqlSays("R", "\x00\x00\x00\x05salt"), bye}, ""},
		{"nobody hears nonsense", "pgsql", false, nil, []string{anonymous, pgsqlSays("H", "TTP")}, `its message is of kind 'H', which is not expected here`},
		{"nobody hears text", "pgsql", false, nil, []string{anonymous, "HTTP/1.1 400"}, "its message announces 1414811695 bytes"},
		{"trusted", "pgsql", false, model.Params{user}, []string{joe, let + ready, bye}, ""},
		{"refused", "pgsql", false, model.Params{user}, []string{joe, refused}, `it refuses: "no such role"`},
		{"refused without fields", "pgsql", false, model.Params{user}, []string{joe, pgsqlSays("E", "oops")}, `it refuses: "oops"`},
		{"no such database", "pgsql", false, model.Params{user, db}, []string{joeInDB, let + refused}, `it refuses: "no such role"`},
		{"database alone", "pgsql", false, model.Params{db}, []string{rootInDB, refused}, `it refuses: "no such role"`},
		{"clear", "pgsql", false, model.Params{user, pw}, []string{joe, pgsqlSays("R", "\x00\x00\x00\x03"), clear, let + ready, bye}, ""},
		{"md5", "pgsql", false, model.Params{user, pw}, []string{joe, pgsqlSays("R", "\x00\x00\x00\x05salt"), hashed, let + ready, bye}, ""},
		{"wrong", "pgsql", false, model.Params{user, pw}, []string{joe, pgsqlSays("R", "\x00\x00\x00\x03"), clear, refused}, `it refuses: "no such role"`},
		{"another method", "pgsql", false, model.Params{user, pw}, []string{joe, pgsqlSays("R", "\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00"), bye}, ""},
		{"half a salt", "pgsql", false, model.Params{user, pw}, []string{joe, pgsqlSays("R", "\x00\x00\x00\x05sa")}, "its request for a password is cut short"},
		{"half a method", "pgsql", false, model.Params{user, pw}, []string{joe, pgsqlSays("R", "\x00")}, "its request for a password is cut short"},
		{"strange kind", "pgsql", false, model.Params{user}, []string{joe, pgsqlSays("D", "")}, "its message is of kind 'D'"},
		{"never ready", "pgsql", false, model.Params{user}, []string{joe, strings.Repeat(pgsqlSays("S", "a\x00b\x00"), pgsqlTurns)}, "its login does not end"},
		{"gigabytes announced", "pgsql", false, model.Params{user}, []string{joe, "R\xff\xff\xff\xff"}, "its message announces 4294967295 bytes"},
		{"less than nothing announced", "pgsql", false, model.Params{user}, []string{joe, "R\x00\x00\x00\x03"}, "its message announces 3 bytes"},
		{"cut short", "pgsql", false, model.Params{user}, []string{joe, let[:6]}, "it closed the connection"},
		{"slow", "pgsql", false, model.Params{user}, []string{joe, let, "", ready[:7], "..."}, "no answer within 5s"},
	} {
		t.Run(tt.name, tt.run)
	}
}
