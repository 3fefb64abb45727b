package host

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAwaitLeavesAHangingCallBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p patience
		var calls atomic.Int32
		release := make(chan struct{})
		hang := func() (int, error) { calls.Add(1); <-release; return 1, nil }

		_, err := await(t.Context(), &p, "/srv/nfs", hang)
		if err == nil || err.Error() != "no answer from /srv/nfs for 30s" {
			t.Fatalf("error %v", err)
		}
		time.Sleep(time.Minute)
		_, err = await(t.Context(), &p, "/srv/nfs", hang)
		if err == nil || err.Error() != "no answer from /srv/nfs for 1m30s" {
			t.Fatalf("error while the first call hangs: %v", err)
		}
		if calls := calls.Load(); calls != 1 {
			t.Fatalf("%d calls were made, want 1", calls)
		}
		close(release)
		synctest.Wait()
		if n, err := await(t.Context(), &p, "/srv/nfs", hang); n != 1 || err != nil {
			t.Fatalf("after the first call returned: %d, %v", n, err)
		}
	})
}

func TestAwaitObeysItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		hang := func() (int, error) { <-release; return 1, nil }
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var p, q patience
		if _, err := await(ctx, &p, "/a", hang); err == nil || err.Error() != "no answer from /a for 5s" {
			t.Errorf("at the deadline: %v", err)
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := await(canceled, &q, "/b", hang); !errors.Is(err, context.Canceled) {
			t.Errorf("when cancelled: %v", err)
		}
	})
}
