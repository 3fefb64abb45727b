package probe

import (
	"context"
	"errors"
	"strconv"

	"orderly/internal/model"
)

var mysqlFamily = familyOf("mysql")

var _ = register(Protocol{
	Name: "mysql-status", Port: 3306, Net: "tcp", TLS: true, StartTLS: []int{everyPort},
	Params: []ParamSpec{
		{Name: "username", Help: "to log in as; default root"},
		{Name: "password", Secret: true},
	},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		m := mysql{Conn: c}
		if err := m.readGreeting(); err != nil {
			return err
		}
		if c.awaitsTLS() {
			if err := m.goPrivate(); err != nil {
				return err
			}
		}
		if err := m.login(orElse(params, "username", "root")); err != nil {
			return err
		}
		if err := m.tellStatus(); err != nil {
			return err
		}
		// The server makes this wait for commands that stop the replication, so it is not asked for nothing.
		if wants(params, model.FamilyMetric("mysql", mysqlLag)) {
			if err := m.tellLag(); err != nil {
				return err
			}
		}
		m.quit()
		return c.told()
	},
})

func (m *mysql) tellStatus() error {
	return m.query("SHOW GLOBAL STATUS", func(columns []string, cells []mysqlCell) {
		if len(cells) == 2 {
			m.tell(mysqlFamily, cells[0].text, cells[1].text)
		}
	})
}

const (
	mysqlLag = "Seconds_Behind_Master"
	// mysqlStopped is the lag of a replica that does not follow its source at all.
	mysqlStopped = 999999
)

// tellLag tells how far a replica is behind: the worst of its sources counts. A server that is none, or does not say,
// is well all the same.
func (m *mysql) tellLag() error {
	const syntaxError = 1064 // of servers that do not know the new words yet
	worst := -1.0
	see := func(columns []string, cells []mysqlCell) {
		for i, name := range columns {
			if name != mysqlLag && name != "Seconds_Behind_Source" {
				continue
			}
			lag, err := strconv.ParseFloat(cells[i].text, 64)
			if cells[i].null {
				lag = mysqlStopped
			} else if err != nil {
				continue
			}
			worst = max(worst, lag)
		}
	}
	err := m.query("SHOW REPLICA STATUS", see)
	if r, refused := errors.AsType[mysqlRefusal](err); refused && r.code == syntaxError {
		err = m.query("SHOW SLAVE STATUS", see)
	}
	switch _, refused := errors.AsType[mysqlRefusal](err); {
	case refused:
		m.untold(mysqlLag, err)
	case err != nil:
		return err
	case worst < 0:
		m.untold(mysqlLag, errors.New("it is no replica"))
	default:
		m.tell(mysqlFamily, mysqlLag, strconv.FormatFloat(worst, 'f', -1, 64))
	}
	return nil
}
