package test

import (
	"os"
	"strings"
	"testing"
	"time"

	"orderly/internal/client"
)

// spent is how many seconds of the last days a service was up and down, in the days of a zone.
func (d *daemon) spent(service, zone string) (up, down int) {
	d.t.Helper()
	reply, err := client.New(d.path("sock")).Uptime(d.t.Context(), client.UptimeQuery{Service: service, Days: 3, Zone: zone})
	if err != nil || len(reply.Services) != 1 {
		d.t.Fatalf("uptime of %s: %+v, %v", service, reply, err)
	}
	for _, day := range reply.Services[0].Days {
		up, down = up+day.Up, down+day.Down
	}
	return up, down
}

// What was measured outlives a restart and kill -9; while nothing ran it was neither up nor down; and another time zone
// needs nothing but to be asked for. D-27, D-66, P-206, P-236.
func TestUptimeOutlivesTheDaemon(t *testing.T) {
	d := newNative(t, "every: 1s\nservices:\n  flag:\n    file: @DIR@/flag\n")
	d.write("flag", "up\n")
	d.start()
	// The last three of them may follow the last check, which has to be followed by another to count for good.
	d.eventually("five seconds were up", func() bool { up, _ := d.spent("flag", ""); return up >= 5 })
	d.stop()
	d.start()
	before, _ := d.spent("flag", "")
	if before < 2 {
		t.Errorf("%d seconds are left of two at least", before)
	}
	began := time.Now()
	if err := os.Remove(d.path("flag")); err != nil {
		t.Fatal(err)
	}
	d.eventually("two seconds were down", func() bool { _, down := d.spent("flag", ""); return down >= 2 })
	d.kill9()
	d.start()
	up, down := d.spent("flag", "")
	if most := before + int(time.Since(began).Seconds()) + 4; up < before || up+down > most {
		t.Errorf("after kill -9 %d up and %d down, want %d up at least and %d in all at most", up, down, before, most)
	}
	for _, zone := range []string{"Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"} {
		if u, w := d.spent("flag", zone); u < before-1 || u > up+int(time.Since(began).Seconds())+4 || w < down-1 {
			t.Errorf("in %s it was up for %d and down for %d seconds, elsewhere %d and %d", zone, u, w, up, down)
		}
	}
	d.stop()
	d.start()
	csv := d.must("history", "--export", "csv")
	for _, want := range []string{"at,seconds,service,part,metric,count,low,high,sum\n", ",60,flag,,took,", ",flag,,state.up,"} {
		if !strings.Contains(csv, want) {
			t.Errorf("the export has no %q:\n%s", want, csv)
		}
	}
	if out := d.must("history", "flag"); !strings.Contains(out, "UPTIME") || !strings.Contains(out, "took") {
		t.Errorf("history says\n%s", out)
	}
}
