package cli

import (
	"bufio"
	"io"
	"os"
	"slices"
	"strings"

	"orderly/internal/model"
)

// credentials chooses who to be: the first who may change things and whose password can be read, else the last who may
// only look. It returns "" where nobody can be.
func credentials(allow []model.Admission) (user, password string) {
	for _, a := range allow {
		found, pass := credentialsOf(a)
		if found == "" {
			continue
		}
		user, password = found, pass
		if !a.ReadOnly {
			return user, password
		}
	}
	return user, password
}

// credentialsOf reads the first user of a password file whose passwords are in clear.
func credentialsOf(a model.Admission) (user, password string) {
	switch {
	case a.Kind == model.AdmitUser:
		return a.Name, a.Password
	case a.Kind != model.AdmitFile || a.Hash != "cleartext":
		return "", ""
	}
	f, err := os.Open(a.Name)
	if err != nil {
		return "", ""
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, 1<<20))
	for lines.Scan() {
		name, pass, found := strings.Cut(strings.TrimSpace(lines.Text()), ":")
		if found && name != "" && (len(a.Users) == 0 || slices.Contains(a.Users, name)) {
			return name, pass
		}
	}
	return "", ""
}
