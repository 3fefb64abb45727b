package control

import (
	"errors"
	"sync"

	"github.com/godbus/dbus/v5"
)

// errBusLost is the end of a connection on which something was awaited.
var errBusLost = errors.New("the connection to systemd was lost")

// jobs hands the results of jobs to those who wait for them. systemd may tell a result before the answer that names the
// job has reached who asked for it, so while anybody waits for such an answer the results of all jobs are kept.
type jobs struct {
	mu      sync.Mutex
	asking  int // how many wait for the answer that names their job
	early   map[dbus.ObjectPath]string
	waiting map[dbus.ObjectPath]chan<- string
}

func newJobs() *jobs {
	return &jobs{early: map[dbus.ObjectPath]string{}, waiting: map[dbus.ObjectPath]chan<- string{}}
}

// DeliverSignal is called for each signal, in their order.
func (j *jobs) DeliverSignal(_, member string, s *dbus.Signal) {
	var id uint32
	var path dbus.ObjectPath
	var unit, result string
	if member != "JobRemoved" || dbus.Store(s.Body, &id, &path, &unit, &result) != nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if ch := j.waiting[path]; ch != nil {
		delete(j.waiting, path)
		ch <- result
	} else if j.asking > 0 {
		j.early[path] = result
	}
}

// A queued job is one whose result is awaited.
type queued struct {
	path   dbus.ObjectPath
	result <-chan string // is told once
	jobs   *jobs
}

// queue has a job queued. Whoever asks for that forgets the job when nobody waits for its result any more.
func (j *jobs) queue(ask func(path *dbus.ObjectPath) error) (*queued, error) {
	j.mu.Lock()
	j.asking++
	j.mu.Unlock()
	var path dbus.ObjectPath
	err := ask(&path)
	j.mu.Lock()
	defer j.mu.Unlock()
	result := make(chan string, 1)
	if err == nil {
		if text, known := j.early[path]; known {
			result <- text
		} else {
			j.waiting[path] = result
		}
	}
	if j.asking--; j.asking == 0 {
		clear(j.early)
	}
	return &queued{path: path, result: result, jobs: j}, err
}

func (q *queued) forget() {
	q.jobs.mu.Lock()
	defer q.jobs.mu.Unlock()
	delete(q.jobs.waiting, q.path)
}
