package monit

import (
	"errors"
	"testing"

	"orderly/internal/model"
)

func TestReportIsAsRecorded(t *testing.T) { // C-15
	got, err := Report(recordedHost().services, "")
	if err != nil {
		t.Fatal(err)
	}
	differ(t, got, recording(t, "report.txt"))
}

func TestReportOfOneCount(t *testing.T) { // C-15
	services := recordedHost().services
	for what, want := range map[string]string{
		"up": "8\n", "down": "3\n", "initialising": "1\n", "initializing": "1\n", "initiali": "1\n", "unmonitored": "1\n",
		"total": "13\n", "UP": "8\n", "Total": "13\n", "INITIALISING": "1\n",
	} {
		if got, err := Report(services, what); got != want || err != nil {
			t.Errorf("%s: got %q and %v, want %q", what, got, err, want)
		}
	}
	for _, what := range []string{"bogus", "Upper", "init", " "} {
		var invalid ReportTypeError
		got, err := Report(services, what)
		if !errors.As(err, &invalid) || err.Error() != "Invalid report type: '"+what+"'" || got != "" {
			t.Errorf("%s: got %q and %v", what, got, err)
		}
	}
}

func TestReportCountsAServiceOnce(t *testing.T) { // C-15: unmonitored before initialising before down
	services := []model.Snapshot{
		{Initializing: true, Failing: 1},
		{Monitored: true, Initializing: true, Failing: 1},
		{Monitored: true, Failing: 1, Changed: 1},
	}
	want := "up:             0 (0.0%)\n" +
		"down:           1 (33.3%)\n" +
		"initialising:   1 (33.3%)\n" +
		"unmonitored:    1 (33.3%)\n" +
		"total:          3 services\n"
	got, err := Report(services, "")
	if err != nil {
		t.Fatal(err)
	}
	differ(t, got, want)
}

func TestReportOfNothing(t *testing.T) { // C-15: Monit writes -nan% here
	want := "up:             0 (0.0%)\n" +
		"down:           0 (0.0%)\n" +
		"initialising:   0 (0.0%)\n" +
		"unmonitored:    0 (0.0%)\n" +
		"total:          0 services\n"
	got, err := Report(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	differ(t, got, want)
}
