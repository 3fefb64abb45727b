package daemon

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

// metaID is the key of the identity of an installation that has no id file.
const metaID = "id"

// idForm is what an identity may look like: ours are 32 hexadecimal digits, but some hosts are given other ones.
var idForm = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}$`)

// ReadID returns the identity that a file holds: its first word, of up to 64 letters, digits, dots and dashes. An absent
// file is an error of fs.ErrNotExist.
func ReadID(path string) (string, error) {
	f, err := openRegular(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the id file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 128))
	if err != nil {
		return "", fmt.Errorf("cannot read the id file: %w", err)
	}
	id, _, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	id, _, _ = strings.Cut(id, "\n")
	if !idForm.MatchString(id) {
		return "", fmt.Errorf("cannot use the id file %s: its first word is no identity", path)
	}
	return id, nil
}

// WriteID makes a new identity and keeps it in a file.
func WriteID(path string) (string, error) {
	id := newID()
	if err := os.WriteFile(path, []byte(id), 0o644); err != nil {
		return "", fmt.Errorf("cannot write the id file: %w", err)
	}
	return id, nil
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// installation is how collectors know this orderly: from the id file if one is named, else from the database.
func (d *instance) installation(path string) string {
	if path != "" {
		id, err := ReadID(path)
		if errors.Is(err, fs.ErrNotExist) {
			id, err = WriteID(path)
		}
		if err == nil {
			return id
		}
		d.log.Error("the id of the database is used", "err", err)
	}
	id := d.store.Meta(metaID)
	if id == "" {
		id = newID()
		d.store.SetMeta(metaID, id)
	}
	return id
}
