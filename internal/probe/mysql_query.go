package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Bounds of a reply to a query. What servers tell of themselves has some sixty columns, or some thousand rows.
const (
	mysqlColumns = 256
	mysqlRows    = 20_000
)

// A mysqlCell is what stands in a row under a column.
type mysqlCell struct {
	text string
	null bool
}

var errMySQLShort = errors.New("its reply to a query is cut short")

// query asks for a table and hands on its rows, with the names of its columns. Both are only lent.
func (m *mysql) query(text string, row func(columns []string, cells []mysqlCell)) error {
	const command = 0x03
	m.next, m.limit = 0, mysqlRowLimit
	if err := m.send(append([]byte{command}, text...)); err != nil {
		return err
	}
	columns, err := m.columns()
	if err != nil {
		return err
	}
	cells := make([]mysqlCell, len(columns))
	for range mysqlRows {
		b, err := m.packet()
		if err != nil {
			return err
		}
		if mysqlEnds(b) {
			return nil
		}
		for i := range cells {
			var ok bool
			if cells[i], b, ok = mysqlCut(b); !ok {
				return errMySQLShort
			}
		}
		row(columns, cells)
	}
	return fmt.Errorf("its reply has more than %d rows", mysqlRows)
}

// columns reads how many columns there are, and their names.
func (m *mysql) columns() ([]string, error) {
	b, err := m.packet()
	if err != nil {
		return nil, err
	}
	n := int(b[0])
	if len(b) == 3 && n == mysqlTwoBytes {
		n = int(b[1]) | int(b[2])<<8
	} else if len(b) != 1 {
		return nil, errors.New("its reply to a query is no table")
	}
	if n == 0 || n > mysqlColumns {
		return nil, fmt.Errorf("its reply has %d columns", n)
	}
	columns := make([]string, n)
	for i := range columns {
		b, err := m.packet()
		if err != nil {
			return nil, err
		}
		var cell mysqlCell
		for range 5 { // catalog, schema, table, its real name, and then the name
			var ok bool
			if cell, b, ok = mysqlCut(b); !ok {
				return nil, errMySQLShort
			}
		}
		columns[i] = cell.text
	}
	if b, err = m.packet(); err == nil && !mysqlEnds(b) {
		err = fmt.Errorf("its packet begins with %#02x where the columns end", b[0])
	}
	return columns, err
}

// mysqlEnds tells whether a packet ends what came before.
func mysqlEnds(b []byte) bool { return b[0] == mysqlEightBytes && len(b) < 9 }

// First bytes of a text in a row, where they are not its length.
const (
	mysqlNull       = 0xfb
	mysqlTwoBytes   = 0xfc // of length follow
	mysqlThreeBytes = 0xfd
	mysqlEightBytes = 0xfe
)

// mysqlCut takes the next text off a packet.
func mysqlCut(b []byte) (cell mysqlCell, rest []byte, ok bool) {
	if len(b) == 0 {
		return cell, nil, false
	}
	var length [8]byte
	wide := 0
	switch b[0] {
	case mysqlNull:
		return mysqlCell{null: true}, b[1:], true
	case mysqlTwoBytes:
		wide = 2
	case mysqlThreeBytes:
		wide = 3
	case mysqlEightBytes:
		wide = 8
	default:
		length[0] = b[0]
	}
	if b = b[1:]; len(b) < wide {
		return cell, nil, false
	}
	b = b[copy(length[:wide], b):]
	n := binary.LittleEndian.Uint64(length[:])
	if n > uint64(len(b)) {
		return cell, nil, false
	}
	return mysqlCell{text: string(b[:n])}, b[n:], true
}
