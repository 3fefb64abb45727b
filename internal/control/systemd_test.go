package control

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/godbus/dbus/v5"
)

// A fakeBus is a message bus with a systemd on it that knows the service web, as it answered when it was recorded.
type fakeBus struct {
	mu      sync.Mutex
	general map[string]any // properties of web.service
	special map[string]any
	loaded  []loadedUnit
	files   []unitFile               // beside that of web.service
	refuse  map[string]dbus.Error    // methods that fail
	slow    map[string]time.Duration // methods whose answers take a while
	lose    map[string]bool          // methods that are not answered, once: the connection ends
	job     func(w *wire, reply func())
	asked   []string // methods of acts
	many    map[string]*oneOfMany
	greet   func(net.Conn) bool // false: not served
	wires   []*wire
	dials   int
}

func newFakeBus() *fakeBus {
	return &fakeBus{
		general: map[string]any{
			"Id": "web.service", "LoadState": "loaded", "ActiveState": "active", "SubState": "running", "Description": "the web",
			"InvocationID": []byte{0xab, 0xcd}, stateChange: uint64(1), "StateChangeTimestamp": uint64(1e15),
			"Job": struct {
				ID   uint32
				Path dbus.ObjectPath
			}{0, "/"},
		},
		special: map[string]any{"Type": "notify", "MainPID": uint32(7), "NRestarts": uint32(2), "Result": "success"},
		refuse:  map[string]dbus.Error{},
		slow:    map[string]time.Duration{},
		lose:    map[string]bool{},
		job: func(w *wire, reply func()) {
			reply()
			w.removed(":1.0", "done")
		},
	}
}

// A wire is one connection to the bus, seen from the bus.
type wire struct {
	net.Conn
	mu sync.Mutex
}

func (b *fakeBus) dial(context.Context, string) (net.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ours, theirs := net.Pipe()
	b.dials++
	w := &wire{Conn: ours}
	b.wires = append(b.wires, w)
	go b.serve(w, b.greet)
	return theirs, nil
}

func (b *fakeBus) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wires {
		_ = w.Close()
	}
	b.wires = nil
}

func (b *fakeBus) serve(w *wire, greet func(net.Conn) bool) {
	if greet != nil && !greet(w) {
		return
	}
	in := bufio.NewReader(w)
	for {
		line, err := in.ReadString('\n')
		switch line = strings.Trim(line, "\x00\r\n"); {
		case err != nil:
			return
		case line == "AUTH":
			_, _ = fmt.Fprint(w, "REJECTED EXTERNAL\r\n")
		case line == "BEGIN":
			for {
				msg, err := dbus.DecodeMessage(in)
				if err != nil {
					return
				}
				b.answer(w, msg)
			}
		default:
			_, _ = fmt.Fprint(w, "OK 1234\r\n")
		}
	}
}

func (b *fakeBus) answer(w *wire, msg *dbus.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	member, _ := msg.Headers[dbus.FieldMember].Value().(string)
	reply := func(body ...any) {
		w.send(dbus.TypeMethodReply, map[dbus.HeaderField]any{dbus.FieldReplySerial: msg.Serial(), dbus.FieldSender: ":1.0"}, body...)
	}
	time.Sleep(b.slow[member])
	if b.lose[member] {
		delete(b.lose, member)
		_ = w.Close()
		return
	}
	if err, ok := b.refuse[member]; ok {
		w.send(dbus.TypeError, map[dbus.HeaderField]any{
			dbus.FieldReplySerial: msg.Serial(), dbus.FieldSender: ":1.0", dbus.FieldErrorName: err.Name,
		}, err.Body...)
		return
	}
	switch member {
	case "Hello":
		reply(":1.9")
	case "GetNameOwner":
		reply(":1.0")
	case "GetAll":
		general, special := b.of(msg)
		if msg.Body[0] == systemdName+".Service" {
			general = special
		}
		reply(variants(general))
	case "Get":
		name, _ := msg.Body[1].(string)
		general, special := b.of(msg)
		if value, ok := special[name]; ok {
			reply(dbus.MakeVariant(value))
			return
		}
		reply(dbus.MakeVariant(general[name]))
	case "ListUnits":
		reply(b.loaded)
	case "ListUnitFiles":
		reply(append([]unitFile{{"/lib/systemd/system/web.service", "enabled"}}, b.files...))
	case "GetUnitFileState":
		reply("enabled-runtime")
	case "StartUnit", "StopUnit", "RestartUnit", "ReloadUnit":
		b.asked = append(b.asked, member)
		if many, _ := msg.Body[0].(string); b.many[many] != nil {
			b.many[many].act(w, func(job dbus.ObjectPath) { reply(job) })
			return
		}
		b.job(w, func() { reply(jobPath) })
	case "ResetFailedUnit", "Cancel":
		b.asked = append(b.asked, member)
		reply()
	default:
		reply()
	}
}

// of are the properties of the unit that a message is about.
func (b *fakeBus) of(msg *dbus.Message) (general, special map[string]any) {
	for name, u := range b.many {
		if msg.Headers[dbus.FieldPath].Value() == unitPath(name) {
			return u.general, u.special
		}
	}
	return b.general, b.special
}

const jobPath = dbus.ObjectPath("/org/freedesktop/systemd1/job/42")

func variants(m map[string]any) map[string]dbus.Variant {
	out := make(map[string]dbus.Variant, len(m))
	for k, v := range m {
		out[k] = dbus.MakeVariant(v)
	}
	return out
}

func (w *wire) send(kind dbus.Type, headers map[dbus.HeaderField]any, body ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	msg := &dbus.Message{Type: kind, Headers: map[dbus.HeaderField]dbus.Variant{}, Body: body}
	for k, v := range headers {
		msg.Headers[k] = dbus.MakeVariant(v)
	}
	if len(body) > 0 {
		msg.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
	}
	_ = msg.EncodeTo(w, binary.LittleEndian)
}

func (w *wire) signal(sender string, path dbus.ObjectPath, iface, member string, body ...any) {
	w.send(dbus.TypeSignal, map[dbus.HeaderField]any{
		dbus.FieldSender: sender, dbus.FieldPath: path, dbus.FieldInterface: iface, dbus.FieldMember: member,
	}, body...)
}

func (w *wire) removed(sender, result string) {
	w.signal(sender, systemdPath, systemdManager, "JobRemoved", uint32(42), jobPath, "web.service", result)
}

// units are those of a systemd on this bus.
func (b *fakeBus) units() *Units {
	nothing := tools{env: []string{"PATH=/no/such"}}
	s := &systemd{label: "systemd", here: "/", bus: newBus(door{path: "bus"}), command: systemctl{tools: nothing}}
	s.bus.dial = b.dial
	return &Units{systems: []initSystem{s}, patience: time.Minute, settle: time.Second}
}

// onBus runs a test in a bubble, where nothing takes time.
func onBus(t *testing.T, test func(t *testing.T, b *fakeBus, u *Units)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBus()
		u := b.units()
		test(t, b, u)
		u.Close()
		b.close()
		time.Sleep(time.Second) // of no real time, for those who have yet to notice
	})
}

func TestSystemdJobResults(t *testing.T) { // S-11
	tests := []struct{ result, want string }{
		{"done", ""},
		{"failed", "cannot reload web.service: its job failed"},
		{"canceled", "cannot reload web.service: another job took its place"},
		{"timeout", "cannot reload web.service: its job took longer than systemd lets it"},
		{"dependency", "cannot reload web.service: a unit that it needs failed"},
		{"skipped", "cannot reload web.service: systemd skipped it, because a condition of the unit does not hold"},
		{"odd", `cannot reload web.service: its job ended with "odd"`},
	}
	orders := map[string]func(w *wire, reply func(), result string){
		"after the answer":  func(w *wire, reply func(), result string) { reply(); w.removed(":1.0", result) },
		"before the answer": func(w *wire, reply func(), result string) { w.removed(":1.0", result); reply() },
		"a false one before": func(w *wire, reply func(), result string) {
			w.removed(":1.66", "odd one")
			reply()
			w.removed(":1.0", result)
		},
		"a false one after": func(w *wire, reply func(), result string) {
			reply()
			w.removed(":1.66", "odd one")
			w.removed(":1.0", result)
		},
		"another job's first": func(w *wire, reply func(), result string) { other(w); reply(); w.removed(":1.0", result) },
	}
	for order, send := range orders {
		for _, tt := range tests {
			t.Run(order+" "+tt.result, func(t *testing.T) {
				onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
					b.job = func(w *wire, reply func()) { send(w, reply, tt.result) }
					_, out := u.Do(t.Context(), ref("web.service"), VerbReload)
					if out.Error != tt.want {
						t.Errorf("got %+v", out)
					}
				})
			})
		}
	}
}

func other(w *wire) {
	w.signal(":1.0", systemdPath, systemdManager, "JobRemoved", uint32(41), dbus.ObjectPath("/job/41"), "x.service", "failed")
	w.signal(":1.0", systemdPath, systemdManager, "JobRemoved", "nonsense")
}

func TestSystemdRefusals(t *testing.T) { // S-29
	for name, want := range map[string]string{
		"org.freedesktop.DBus.Error.AccessDenied":                     "permission denied; .*polkit.*",
		"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired": "permission denied; .*polkit.*",
		"org.freedesktop.systemd1.UnitMasked":                         "the unit is masked.*",
		"org.freedesktop.systemd1.JobTypeNotApplicable":               ".*ExecReload.*",
		"org.freedesktop.systemd1.NoSuchUnit":                         "as systemd says",
		"org.freedesktop.DBus.Error.NoReply":                          "systemd does not answer: as systemd says",
		"org.freedesktop.systemd1.New":                                "as systemd says",
	} {
		t.Run(name, func(t *testing.T) {
			onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
				b.refuse["ReloadUnit"] = dbus.Error{Name: name, Body: []any{"as systemd says"}}
				_, out := u.Do(t.Context(), ref("web.service"), VerbReload)
				matches(t, out.Error, "cannot reload web.service: "+want)
			})
		})
	}
}

func TestSystemdBusIsLost(t *testing.T) {
	onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
		b.job = func(w *wire, reply func()) { reply(); go b.close() }
		_, out := u.Do(t.Context(), ref("web.service"), VerbReload)
		if out.Error != "" || b.dials < 2 {
			t.Errorf("got %+v after %d connections", out, b.dials)
		}
	})
}

// A connection that is lost is noticed only when it is used. A look, an act and a list do not fail for that.
func TestSystemdBusWasLost(t *testing.T) { // S-12
	onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
		for _, member := range []string{"GetAll", "ReloadUnit", "ListUnits"} {
			if _, err := u.Status(t.Context(), ref("web.service")); err != nil {
				t.Fatal(err)
			}
			b.lose[member] = true
			_, looked := u.Status(t.Context(), ref("web.service"))
			_, out := u.Do(t.Context(), ref("web.service"), VerbReload)
			_, listed := u.List(t.Context())
			if looked != nil || out.Error != "" || listed != nil || b.lose[member] {
				t.Errorf("lost at %s: %v, %+v, %v", member, looked, out, listed)
			}
		}
	})
}

func TestSystemdJobTakesLong(t *testing.T) { // S-11
	tests := []struct {
		name   string
		refuse bool   // that the job is cancelled
		late   string // the result that comes nevertheless
		want   string
	}{
		{"cancelled", false, "", "it was not done after 1m1s; its job was cancelled, and it is running, pid 7"},
		{"cancelled, as it says", false, "canceled", "it was not done after 1m1s; its job was cancelled, and it is running, pid 7"},
		{"cannot be cancelled", true, "", "it was not done after 1m1s; systemd goes on, and it is running, pid 7"},
		{"failed at the last moment", true, "failed", "its job failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
				b.job = func(w *wire, reply func()) {
					reply()
					if tt.late != "" {
						time.AfterFunc(u.patience+time.Second/2, func() { w.removed(":1.0", tt.late) })
					}
				}
				if tt.refuse {
					b.refuse["Cancel"] = dbus.Error{Name: "org.freedesktop.DBus.Error.UnknownObject"}
				}
				b.slow["Cancel"] = time.Second
				_, out := u.Do(t.Context(), ref("web.service"), VerbReload)
				if out.Error != "cannot reload web.service: "+tt.want {
					t.Errorf("got %+v", out)
				}
			})
		})
	}
	onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
		b.job = func(_ *wire, reply func()) { reply() }
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, out := u.Do(ctx, ref("web.service"), VerbReload)
		if out.Error != "cannot reload web.service: orderly stopped waiting" || !slices.Equal(b.asked, []string{"ReloadUnit"}) {
			t.Errorf("got %+v, asked for %v", out, b.asked)
		}
	})
}

// What systemd has given up is started nevertheless, and so is what a restart has stopped.
func TestSystemdForgives(t *testing.T) {
	for _, tt := range []struct {
		verb  Verb
		state string
		want  []string
	}{
		{VerbStart, "failed", []string{"ResetFailedUnit", "StartUnit"}},
		{VerbStart, "inactive", []string{"StartUnit"}},
		{VerbRestart, "failed", []string{"ResetFailedUnit", "RestartUnit"}},
		{VerbRestart, "active", []string{"ResetFailedUnit", "RestartUnit"}},
		{VerbStop, "active", []string{"StopUnit"}},
		{VerbReload, "active", []string{"ReloadUnit"}},
	} {
		t.Run(string(tt.verb)+" "+tt.state, func(t *testing.T) {
			onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
				b.general["ActiveState"] = tt.state
				u.Do(t.Context(), ref("web.service"), tt.verb)
				if !slices.Equal(b.asked, tt.want) {
					t.Errorf("asked for %v", b.asked)
				}
				b.refuse["ResetFailedUnit"] = dbus.Error{Name: "org.freedesktop.DBus.Error.AccessDenied"}
				u.Do(t.Context(), ref("web.service"), tt.verb)
				if last := b.asked[len(b.asked)-1]; last != tt.want[len(tt.want)-1] {
					t.Errorf("without leave to forgive it asked for %v", last)
				}
			})
		})
	}
}

// A bus that hangs, breaks off or talks nonsense holds up nobody for longer than a look may take.
func TestSystemdHostileBus(t *testing.T) {
	for name, greet := range map[string]func(net.Conn) bool{
		"hangs":    func(net.Conn) bool { return false },
		"hangs up": func(c net.Conn) bool { _ = c.Close(); return false },
		"nonsense": func(c net.Conn) bool {
			go discard(c)
			_, _ = c.Write([]byte(strings.Repeat("\x00\r\n", 100)))
			return false
		},
		"never ends": func(c net.Conn) bool { go discard(c); go flood(c); return false },
	} {
		t.Run(name, func(t *testing.T) {
			onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
				b.greet = greet
				begin := time.Now()
				var wg sync.WaitGroup
				for range 3 {
					wg.Go(func() {
						if _, err := u.Status(t.Context(), ref("web.service")); err == nil {
							t.Error("it answered")
						}
					})
				}
				wg.Wait()
				if took := time.Since(begin); took > 2*lookPatience {
					t.Errorf("took %v", took)
				}
				b.close()
				b.mu.Lock()
				b.greet = nil
				b.mu.Unlock()
				if _, err := u.Status(t.Context(), ref("web.service")); err != nil {
					t.Errorf("the bus is well again: %v", err)
				}
			})
		})
	}
}

func discard(c net.Conn) {
	buf := make([]byte, 100)
	for {
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

// flood writes a line that does not end, slowly enough to leave room for others.
func flood(c net.Conn) {
	for {
		if _, err := c.Write([]byte(strings.Repeat("x", 1000))); err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestSystemdWatch(t *testing.T) { // S-12, S-14
	onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
		var seen followed
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { u.Watch(ctx, []Ref{ref("web.service")}, seen.add) })
		synctest.Wait()
		w := b.wires[0]
		change := func(sender, iface string, values map[string]any) {
			w.signal(sender, unitPath("web.service"), busName+".Properties", "PropertiesChanged", systemdName+iface, variants(values), []string{})
			synctest.Wait()
		}
		change(":1.66", ".Unit", map[string]any{"ActiveState": "failed", "SubState": "failed"})
		if len(seen.seen) != 1 || seen.seen[0].State != UnitRunning {
			t.Fatalf("seen %+v", seen.seen)
		}
		change(":1.0", ".Service", map[string]any{"MainPID": uint32(0), "Result": "signal", "ExecMainStatus": int32(9)})
		change(":1.0", ".Unit", map[string]any{"ActiveState": "activating", "SubState": "auto-restart"})
		change(":1.0", ".Service", map[string]any{"MainPID": uint32(8), "Result": "success", "NRestarts": uint32(3)})
		change(":1.0", ".Unit", map[string]any{"ActiveState": "active", "SubState": "running", "InvocationID": []byte{1}})
		if len(seen.seen) != 3 || seen.seen[1].Result != "killed by signal 9" || seen.seen[1].State != UnitRestarting ||
			seen.seen[2].PID != 8 || seen.seen[2].Run != "01" || seen.seen[2].Restarts != 3 {
			t.Errorf("seen %+v", seen.seen)
		}
		b.mu.Lock()
		b.general["ActiveState"], b.general["SubState"], b.special["MainPID"] = "inactive", "dead", uint32(0)
		b.mu.Unlock()
		w.signal(":1.0", systemdPath, systemdManager, "Reloading", true)
		change(":1.0", ".Unit", map[string]any{"ActiveState": "failed"}) // of which it knows little at that time
		w.signal(":1.0", systemdPath, systemdManager, "Reloading", false)
		synctest.Wait()
		if len(seen.seen) != 4 {
			t.Errorf("seen %+v", seen.seen)
		}
		change(":1.0", ".Service", map[string]any{"Result": "success"})
		if last := seen.seen[len(seen.seen)-1]; last.State != UnitStopped || last.PID != 0 {
			t.Errorf("after the reload of systemd: %+v", last)
		}
		b.mu.Lock()
		b.general["ActiveState"] = "failed"
		b.mu.Unlock()
		b.close()
		time.Sleep(firstRetry)
		synctest.Wait()
		if last := seen.seen[len(seen.seen)-1]; last.State != UnitFailed {
			t.Errorf("after the connection was lost: %+v", last)
		}
		cancel()
		wg.Wait()
	})
}

func TestSystemdWatchIsPatient(t *testing.T) {
	onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
		b.greet = func(c net.Conn) bool { _ = c.Close(); return false }
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		u.Watch(ctx, []Ref{ref("web.service")}, func(Unit) { t.Error("it answered") })
		if most := int(time.Hour/lastRetry) + 12; b.dials > most || b.dials < most-24 {
			t.Errorf("%d connections in an hour", b.dials)
		}
	})
}

func TestSystemdUnits(t *testing.T) { // S-13
	tests := []struct {
		name             string
		general, special map[string]any
		want             Unit
	}{
		{
			"running",
			map[string]any{"ActiveState": "active", "SubState": "running", "LoadState": "loaded", "InvocationID": []byte{1, 2}},
			map[string]any{"MainPID": uint32(9), "NRestarts": uint32(1), "Type": "simple", "Result": "success"},
			Unit{State: UnitRunning, Detail: "active (running)", PID: 9, Run: "0102", Restarts: 1},
		},
		{
			"restarting",
			map[string]any{"ActiveState": "activating", "SubState": "auto-restart-queued", "LoadState": "loaded"},
			map[string]any{"Result": "core-dump", "ExecMainStatus": int32(11), "Type": "notify"},
			Unit{State: UnitRestarting, Detail: "activating (auto-restart-queued)", Result: "killed by signal 11, core dumped", vouched: true},
		},
		{
			"oneshot",
			map[string]any{"ActiveState": "active", "SubState": "exited", "LoadState": "loaded"},
			map[string]any{"Type": "oneshot"},
			Unit{State: UnitRunning, Detail: "active (exited)", vouched: true, Task: true},
		},
		{
			"timer",
			map[string]any{"ActiveState": "active", "SubState": "waiting", "LoadState": "loaded"},
			nil,
			Unit{State: UnitRunning, Detail: "active (waiting)", Restarts: -1, vouched: true},
		},
		{
			"deleted while it runs",
			map[string]any{"ActiveState": "active", "SubState": "running", "LoadState": "not-found"},
			map[string]any{},
			Unit{State: UnitRunning, Detail: "not-found, active (running)"},
		},
		{
			"nonsense",
			map[string]any{"ActiveState": uint32(1), "InvocationID": "x", "LoadState": "loaded"},
			map[string]any{"MainPID": "x"},
			Unit{State: UnitStopped, Detail: " ()"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &systemd{label: "systemd"}
			var special properties
			if tt.special != nil {
				special = variants(tt.special)
			}
			got, err := s.unit("x", variants(tt.general), special)
			tt.want.Ref = ref("x")
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestSystemdResults(t *testing.T) {
	for result, want := range map[string]string{
		"success": "", "": "", "exit-code": "exit status 203, its program cannot be run", "signal": "killed by signal 203", "oom-kill": "killed because memory ran out",
		"timeout": "it took longer than systemd lets it", "watchdog": "it did not tell systemd that it is alive", "start-limit-hit": "it was started too often",
		"protocol": "it did not tell systemd that it is ready", "resources": "systemd lacked resources to run it",
		"exec-condition": "its ExecCondition does not hold", "new": "new",
	} {
		if got := serviceResult(variants(map[string]any{"Result": result, "ExecMainStatus": int32(203)})); got != want {
			t.Errorf("%s: got %q", result, got)
		}
	}
}

func TestSystemdPaths(t *testing.T) { // S-10
	for unit, want := range map[string]dbus.ObjectPath{
		"web.service": "/org/freedesktop/systemd1/unit/web_2eservice", "tmpl@a.service": "/org/freedesktop/systemd1/unit/tmpl_40a_2eservice",
		"9p.mount": "/org/freedesktop/systemd1/unit/_39p_2emount", `a\x2db-c.service`: "/org/freedesktop/systemd1/unit/a_5cx2db_2dc_2eservice",
		"-.slice": "/org/freedesktop/systemd1/unit/_2d_2eslice",
	} {
		if got := unitPath(unit); got != want || !got.IsValid() {
			t.Errorf("%s: got %s", unit, got)
		}
	}
}

func TestSystemdFind(t *testing.T) {
	onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
		if got, err := u.Find(t.Context(), "", "alias"); err != nil || got != ref("web.service") {
			t.Errorf("got %v, %v", got, err)
		}
		b.general["LoadState"], b.general["ActiveState"] = "not-found", "inactive"
		_, err := u.Find(t.Context(), "", "wbe")
		if !errors.Is(err, ErrNoUnit) || err.Error() != "cannot find wbe: systemd: there is no unit wbe.service; did you mean web.service?" {
			t.Errorf("got %v", err)
		}
		b.refuse["GetAll"] = dbus.Error{Name: "org.freedesktop.DBus.Error.AccessDenied"}
		if _, err := u.Find(t.Context(), "", "web"); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("got %v", err)
		}
	})
}
