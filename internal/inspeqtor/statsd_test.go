package inspeqtor

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func TestDatagrams(t *testing.T) { // I-26
	settings := &model.Settings{Host: "web1.example.org", Interval: 15 * time.Second}
	services := box()
	services[2].Spec.Name = "web@1.service"
	want := []string{
		"web1_example_org.host.cpu:12.34|c\n",
		"web1_example_org.host.cpu.system:1.25|c\n",
		"web1_example_org.host.cpu.user:0.50|c\n",
		"web1_example_org.host.disk._:28.00|g\n",
		"web1_example_org.host.load.1:0.02|g\n",
		"web1_example_org.host.load.15:1.50|g\n",
		"web1_example_org.host.memory:41.00|g\n",
		"web1_example_org.web_1_service.cpu.user:0.00|c\n",
		"web1_example_org.web_1_service.memory.rss:11544821.76|g\n",
		"web1_example_org.cache.redis.evicted_keys:30.00|c\n",
		"web1_example_org.cache.redis.used_memory:3670016.00|g\n",
	}
	if got := newView(services, settings).datagrams(); !slices.Equal(got, want) {
		t.Errorf("datagrams are\n%swant\n%s", strings.Join(got, ""), strings.Join(want, ""))
	}
}

// No name may end a datagram early, or be a part of it that it is not.
func TestFlat(t *testing.T) {
	for name, want := range map[string]string{
		"web": "web", "/var/log": "_var_log", "a.b:c|d@e#f": "a_b_c_d_e_f", "two words\n": "two_words_", "é\x00\xff": "é_\uFFFD", "": "",
	} {
		if got := flat(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func TestSender(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var log logged
	s := newSender(log.logger())
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	work.Go(func() { s.run(ctx) })
	s.offer(batch{server.LocalAddr().String(), []string{"a:1.00|g\n", "b:2.00|c\n"}})
	if err := server.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a:1.00|g\n", "b:2.00|c\n"} {
		b := make([]byte, 100)
		n, _, err := server.ReadFrom(b)
		if err != nil || string(b[:n]) != want {
			t.Errorf("got %q (%v), want %q", b[:n], err, want)
		}
	}
	if log.String() != "" {
		t.Errorf("it was logged: %s", log.String())
	}
}

// A server that is not there is told of once; who hands over a batch never waits.
func TestSenderWithoutServer(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	synctest.Test(t, func(t *testing.T) {
		var log logged
		s := newSender(log.logger())
		broken, fine := batch{"not an address", []string{"a:1|g\n"}}, batch{server.LocalAddr().String(), nil}
		for range 10 { // nobody takes them
			s.offer(fine)
		}
		ctx, stop := context.WithCancel(t.Context())
		var work sync.WaitGroup
		defer work.Wait()
		defer stop()
		work.Go(func() { s.run(ctx) })
		for _, c := range []struct {
			batch
			told int
		}{{broken, 1}, {broken, 1}, {fine, 1}, {broken, 1}} {
			s.offer(c.batch)
			synctest.Wait()
			if got := strings.Count(log.String(), `to="not an address"`); got != c.told {
				t.Errorf("after %+v it was told %d times, want %d: %s", c.batch, got, c.told, log.String())
			}
		}
	})
}

func TestLine(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var l line
	defer l.hangUp()
	now := time.Now()
	if err := l.send(t.Context(), batch{"127.0.0.1:x", []string{"a"}}, now); err == nil || l.Conn != nil {
		t.Errorf("a port that is none can be reached (%v)", err)
	}
	to := server.LocalAddr().String()
	if err := l.send(t.Context(), batch{to, []string{"a"}}, now); err != nil {
		t.Fatal(err)
	}
	first := l.Conn
	if err := l.send(t.Context(), batch{to, []string{"a"}}, now.Add(renewal-1)); err != nil || l.Conn != first {
		t.Errorf("the connection was not kept (%v)", err)
	}
	if err := l.send(t.Context(), batch{to, []string{"a"}}, now.Add(renewal)); err != nil || l.Conn == first {
		t.Errorf("the connection was kept for too long (%v)", err)
	}
}
