package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"orderly/internal/daemon"
)

// identify returns the name of this installation. When there is none yet it makes one, as every command of Monit does.
func (m *monitRun) identify(ctx context.Context) (string, error) {
	id, err := daemon.ReadID(m.at.idfile)
	if errors.Is(err, fs.ErrNotExist) {
		return m.newID(ctx)
	}
	return id, err
}

func (m *monitRun) newID(ctx context.Context) (string, error) {
	id, err := daemon.WriteID(m.at.idfile)
	if err != nil {
		return "", err
	}
	m.tell(ctx, fmt.Sprintf(" New Monit id: %s\n Stored in '%s'", id, m.at.idfile))
	return id, nil
}

func (m *monitRun) showID(ctx context.Context) error {
	id, err := m.identify(ctx)
	if err != nil {
		return err
	}
	m.line("Monit ID: " + id)
	return nil
}

// resetID makes a new name after asking, and has the daemon take it on.
func (m *monitRun) resetID(ctx context.Context) error {
	_, _ = fmt.Fprint(m.stdout, "Reset Monit Id? [y/N]> ")
	answer, err := bufio.NewReaderSize(m.stdin, 16).ReadByte()
	if err != nil || answer != 'y' && answer != 'Y' {
		return nil
	}
	if _, err := m.newID(ctx); err != nil {
		return err
	}
	return m.reinitialize(ctx)
}
