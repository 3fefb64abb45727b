package notice

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestTemplates(t *testing.T) { // M-055
	n := Notice{
		MonitorName: "web", Host: "h", AlertCount: 3, FailureCount: 7, LastCheckOutput: `it's "down"`, Message: "web check has failed 7 times",
		LastSuccess: time.Date(2026, 7, 1, 10, 30, 0, 250_000_000, time.UTC), Duration: 134 * time.Minute,
	}
	for _, tt := range []struct{ text, want string }{
		{"{{.MonitorName}} {{.AlertCount}} {{printf \"%03d\" .FailureCount}}", "web 3 007"},
		{"{{if .IsUp}}up{{else}}down{{end}} on {{.Host}}", "down on h"},
		{"{{ANSIC .LastSuccess}}", "Wed Jul  1 10:30:00 2026"},
		{"{{UnixDate .LastSuccess}}", "Wed Jul  1 10:30:00 UTC 2026"},
		{"{{RubyDate .LastSuccess}}", "Wed Jul 01 10:30:00 +0000 2026"},
		{"{{RFC822Z .LastSuccess}}", "01 Jul 26 10:30 +0000"},
		{"{{RFC850 .LastSuccess}}", "Wednesday, 01-Jul-26 10:30:00 UTC"},
		{"{{RFC1123 .LastSuccess}}", "Wed, 01 Jul 2026 10:30:00 UTC"},
		{"{{RFC1123Z .LastSuccess}}", "Wed, 01 Jul 2026 10:30:00 +0000"},
		{"{{RFC3339 .LastSuccess}}", "2026-07-01T10:30:00Z"},
		{"{{RFC3339Nano .LastSuccess}}", "2026-07-01T10:30:00.25Z"},
		{"{{FormatTime .LastSuccess \"15:04\"}}", "10:30"},
		{"{{RFC3339 (InTZ .LastSuccess \"Europe/Berlin\")}}", "2026-07-01T12:30:00+02:00"},
		{"{{json .LastCheckOutput}}", `"it's \"down\""`},
		{"{{shellquote .LastCheckOutput}}", `'it'\''s "down"'`},
		{"{{since .Duration}}", "2 h 14 min"},
		{"{{.LastSuccess.Unix}}", "1782901800"},
	} {
		parsed, err := Parse(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if got, err := parsed.Render(n); got != tt.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", tt.text, got, err, tt.want)
		}
	}
}

func TestISO8601(t *testing.T) { // 6.1 of Minitor's placeholders
	local := time.Date(2026, 7, 1, 10, 30, 0, 0, time.Local)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "Never"},
		{local, "2026-07-01T10:30:00"},
		{local.Add(25 * time.Millisecond), "2026-07-01T10:30:00.025000"},
		{local.Add(3), "2026-07-01T10:30:00"},
	} {
		if got := iso8601(tt.at); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.at, got, tt.want)
		}
	}
}

func TestMistakesAreFoundWhenRead(t *testing.T) { // M-054
	for _, tt := range []struct{ text, want string }{
		{"{{.Nobody}}", "Nobody"},
		{"{{if .IsUp}}{{.Nobody}}{{end}}", "Nobody"},
		{"{{if not .IsUp}}{{.Nobody}}{{end}}", "Nobody"},
		{"{{nofunc .Host}}", `function "nofunc" not defined`},
		{"{{.Host", "unclosed action"},
		{"{{InTZ .At \"Mars/Base\"}}", `there is no time zone "Mars/Base"`},
		{"{{range 1000000000}}{{end}}", "nothing to loop over"},
		{"{{if .IsUp}}{{else}}{{range 9}}x{{end}}{{end}}", "nothing to loop over"},
		{`{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, "nothing to loop over"},
		{`{{printf "%200000d" 1}}`, "grows beyond 120 KiB"},
		{strings.Repeat("x", maxSource+1), "longer than 64 KiB"},
	} {
		_, err := Parse(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "template: text") {
			t.Errorf("%.40s: %v, want %q", tt.text, err, tt.want)
		}
	}
}

func TestShellTakesOneWord(t *testing.T) { // M-058
	for _, text := range []string{"", "plain", "it's", "$(touch x)`id`", "a\nb", `\'; rm -rf "$HOME" #`, "'", "é\x7f"} {
		out, err := exec.Command("sh", "-c", "printf %s "+ShellQuote(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("%q: %q, %v", text, out, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"{{.MonitorName}}", "{{if .IsUp}}a{{end}}", "{{InTZ .At \"UTC\" | RFC3339}}", "{{with .Host}}{{.}}{{end}}", "{{", "{{json .}}"} {
		f.Add(seed, "out\xffput")
	}
	f.Fuzz(func(t *testing.T, text, output string) {
		parsed, err := Parse(text)
		if err != nil {
			return
		}
		n := Of(model.Route{}, model.Event{Kind: model.EventFailed, Service: output, Evidence: output})
		if out, err := parsed.Render(n); err == nil && len(out) > maxRendered {
			t.Errorf("%d bytes", len(out))
		}
	})
}
