package probe

import (
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"orderly/internal/model"
)

// benchmark asks a server again and again. Where ORDERLY_BENCH_PORT names a port, the server runs outside,
// so that its processor time is not counted; otherwise it is part of the measurement.
func benchmark(b *testing.B, p model.Probe, server func(net.Conn)) {
	p.Kind, p.Host, p.Timeout = model.ProbePort, "127.0.0.1", 5*time.Second
	if p.Port, _ = strconv.Atoi(os.Getenv("ORDERLY_BENCH_PORT")); p.Port == 0 {
		p.Port = serve(b, server).Port
	}
	b.ReportAllocs()
	ctx := b.Context()
	before := processorTime()
	for b.Loop() {
		if r := Run(ctx, &p); !r.OK {
			b.Fatal(r.Summary)
		}
	}
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}

// processorTime is what this process has used so far, in nanoseconds.
func processorTime() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkConnect(b *testing.B) { benchmark(b, model.Probe{}, hangUp) }

func BenchmarkHTTP(b *testing.B) {
	reply := []byte("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
	buf := make([]byte, 4096)
	benchmark(b, model.Probe{Protocol: "http"}, func(c net.Conn) {
		c.Read(buf)
		c.Write(reply)
	})
}

func BenchmarkRedis(b *testing.B) {
	buf := make([]byte, 4096)
	benchmark(b, model.Probe{Protocol: "redis"}, func(c net.Conn) {
		c.Read(buf)
		io.WriteString(c, "+PONG\r\n")
		c.Read(buf)
	})
}

// BenchmarkHTTPExchange is the share of an HTTP check that is not the kernel's.
func BenchmarkHTTPExchange(b *testing.B) {
	reply := []byte("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
	p := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: 80, Protocol: "http"}
	b.ReportAllocs()
	for b.Loop() {
		if r := overConn(b, &recorded{reply, 4096}, p); !r.OK {
			b.Fatal(r.Summary)
		}
	}
}
