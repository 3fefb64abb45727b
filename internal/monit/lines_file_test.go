package monit

import (
	"testing"
	"time"

	"orderly/internal/model"
)

func TestLinesOfCertificates(t *testing.T) {
	const whose = "certificate of example.org in /etc/ssl/x.pem"
	p := &model.Probe{Kind: model.ProbeCertificate}
	left := model.Readings{reading(model.Certificate, model.Num(6.9))}
	for name, tt := range map[string]struct {
		result model.Result
		failed bool
		want   Line
	}{
		"well":     {model.Result{OK: true, About: whose, Readings: left}, false, Line{Value: "valid for 6 days: " + whose, Tone: Neutral}},
		"too late": {model.Result{OK: true, About: whose, Readings: left}, true, Line{Value: "valid for 6 days: " + whose, Tone: Failing}},
		"garbage":  {model.Result{Summary: "there is no\ncertificate"}, true, Line{Value: "there is no certificate", Tone: Failing}},
		"skipped":  {model.Result{Skipped: true}, false, Line{Value: "-", Tone: Missing}},
	} {
		for _, kind := range []model.Kind{model.KindFile, model.KindDirectory} {
			s := monitoredService(model.Service{Kind: kind, Rules: rules(about(model.TopicTimestamp, model.Certificate, p))})
			s.Probes, s.Rules[0].Failed = []model.Result{tt.result}, tt.failed
			tt.want.Label = "certificate"
			if got := find(t, linesOf(s, time.Now()), "certificate"); got != tt.want {
				t.Errorf("%s: got %+v, want %+v", name, got, tt.want)
			}
		}
	}
}
