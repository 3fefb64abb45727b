package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"orderly/internal/model"
)

// town is a world with services as a small company has them: one is failing, one is being restarted.
func town(now time.Time) *world {
	w := newWorld(now)
	const day = 24 * time.Hour
	program := &model.Program{Args: []string{"/bin/true"}}
	since := func(d time.Duration) time.Time { return now.Add(-d) }
	rule := func(text string, state model.RuleState, value, summary string) model.RuleStatus {
		return model.RuleStatus{Text: text, State: state, Value: value, Summary: summary, Since: since(4 * time.Minute)}
	}
	limit := func(m model.Metric, op model.Op, n float64) model.Rule {
		return model.Rule{Metric: m, Op: op, Operand: model.Num(n)}
	}
	w.add(model.ServiceStatus{
		Name: "mysql", Kind: model.KindUnit, State: model.StateFailing, Since: since(4 * time.Minute), PID: 2213, Restarts: 2, Groups: []string{"database", "shop"},
		Problem: "connection to 127.0.0.1 port 3306 refused", Check: 8211,
		Rules: []model.RuleStatus{
			rule("failed port 3306 protocol mysql", model.RuleFailing, "", "connection to 127.0.0.1 port 3306 refused"),
			rule("cpu > 80% for 5 cycles", model.RuleOK, "12.4%", ""),
			rule("memory > 1.5 GB", model.RuleOK, "1.2 GB", ""),
			rule("restart loop", model.RuleOK, "2", ""),
		},
	}, &model.Service{
		Start: program, Stop: program, Rules: []model.Rule{
			{Metric: model.OK, Op: model.Equal, Then: []model.Action{{Kind: model.ActRestart}}},
			limit(model.CPU, model.Greater, 80), limit(model.Memory, model.Greater, 1.5*(1<<30)), limit(model.Deaths, model.Greater, 3),
		},
	}, model.CPU, 12.4, model.Memory, 1.2*(1<<30), model.Latency, 0.0021, model.Threads, 41.0, model.FDs, 112.0, model.ReadBytes, 41e3, model.WriteBytes, 220e3, model.Uptime, 184.0, model.UnitState, "restarting", model.Deaths, 2.0)
	w.add(model.ServiceStatus{
		Name: "shop", Kind: model.KindHost, State: model.StateActing, Doing: "restart", Since: since(20 * time.Second), Groups: []string{"shop"},
		Problem: "HTTP status 503, expected < 400", Restarts: 1,
	}, &model.Service{Start: program, Stop: program}, model.Latency, 0.182)
	w.add(model.ServiceStatus{
		Name: "backup", Kind: model.KindHeartbeat, State: model.StateFailing, Since: since(3 * time.Hour), Acked: "ann",
		Problem: "no sign of life for 27h12m, expected within 26 h",
	}, nil, model.SilentFor, 97920.0)
	w.add(model.ServiceStatus{Name: "nginx", Kind: model.KindUnit, State: model.StateOK, Since: since(12 * day), PID: 901, Groups: []string{"shop"}, Check: 41203, Rules: []model.RuleStatus{
		rule("failed port 443 protocol https", model.RuleOK, "", ""), rule("certificate < 14 days", model.RuleOK, "61 days", ""),
	}}, &model.Service{Start: program, Stop: program, Reload: program, Rules: []model.Rule{{Metric: model.OK, Op: model.Equal}, limit(model.Certificate, model.Less, 14)}}, model.CPU, 3.1, model.Memory, 44.0*(1<<20), model.Latency, 0.012, model.Certificate, 61.0)
	w.add(model.ServiceStatus{Name: "redis", Kind: model.KindUnit, State: model.StateOK, Since: since(33 * day), PID: 877, Groups: []string{"database"}}, nil, model.CPU, 0.9, model.Memory, 91.0*(1<<20))
	w.add(model.ServiceStatus{Name: "worker", Kind: model.KindProcess, State: model.StateOK, Since: since(51 * time.Minute), PID: 30114, Groups: []string{"shop"}}, nil, model.CPU, 31.0, model.Memory, 310.0*(1<<20))
	w.add(model.ServiceStatus{Name: "sshd", Kind: model.KindUnit, State: model.StateOK, Since: since(40 * day), PID: 611}, nil, model.CPU, 0.1)
	w.add(model.ServiceStatus{Name: "root filesystem", Kind: model.KindFilesystem, State: model.StateOK, Since: since(40 * day)}, &model.Service{Rules: []model.Rule{limit(model.SpacePercent, model.Greater, 90)}}, model.SpacePercent, 61.3, model.SpaceFree, 71.0*(1<<30), model.InodesPercent, 8.1, model.ReadBytes, 210e3, model.WriteBytes, 1.4e6)
	w.add(model.ServiceStatus{Name: "eth0", Kind: model.KindNetwork, State: model.StateOK, Since: since(40 * day)}, nil, model.DownloadBytes, 2.1e6, model.UploadBytes, 7.9e6, model.DownloadErrors, 0.0)
	w.add(model.ServiceStatus{Name: "web1", Kind: model.KindSystem, State: model.StateOK, Since: since(40 * day)}, &model.Service{Rules: []model.Rule{limit(model.Load1, model.Greater, 8)}}, model.Load1, 1.34, model.Load15, 1.1, model.CPU, 18.2, model.CPUWait, 0.4, model.MemoryPercent, 63.0, model.Memory, 10.1*(1<<30), model.SwapPercent, 2.0, model.Swap, 41.0*(1<<20))
	w.add(model.ServiceStatus{Name: "mail queue", Kind: model.KindProgram, State: model.StateOK, Since: since(6 * day), Silenced: "until 18:00: migration"}, nil, model.Status, 0.0)
	w.add(model.ServiceStatus{Name: "legacy-ftp", Kind: model.KindProcess, State: model.StateUnmonitored, Since: since(90 * day)}, nil)
	w.add(model.ServiceStatus{Name: "certificates", Kind: model.KindFile, State: model.StateInitializing}, nil)

	w.tell(26*time.Hour, model.Event{Kind: model.EventStarted, Text: "orderly 0.6.0 watches 13 services"})
	w.tell(25*time.Hour, model.Event{Service: "worker", Kind: model.EventFailed, Rule: "memory > 512 MB for 3 cycles", Text: "memory is 608.2 MB", Action: "restart"})
	w.tell(25*time.Hour-2*time.Second, model.Event{Service: "worker", Kind: model.EventAction, Action: "restart", Text: "restarted, pid 30114"})
	w.tell(25*time.Hour-32*time.Second, model.Event{Service: "worker", Kind: model.EventRecovered, Rule: "memory > 512 MB for 3 cycles", Text: "memory is 210.4 MB"})
	w.tell(5*time.Hour, model.Event{Service: "mail queue", Kind: model.EventSilenced, Text: "nobody is told until 18:00: migration"})
	w.tell(3*time.Hour, model.Event{Service: "backup", Kind: model.EventFailed, Rule: "silence > 26 h", Text: "no sign of life for 26 h, expected within 26 h"})
	w.tell(2*time.Hour, model.Event{Service: "backup", Kind: model.EventAcknowledged, Text: "ann looks after it"})
	w.tell(4*time.Minute, model.Event{
		Service: "mysql", Kind: model.EventFailed, Rule: "failed port 3306 protocol mysql", Text: "connection to 127.0.0.1 port 3306 refused", Action: "restart",
		Failure:   &model.Failure{Since: since(4 * time.Minute), LastOK: since(5 * time.Minute), Bad: 2, Cycles: 1, Affects: []string{"shop"}},
		Evidence:  "[ERROR] InnoDB: Write to file ./ibdata1 failed: No space left on device",
		Diagnosis: "/var/lib/mysql is 100.0% full\nlargest: binlog.000188 (31.2 GB)\nload 4.1, memory 63.0%",
	})
	w.tell(4*time.Minute-3*time.Second, model.Event{Service: "mysql", Kind: model.EventAction, Action: "restart", Text: "restarted, pid 2209"})
	w.tell(3*time.Minute, model.Event{Service: "mysql", Kind: model.EventStillFailing, Rule: "failed port 3306 protocol mysql", Text: "connection to 127.0.0.1 port 3306 refused"})
	w.tell(2*time.Minute, model.Event{Service: "mysql", Kind: model.EventActionFailed, Action: "restart", Text: "mysql did not start within 30 s", Evidence: "mysqld: Disk is full writing './binlog.000189'"})
	w.tell(20*time.Second, model.Event{Service: "shop", Kind: model.EventFailed, Rule: "failed port 443 protocol https", Text: "HTTP status 503, expected < 400", Action: "restart"})
	return w
}

// city is a world with many services.
func city(now time.Time, n int) *world {
	w := newWorld(now)
	for i := range n {
		s := model.ServiceStatus{Name: fmt.Sprintf("service-%04d", i), Kind: model.KindProcess, State: model.StateOK, Since: now.Add(-time.Duration(i) * time.Minute), Groups: []string{fmt.Sprintf("group-%d", i%20)}}
		if i%97 == 13 {
			s.State, s.Problem = model.StateFailing, "connection to 127.0.0.1 port 8080 refused"
		}
		w.add(s, nil, model.CPU, float64(i%100))
		w.tell(time.Duration(i)*time.Minute, model.Event{Service: s.Name, Kind: model.EventAction, Action: "restart", Text: "restarted"})
	}
	return w
}

// counting counts how often it is asked.
type counting struct {
	*world
	asked int
}

func (c *counting) Status(ctx context.Context, names []string, now bool) (model.HostStatus, error) {
	c.asked++
	return c.world.Status(ctx, names, now)
}

// young is a past that begins at some time.
type young struct {
	*world
	since time.Time
}

func (y young) Graph(ctx context.Context, s model.Series, from, to time.Time, points int) ([]model.Rollup, error) {
	all, err := y.world.Graph(ctx, s, from, to, points)
	return slices.DeleteFunc(all, func(r model.Rollup) bool { return r.At.Before(y.since) }), err
}
