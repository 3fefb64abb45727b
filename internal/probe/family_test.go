package probe

import (
	"encoding/binary"
	"strconv"
	"strings"
	"testing"

	"orderly/internal/model"
)

// httpSays is a page.
func httpSays(page string) string {
	return httpOK + "Content-Length: " + strconv.Itoa(len(page)) + "\r\n\r\n" + page
}

const stubStatus = "Active connections: 2 \nserver accepts handled requests\n 17 16 30 \nReading: 0 Writing: 1 Waiting: 3 \n"

// mysqlTable is the reply to a query; a cell that is "NULL" has no value.
func mysqlTable(columns []string, rows ...[]string) string {
	text := func(s string) string {
		if s == "NULL" {
			return "\xfb"
		}
		if len(s) < 251 {
			return string([]byte{byte(len(s))}) + s
		}
		return string(binary.LittleEndian.AppendUint16([]byte{0xfc}, uint16(len(s)))) + s
	}
	const end = "\xfe\x00\x00\x02\x00"
	var b strings.Builder
	number := byte(0)
	say := func(packet string) {
		number++
		b.WriteString(mysqlPacket(number, packet))
	}
	say(string([]byte{byte(len(columns))}))
	for _, name := range columns {
		say(text("def") + text("information_schema") + text("t") + text("T") + text(name) + text(name) + "\x0c\x21\x00\x00\x01\x00\x00\xfd\x00\x00\x00\x00\x00")
	}
	say(end)
	for _, row := range rows {
		line := ""
		for _, cell := range row {
			line += text(cell)
		}
		say(line)
	}
	say(end)
	return b.String()
}

// pgsqlTable is the reply to a query for one row; a cell that is "NULL" has no value.
func pgsqlTable(cells ...string) string {
	row := binary.BigEndian.AppendUint16(nil, uint16(len(cells)))
	for _, cell := range cells {
		if cell == "NULL" {
			row = append(row, "\xff\xff\xff\xff"...)
			continue
		}
		row = append(binary.BigEndian.AppendUint32(row, uint32(len(cell))), cell...)
	}
	return pgsqlSays("T", "\x00\x00") + pgsqlSays("D", string(row)) + pgsqlSays("C", "SELECT 1\x00") + pgsqlSays("Z", "I")
}

func TestOrElse(t *testing.T) {
	given := model.Params{{Name: "username", Value: "joe"}}
	if got := orElse(given, "username", "root").Get("username"); got != "joe" {
		t.Errorf("a given value is replaced by %q", got)
	}
	if got := orElse(given, "request", "/status").Get("request"); got != "/status" || len(given) != 1 {
		t.Errorf("the default is %q", got)
	}
}
