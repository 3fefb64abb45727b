package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// TestMain lets the test binary be the daemon that gets killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("ORDERLY_TEST_CRASH_DIR"); dir != "" {
		writeUntilKilled(dir)
	}
	if dir := os.Getenv("ORDERLY_TEST_RECORD_DIR"); dir != "" {
		recordUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// writeUntilKilled appends and flushes, and prints the number of each event that is promised to be on disk.
func writeUntilKilled(dir string) {
	s, err := Open(dir, discard)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for {
		seq := s.Append(event("web", 1))
		s.Save(Record{Service: "web", Data: []byte(strconv.FormatUint(seq, 10))})
		s.Done("mail", seq, time.Second)
		if err := s.Flush(context.Background()); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(seq)
	}
}

func TestKilledAtAnyMoment(t *testing.T) {
	dir := t.TempDir()
	promised := uint64(0)
	for round := range 10 {
		promised = killAfter(t, dir, 5+37*round, promised)
		s := open(t, dir)
		var check string
		if err := s.current().read.QueryRow("pragma integrity_check").Scan(&check); err != nil || check != "ok" {
			t.Fatalf("round %d: integrity %q, %v", round, check, err)
		}
		last := s.Last()
		if last < promised {
			t.Fatalf("round %d: %d was promised, the journal ends at %d", round, promised, last)
		}
		records, err := s.Records(t.Context())
		if err != nil || len(records) != 1 {
			t.Fatalf("round %d: %v, %v", round, records, err)
		}
		if saved := string(records[0].Data); saved != strconv.FormatUint(last, 10) || s.Cursor("mail") != last {
			t.Fatalf("round %d: event %d was committed with state %s and cursor %d", round, last, saved, s.Cursor("mail"))
		}
		take(t, s, 0, int(last))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter runs a writer, kills it after n promises and returns the last one.
func killAfter(t *testing.T, dir string, n int, promised uint64) uint64 {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "ORDERLY_TEST_CRASH_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for i := 0; lines.Scan(); i++ {
		seq, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil || seq <= promised {
			t.Errorf("the writer says %q after %d", lines.Text(), promised)
			break
		}
		promised = seq
		if i == n {
			cmd.Process.Kill()
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	return promised
}
