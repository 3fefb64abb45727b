package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// shop has a certificate of which people are told when a part of its lifetime is left.
func shop() *model.Service {
	tell := []model.Action{{Kind: model.ActAlert}}
	probe := &model.Probe{Kind: model.ProbePort, Host: "shop", Port: 443}
	return &model.Service{Name: "shop", Kind: model.KindHost, Rules: []model.Rule{{
		Text: "certificate valid", Topic: model.TopicTimestamp, Probe: probe, Metric: model.CertificateLeft,
		Op: model.Less, Operand: model.Num(30), Steps: []float64{15, 5}, Then: tell, Else: tell,
	}}}
}

// shows has the shop show a certificate of 90 days that began so many days ago.
func (w *world) shows(age float64) {
	var r model.Readings
	r.Add(model.Certificate, model.Num(90-age))
	r.Add(model.CertificateLeft, model.Num(100*(90-age)/90))
	w.with(func() { w.results["shop"] = model.Result{OK: true, Readings: r} })
}

// Pins A-045: people are told once with each step that is passed, whatever happens in between, and when the certificate was renewed.
func TestStepsOfACertificate(t *testing.T) {
	const (
		first  = "failed degraded: what is left of the certificate's lifetime is 28.9%, 26 days (limit: < 30.0%)"
		second = "failed degraded: what is left of the certificate's lifetime is 14.4%, 13 days (limit: < 15.0%)"
		last   = "failed : what is left of the certificate's lifetime is 4.4%, 4 days (limit: < 5.0%)"
		anew   = "what is left of the certificate's lifetime is 100.0%, 90 days, no longer < 30.0%"
	)
	for _, c := range []struct {
		name string
		ages []float64 // in days, of one check after the other
		want string
	}{
		{"each", []float64{1, 64, 65, 77, 78, 86, 88, 0}, first + "\n" + second + "\n" + last + "\nrecovered : " + anew},
		{"renewed early", []float64{64, 77, 0, 64}, first + "\n" + second + "\nrecovered degraded: " + anew + "\n" + first},
		{"seen late", []float64{86, 87, 0}, last + "\nrecovered : " + anew},
		{"one of several servers was renewed less", []float64{77, 64, 77, 64, 86}, second + "\n" + last},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.shows(c.ages[0])
				stop := w.run(config(shop()), false)
				w.sleep(time.Second)
				for _, age := range c.ages[1:] {
					w.shows(age)
					w.sleep(30 * time.Second)
				}
				stop()
				var told []string
				for _, ev := range w.log {
					if ev.Rule != "" && ev.Silenced == "" {
						told = append(told, fmt.Sprintf("%s %s: %s", ev.Kind, ev.Severity, ev.Text))
					}
				}
				expect(t, "told", strings.Join(told, "\n"), c.want)
			})
		})
	}
}

// What people were told is not told again after a restart, and the next step is.
func TestStepsSurviveARestart(t *testing.T) {
	bubble(t, func(w *world) {
		for _, c := range []struct {
			age  float64
			want string
		}{
			{64, "shop failed: what is left of the certificate's lifetime is 28.9%, 26 days (limit: < 30.0%)"},
			{65, ""},
			{77, "shop failed: what is left of the certificate's lifetime is 14.4%, 13 days (limit: < 15.0%)"},
			{78, ""},
			{0, "shop recovered: what is left of the certificate's lifetime is 100.0%, 90 days, no longer < 30.0%"},
		} {
			w.shows(c.age)
			stop := w.run(config(shop()), false)
			w.sleep(time.Minute)
			stop()
			expect(t, fmt.Sprintf("told after %v days", c.age), w.heard(), c.want)
		}
	})
}

// Who acknowledged one step is told of the next.
func TestStepsAfterAnAcknowledgement(t *testing.T) {
	bubble(t, func(w *world) {
		w.shows(64)
		defer w.run(config(shop()), false)()
		w.sleep(time.Second)
		if _, err := w.engine.Acknowledge(context.Background(), model.Command{Names: []string{"shop"}}, "ann"); err != nil {
			t.Fatal(err)
		}
		w.heard()
		w.sleep(time.Minute)
		expect(t, "told of the same step", w.heard(), "")
		w.shows(77)
		w.sleep(time.Minute)
		expect(t, "told of the next", w.heard(), "shop failed: what is left of the certificate's lifetime is 14.4%, 13 days (limit: < 15.0%)")
	})
}
