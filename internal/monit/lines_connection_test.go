package monit

import (
	"slices"
	"testing"
	"time"

	"orderly/internal/model"
)

func answered(seconds float64, more ...model.Reading) model.Result {
	return model.Result{OK: true, Readings: append(model.Readings{reading(model.Latency, model.Num(seconds))}, more...)}
}

func TestConnectionLines(t *testing.T) { // C-10
	page := model.Params{{Name: "request", Value: "/status?x=1"}}
	for _, c := range []struct {
		probe model.Probe
		is    model.Result
		want  string
	}{
		{model.Probe{Kind: model.ProbePing}, answered(0.000043), "0.043 ms"},
		{model.Probe{Kind: model.ProbePing}, model.Result{}, "connection failed"},
		{model.Probe{Kind: model.ProbePing}, model.Result{Skipped: true}, "-"},
		{
			model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: 8000, Protocol: "http", Params: page},
			answered(0.001363), "1.363 ms to 127.0.0.1:8000/status?x=1 type TCP/IP protocol HTTP",
		},
		{
			model.Probe{Kind: model.ProbePort, Host: "localhost", Port: 8443, Protocol: "http", TLS: &model.TLS{}},
			answered(0.033741, reading(model.Certificate, model.Num(29.97))),
			"33.741 ms to localhost:8443 type TCP/IP using TLS (certificate valid for 29 days) protocol HTTP",
		},
		{
			model.Probe{Kind: model.ProbePort, Host: "localhost", Port: 8443, Protocol: "http", TLS: &model.TLS{}, Params: page},
			model.Result{},
			"FAILED to [localhost]:8443/status?x=1 type TCP/IP using TLS protocol HTTP",
		},
		{
			model.Probe{Kind: model.ProbePort, Host: "::1", Port: 9, Family: 6},
			model.Result{},
			"FAILED to [::1]:9 type TCP/IPv6 protocol DEFAULT",
		},
		{
			model.Probe{Kind: model.ProbePort, Host: "h", Port: 53, Family: 4, UDP: true, Protocol: "dns"},
			answered(1.201),
			"1.201 s to h:53 type UDP/IPv4 protocol DNS",
		},
		{
			model.Probe{Kind: model.ProbePort, Host: "h", Port: 514, UDP: true},
			model.Result{OK: true},
			"connected to h:514 type UDP/IP protocol DEFAULT",
		},
		{
			model.Probe{Kind: model.ProbePort, Host: "h", Port: 25, Dialog: []model.Turn{{Expect: "220"}}},
			answered(5),
			"5 s to h:25 type TCP/IP protocol generic",
		},
		{
			model.Probe{Kind: model.ProbePort, Host: "h", Port: 80, Protocol: "apache-status"},
			model.Result{},
			"FAILED to [h]:80 type TCP/IP protocol APACHESTATUS",
		},
		{
			model.Probe{Kind: model.ProbeSocket, Path: "/run/app.sock"},
			answered(0.000045),
			"0.045 ms to /run/app.sock type TCP protocol DEFAULT",
		},
		{
			model.Probe{Kind: model.ProbeSocket, Path: "/run/app.sock", UDP: true, Protocol: "postfix-policy"},
			model.Result{},
			"FAILED to /run/app.sock type UDP protocol POSTFIX-POLICY",
		},
	} {
		s := monitoredService(model.Service{Kind: model.KindHost, Rules: rules(about(model.TopicConnection, model.OK, &c.probe))})
		s.Probes = []model.Result{c.is}
		wanted := Neutral
		switch {
		case c.is.Skipped:
			wanted = Missing
		case !c.is.OK:
			wanted = Failing
		}
		got := linesOf(s, time.Now())
		if len(got) != 1 || got[0].Value != c.want || got[0].Tone != wanted {
			t.Errorf("got %+v, want %q in tone %q", got, c.want, wanted)
		}
	}
}

func TestConnectionLinesAreInMonitsOrder(t *testing.T) { // C-10: pings, ports, sockets; each as they are tested
	probe := func(kind model.ProbeKind, port int) *model.Probe {
		return &model.Probe{Kind: kind, Host: "h", Port: port, Path: "/s"}
	}
	shared := probe(model.ProbePort, 1)
	s := monitoredService(model.Service{Kind: model.KindProcess, Rules: rules(
		about(model.TopicConnection, model.OK, probe(model.ProbeSocket, 0)),
		about(model.TopicConnection, model.OK, probe(model.ProbePort, 2)),
		about(model.TopicConnection, model.OK, shared), about(model.TopicTimestamp, model.Certificate, shared),
		about(model.TopicICMP, model.OK, probe(model.ProbePing, 0)),
	)})
	s.Probes = []model.Result{answered(0.001), {}, answered(0.002), answered(0.004)}
	s.Rules[3].Failed = true // the certificate
	got := linesOf(s, time.Now())
	want := []Line{
		{"ping response time", "4 ms", Neutral},
		{"port response time", "FAILED to [h]:2 type TCP/IP protocol DEFAULT", Failing},
		{"port response time", "2 ms to h:1 type TCP/IP protocol DEFAULT", Failing},
		{"unix socket response time", "1 ms to /s type TCP protocol DEFAULT", Neutral},
	}
	if got = got[len(got)-len(want):]; !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	s.Probes = nil
	for _, l := range linesOf(s, time.Now()) {
		if l.Value != "-" {
			t.Errorf("before the first answer: got %+v", l)
		}
	}
}
