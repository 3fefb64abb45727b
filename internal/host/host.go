// Package host tells what this machine is like now: its processes, files, filesystems, memory, load and network links.
//
// [Host.Measure] is the one entry point: it measures the subject of one service. A [Host] keeps between two measurements
// what a rate needs, and on Linux it holds every watched process so that its end is told at once.
//
// Nothing a machine can do to it blocks, crashes or bloats it: reads are bounded, and a system call that does not
// return is left behind at its deadline.
package host

import (
	"context"
	"time"

	"orderly/internal/model"
)

// Options say what a [Host] looks at.
type Options struct {
	// Root is put before /proc and /sys; "" is the running machine. Under any other root, which is a recorded tree,
	// processes are looked up at each check and their ends are not told.
	Root string

	// OnExit is told that the process of a service has ended, before its parent has reaped it. It is called from the
	// one goroutine that waits for all processes, so it must not block. It may be nil.
	OnExit func(service string, pid int)
}

// A Host measures one machine. Its methods may be called from any goroutine; measurements of one service follow each other.
type Host struct {
	machine
}

// New prepares to measure. It allows the process as many open files as the system permits.
// The caller closes the Host.
func New(o Options) *Host {
	h := &Host{}
	h.open(o)
	return h
}

// Close lets go of all watched processes and waits for the goroutine that watched them. Nothing may be measured afterwards.
func (h *Host) Close() error { return h.close() }

// Measure looks at the subject of s, which is a process, file, fifo, directory, filesystem, system or network.
//
// The sample has a reading of Exist always and of every metric the rules of s need; with its details it has all that
// there is to show. What is only shown may be older than the sample, see [Host.Look].
// If the subject does not exist the others are absent; so are rates at the first measurement. What is shared between
// services, like the process table, is as of asOf or newer. Probes of the subject are answered, all others are left
// as skipped. b is the bookmark of the sample before.
//
// An error means that the subject could not be measured, so nothing is known about it.
func (h *Host) Measure(ctx context.Context, s *model.Service, asOf time.Time, b model.Bookmark) (model.Sample, error) {
	return h.measure(ctx, s, 0, asOf, time.Now(), b)
}

// MeasureProcess is Measure for a unit, whose main process the caller knows from its init system; 0 is none. Of one that
// runs as a process that its init system does not know, which is a negative pid, the pidfile of s is looked into, if there
// is one. Exist is then a reading of whether that process is alive. Options.OnExit is told of its end, until another pid
// is named.
func (h *Host) MeasureProcess(ctx context.Context, s *model.Service, pid int, asOf time.Time, b model.Bookmark) (model.Sample, error) {
	return h.measure(ctx, s, pid, asOf, time.Now(), b)
}

// Look tells that somebody looks at what is measured now. For two minutes then, what is only shown is read again every
// ten seconds, at the next measurement; else it is read every minute.
func (h *Host) Look(now time.Time) { h.attend(now) }

// Find looks whether the process of s is alive at this moment. It is cheap enough to be asked every few milliseconds
// while a process starts or stops.
func (h *Host) Find(s *model.Service) (pid int, ok bool) { return h.find(s) }

// Forget drops what is kept of the service of a name. It does not wait for a measurement under way.
func (h *Host) Forget(service string) { h.forget(service) }

// BootID is a text that is different after each start of the machine, "" where the system has none.
func (h *Host) BootID() string { return h.bootID() }

// Hostname is the name of the machine, "localhost" if it has none.
func (h *Host) Hostname() string { return h.hostname() }

// MemoryTotal is the size of the machine's memory in bytes, 0 if it is not known.
func (h *Host) MemoryTotal() uint64 { return h.memoryTotal() }

// Filesystems lists the mount points of the filesystems that keep data on this machine, in the order they were mounted.
// Each filesystem is named once.
func (h *Host) Filesystems() ([]string, error) { return h.filesystems() }
