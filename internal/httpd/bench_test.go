package httpd

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"orderly/internal/model"
)

// thousand are as many processes with measurements.
func thousand() []model.Snapshot {
	now := time.Now()
	readings := model.Readings{
		{Metric: model.PID, Value: model.Num(4711)},
		{Metric: model.Uptime, Value: model.Num(3600)},
		{Metric: model.CPU, Value: model.Num(1.5)},
		{Metric: model.Memory, Value: model.Num(1 << 20)},
	}
	out := make([]model.Snapshot, 1000)
	for i := range out {
		out[i] = model.Snapshot{
			Spec:  &model.Service{Name: fmt.Sprintf("service-%d", i), Kind: model.KindProcess, Subject: model.Subject{Pidfile: "/run/x.pid"}},
			State: model.StateOK, Monitored: true, Checked: now, Sampled: now, Since: now, Readings: readings,
		}
	}
	return out
}

// BenchmarkDocument asks for the XML of 1000 services over connections that stay, from several clients at once. The goal
// is 2000 requests in a second, 99 of 100 within 5 ms.
func BenchmarkDocument(b *testing.B) {
	for _, accepted := range []string{"gzip", "identity"} {
		b.Run(accepted, func(b *testing.B) {
			h := onSocket(b, admin)
			s := setStage(b, h)
			s.services = thousand()
			const clients = 4
			took := make([][]time.Duration, clients)
			var asking sync.WaitGroup
			b.ResetTimer()
			for c := range clients {
				asking.Go(func() { took[c] = ask(b, h.Socket.Path, accepted, b.N/clients+1) })
			}
			asking.Wait()
			all := slices.Sorted(slices.Values(slices.Concat(took...)))
			b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "requests/s")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// ask asks so many times over one connection, and tells how long each answer took.
func ask(b *testing.B, path, accepted string, times int) (took []time.Duration) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		b.Error(err)
		return nil
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 1<<16)
	request := "GET /_status?format=xml HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nAccept-Encoding: " + accepted +
		"\r\nAuthorization: Basic YWRtaW46bW9uaXQ=\r\n\r\n"
	for range times {
		began := time.Now()
		_, _ = io.WriteString(conn, request)
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			b.Error(err)
			return took
		}
		_, _ = io.Copy(io.Discard, r.Body)
		took = append(took, time.Since(began))
	}
	return took
}
