package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"orderly/internal/daemon"
)

// identify makes the name of this installation when there is none yet, as every command of Monit does.
func (m *monitRun) identify(ctx context.Context) error {
	_, err := daemon.ReadID(m.at.idfile)
	if errors.Is(err, fs.ErrNotExist) {
		return m.newID(ctx)
	}
	return err
}

func (m *monitRun) newID(ctx context.Context) error {
	id, err := daemon.WriteID(m.at.idfile)
	if err != nil {
		return err
	}
	m.tell(ctx, fmt.Sprintf(" New Monit id: %s\n Stored in '%s'", id, m.at.idfile))
	return nil
}

func (m *monitRun) showID() error {
	id, err := daemon.ReadID(m.at.idfile)
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
	if err := m.newID(ctx); err != nil {
		return err
	}
	return m.reinitialize(ctx)
}
