package control

import (
	"bufio"
	"net/url"
	"path/filepath"
	"strings"
)

// usualSupervisords reads what supervisorctl reads to find its server, and adds the places of packages.
func usualSupervisords(root string) []string {
	var out []string
	for _, file := range []string{"/etc/supervisor/supervisord.conf", "/etc/supervisord.conf"} {
		text, err := readSmall(filepath.Join(root, file), scriptLimit)
		if err != nil {
			continue
		}
		section := iniSection(text, "supervisorctl")
		if u, err := url.Parse(section["serverurl"]); err == nil && u.Scheme != "" && !strings.Contains(section["password"], "%(") {
			if section["username"] != "" {
				u.User = url.UserPassword(section["username"], section["password"])
			}
			if u.Scheme == "unix" {
				u.Path = filepath.Join(root, u.Path)
			}
			out = append(out, u.String())
		}
	}
	for _, path := range []string{"/var/run/supervisor.sock", "/run/supervisor.sock", "/run/supervisor/supervisor.sock"} {
		out = append(out, "unix://"+filepath.Join(root, path))
	}
	return out
}

// iniSection reads the settings of one section of an INI file.
func iniSection(text, name string) map[string]string {
	out := map[string]string{}
	current := ""
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), " ;")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			current = strings.Trim(line, "[]")
		} else if key, value, ok := strings.Cut(line, "="); ok && current == name && !strings.ContainsAny(line[:1], ";#") {
			out[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return out
}
