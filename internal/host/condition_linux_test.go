package host

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestConditionOfTheRunningMachine(t *testing.T) {
	c, err := open(t, Options{}).Condition(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c.CPUs == 0 || c.Memory <= c.MemoryFree || c.MemoryFree <= 0 || c.Processes == 0 || len(c.Largest) == 0 {
		t.Errorf("%+v", c)
	}
	if len(c.Busiest) > consumers || len(c.Largest) > consumers {
		t.Errorf("it lists %d and %d processes", len(c.Busiest), len(c.Largest))
	}
	for _, p := range slices.Concat(c.Busiest, c.Largest) {
		if strings.ContainsAny(p.Name, "\x00=") || len(p.Name) > 64 || p.PID <= 0 {
			t.Errorf("a process is called %q", p.Name)
		}
	}
}

func TestConditionOfARecordedMachine(t *testing.T) {
	r := record(t)
	kmsg := "6,1,999999,-;Out of memory: Killed process 4 (ancient) total-vm:1kB\n" +
		"3,2,9000000000,-;Memory cgroup out of memory: Killed process 4711 (java) total-vm:2kB, anon-rss:1kB, UID:0 oom_score_adj:0\n" +
		" SUBSYSTEM=acpi\n" +
		"garbage\n,,;;\n6,3,x,-;Out of memory: Killed process 5 (nobody)\n"
	if err := os.MkdirAll(filepath.Join(r.dir, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.dir, "dev/kmsg"), []byte(kmsg), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.dir, "proc/uptime"), []byte("9100.00 1.00\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := r.h.Condition(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Killed, "; "); got != "out of memory: Killed process 4711 (java)" {
		t.Errorf("killed: %s", got)
	}
	if c.Load[0] == 0 || c.Memory == 0 || c.Largest[0].Memory < c.Largest[1].Memory {
		t.Errorf("%+v", c)
	}
}

func TestConsumersAreRatesOfTheSameProcess(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	before := &table{at: at, procs: []procStat{{pid: 1, start: 5, ticks: 100}, {pid: 2, start: 6, ticks: 10}}}
	after := &table{at: at.Add(time.Second), procs: []procStat{
		{pid: 1, start: 5, ticks: 150, name: "worker", pages: 2},
		{pid: 2, start: 999, ticks: 90, name: "another of that number"},
		{pid: 3, start: 7, ticks: 90, name: "new"},
	}}
	busiest := top(consumersOf(before, after), func(c Consumer) float64 { return c.CPU })
	if len(busiest) != 1 || busiest[0].Name != "worker" || busiest[0].CPU != 50 {
		t.Errorf("%+v", busiest)
	}
}
