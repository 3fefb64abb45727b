package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// must runs a program and returns what it wrote.
func must(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestDebianPackages makes the packages of this program and takes them apart.
func TestDebianPackages(t *testing.T) { // I-01
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("dpkg-deb is not installed")
	}
	dir := t.TempDir()
	must(t, "../packaging/deb/build", binary, "v1.2.3-4-gabc", dir, "amd64")
	for _, p := range []struct {
		file   string
		fields map[string]string
		holds  []string
	}{
		{
			"orderly_1.2.3+4+gabc_amd64.deb",
			map[string]string{"Package": "orderly", "Version": "1.2.3+4+gabc", "Architecture": "amd64"},
			[]string{
				"-rwxr-xr-x root/root ./usr/bin/orderly", "./usr/lib/systemd/system/orderly.service",
				"./usr/share/bash-completion/completions/orderly", "./usr/share/zsh/vendor-completions/_orderly", "./etc/orderly/conf.d/",
			},
		},
		{
			"orderly-monit_1.2.3+4+gabc_all.deb",
			map[string]string{"Provides": "monit", "Conflicts": "monit", "Replaces": "monit", "Depends": "orderly (>= 1.2.3+4+gabc)"},
			[]string{"./usr/lib/systemd/system/monit.service", "./usr/share/bash-completion/completions/monit", "./etc/logrotate.d/orderly-monit"},
		},
		{
			"orderly-inspeqtor_1.2.3+4+gabc_all.deb",
			map[string]string{"Provides": "inspeqtor", "Conflicts": "inspeqtor", "Replaces": "inspeqtor", "Depends": "orderly (>= 1.2.3+4+gabc)"},
			[]string{
				"./usr/lib/systemd/system/inspeqtor.service", "./usr/share/bash-completion/completions/inspeqtor ",
				"./usr/share/bash-completion/completions/inspeqtorctl",
			},
		},
		{
			"orderly-minitor_1.2.3+4+gabc_all.deb",
			map[string]string{"Provides": "minitor", "Conflicts": "minitor", "Replaces": "minitor", "Depends": "orderly (>= 1.2.3+4+gabc)"},
			[]string{
				"./usr/lib/systemd/system/minitor.service", "./usr/share/bash-completion/completions/minitor",
				"-rwxr-xr-x root/root ./usr/share/minitor/scripts/docker_check.sh",
			},
		},
	} {
		file := filepath.Join(dir, p.file)
		for field, want := range p.fields {
			if got := strings.TrimSpace(must(t, "dpkg-deb", "-f", file, field)); got != want {
				t.Errorf("%s: %s is %q, want %q", p.file, field, got, want)
			}
		}
		content := strings.Join(strings.Fields(must(t, "dpkg-deb", "-c", file)), " ")
		for _, want := range p.holds {
			first, last, _ := strings.Cut(want, " root/root ")
			if !strings.Contains(content, first) || !strings.Contains(content, last) {
				t.Errorf("%s does not hold %s", p.file, want)
			}
		}
		must(t, "dpkg-deb", "-x", file, filepath.Join(dir, "root"))
		must(t, "dpkg-deb", "-e", file, filepath.Join(dir, "control-"+p.file))
	}
	scripts, err := filepath.Glob(filepath.Join(dir, "control-*", "p*"))
	if err != nil || len(scripts) != 9 {
		t.Errorf("scripts of the packages: %q, %v", scripts, err)
	}
	for _, script := range scripts {
		must(t, "sh", "-n", script)
	}
	must(t, filepath.Join(dir, "root", "usr/bin/orderly"), "version")
	verifyUnits(t, filepath.Join(dir, "root"))
}

// verifyUnits has systemd read the units, which name programs that are not installed here: those are made to be.
func verifyUnits(t *testing.T, root string) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Log("systemd-analyze is not installed: the units were not verified")
		return
	}
	for _, unit := range []string{"orderly", "monit", "inspeqtor", "minitor"} {
		text, err := os.ReadFile(filepath.Join(root, "usr/lib/systemd/system", unit+".service"))
		if err != nil {
			t.Fatal(err)
		}
		here := strings.NewReplacer("/usr/bin/orderly", binary, "/usr/bin/monit", binary, "/usr/bin/inspeqtor", binary, "/usr/bin/minitor", binary).Replace(string(text))
		path := filepath.Join(t.TempDir(), unit+".service")
		if err := os.WriteFile(path, []byte(here), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("systemd-analyze", "verify", "--man=no", path).CombinedOutput()
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, unit+".service") {
				t.Errorf("%s: %s", unit, line)
			}
		}
		if err != nil {
			t.Logf("systemd-analyze verify %s: %v", unit, err)
		}
	}
}
