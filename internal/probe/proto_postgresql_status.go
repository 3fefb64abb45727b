package probe

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"orderly/internal/model"
)

var postgresqlFamily = familyOf("postgresql")

var _ = register(Protocol{
	Name: "postgresql-status", Port: 5432, Net: "tcp", TLS: true, StartTLS: []int{everyPort},
	Params: []ParamSpec{
		{Name: "username", Help: "to log in as; default postgres"},
		{Name: "password", Secret: true, Help: "default that of the password file"},
		{Name: "database", Help: "to ask about; default the one named like the user"},
	},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		if c.awaitsTLS() {
			if err := c.pgsqlPrivate(); err != nil {
				return err
			}
		}
		u := &pgsqlUser{name: cmp.Or(params.Get("username"), "postgres"), database: params.Get("database"), scram: true}
		u.password = func() (string, error) { return c.pgsqlSecret(u, params) }
		unmet, err := c.pgsqlLogin(u)
		if err == nil && unmet != 0 {
			err = fmt.Errorf("it wants a login of kind %d, which is not supported", unmet)
		}
		if err == nil {
			err = c.tellDatabase(params)
		}
		if err != nil {
			return err
		}
		c.pgsqlBye()
		return c.told()
	},
})

// pgsqlPrivate asks for TLS.
func (c *Conn) pgsqlPrivate() error {
	if err := c.Send("\x00\x00\x00\x08\x04\xd2\x16\x2f"); err != nil {
		return err
	}
	b, err := c.Exact(1)
	if err != nil {
		return err
	}
	if b[0] != 'S' {
		return errors.New("it does not offer TLS")
	}
	return c.StartTLS()
}

// pgsqlSecret is the password of the configuration, or else that of the password file.
func (c *Conn) pgsqlSecret(u *pgsqlUser, params model.Params) (string, error) {
	if password := params.Get("password"); password != "" {
		return password, nil
	}
	password, err := readPgpass(c.probe, cmp.Or(u.database, u.name), u.name)
	if err != nil {
		return "", fmt.Errorf("it wants a password: %w", err)
	}
	c.confided = model.Params{{Name: "password", Value: password}}
	return password, nil
}

// What is asked of a database, and what stands in the columns. The size of its tables has the server look at
// each of their files, and wait for whoever has one to itself.
const (
	pgsqlCounts = `SELECT numbackends, xact_rollback, deadlocks, 100.0 * blks_hit / nullif(blks_hit + blks_read, 0),
(SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_user_tables) FROM pg_stat_database WHERE datname = current_database()`
	pgsqlSize = `SET LOCAL lock_timeout = %[1]d; SET LOCAL statement_timeout = %[1]d;
SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM pg_stat_user_tables`
)

func (c *Conn) tellDatabase(params model.Params) error {
	if err := c.pgsqlTell(pgsqlCounts, "numbackends", "rollbacks", "deadlocks", "blk_hit_rate", "seq_scans"); err != nil {
		return err
	}
	const size = "total_size"
	if !wants(params, postgresqlFamily[size]) {
		return nil
	}
	patience := c.budget.step / 2
	err := c.pgsqlTell(fmt.Sprintf(pgsqlSize, max(1, patience.Milliseconds())), size)
	if _, refused := errors.AsType[pgsqlRefusal](err); refused {
		c.untold(size, err)
		return nil
	}
	return err
}

// pgsqlTell takes down what stands in the row that a query returns. It ends when the server is ready for the next one.
func (c *Conn) pgsqlTell(query string, names ...string) error {
	if err := c.pgsqlSend(pgsqlQuery, query+"\x00"); err != nil {
		return err
	}
	var refused error
	for range pgsqlTurns {
		kind, body, err := c.pgsqlMessage()
		if err != nil {
			return err
		}
		switch kind {
		case pgsqlReady:
			return refused
		case pgsqlError:
			refused = pgsqlRefused(body)
		case pgsqlRow:
			cells, ok := pgsqlCells(body)
			if !ok || len(cells) != len(names) {
				return errors.New("its row has not the columns that were asked for")
			}
			for i, name := range names {
				c.tell(postgresqlFamily, name, cells[i])
			}
		case 'T', 'C', 'S', 'N', 'A': // columns, an end, settings, notices, news
		default:
			return unexpectedMessage(kind)
		}
	}
	return errors.New("its reply does not end")
}

// pgsqlCells reads the texts of a row; one without a value is "".
func pgsqlCells(b []byte) (cells []string, ok bool) {
	const null = 1<<32 - 1
	if len(b) < 2 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint16(b))
	for b = b[2:]; n > 0; n-- {
		if len(b) < 4 {
			return nil, false
		}
		size := binary.BigEndian.Uint32(b)
		if b = b[4:]; size == null {
			size = 0
		}
		if uint64(size) > uint64(len(b)) {
			return nil, false
		}
		cells = append(cells, string(b[:size]))
		b = b[size:]
	}
	return cells, true
}
