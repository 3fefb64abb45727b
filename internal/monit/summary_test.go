package monit

import (
	"slices"
	"strings"
	"testing"

	"orderly/internal/model"
)

func TestSummaryIsAsRecorded(t *testing.T) { // C-13
	now := moment("19:33:15")
	in := Instance{Started: now, Now: now}
	for _, c := range []struct {
		file string
		host *recorded
	}{
		{"summary.txt", recordedHost()},
		{"summary-with-failures.txt", recordedFailures()}, // holds texts that are cut
	} {
		t.Run(c.file, func(t *testing.T) {
			differ(t, Plain(Summary(in, c.host.services, true)), recording(t, c.file))
		})
	}
}

func TestSummaryHasTheRecordedBoxes(t *testing.T) { // C-14
	now := moment("19:33:15")
	differ(t, Summary(Instance{Started: now, Now: now}, recordedHost().services, true), recording(t, "summary-boxed.txt"))
}

func TestSummaryKeepsTheOrderGiven(t *testing.T) { // C-13
	h := recordedHost()
	some := []model.Snapshot{*h.service("ok_script"), *h.service("appd")}
	now := moment("19:33:15")
	lines := strings.Split(Plain(Summary(Instance{Started: now, Now: now}, some, false)), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[2], " ok_script ") || !strings.HasPrefix(lines[3], " appd ") {
		t.Errorf("got %q", lines)
	}
	if some[0].Spec.Name != "ok_script" {
		t.Error("the services of the caller changed places")
	}
}

func TestSummaryCutsWhatIsTooLong(t *testing.T) { // C-13
	column := Column{Width: 31}
	for name, want := range map[string]string{
		"this_is_a_name_of_thirty_one_ch":                 "this_is_a_name_of_thirty_one_ch",
		"a_really_long_service_name_of_more_than_thirty":  "a_really_long_service_name_o...",
		"müller_ünïcödé_näme_thät_is_längér_thän_it_fits": "müller_ünïcödé_näme_thät_is_...",
	} {
		if got := column.fit(name); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
