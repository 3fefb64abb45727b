package daemon

import (
	"context"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"
)

// notify tells the init system how things stand, by the datagram of sd_notify(3). Without one it does nothing.
func notify(log *slog.Logger, state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		log.Debug("cannot reach the init system", "err", err)
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte(state)); err != nil {
		log.Debug("cannot notify the init system", "err", err)
	}
}

// pat keeps the init system's watchdog quiet while the engine answers, twice as often as it asks for.
func (d *instance) pat(ctx context.Context) {
	usec, err := strconv.Atoi(os.Getenv("WATCHDOG_USEC"))
	if err != nil || usec <= 0 {
		return
	}
	every := time.Duration(usec) * time.Microsecond / 2
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			d.patOnce(ctx, every)
		}
	}
}

// patOnce keeps the watchdog quiet if the engine answers in time: a conductor that is stuck is to be ended by it.
func (d *instance) patOnce(ctx context.Context, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if d.engine.Ping(ctx) == nil {
		notify(d.log, "WATCHDOG=1")
	}
}
