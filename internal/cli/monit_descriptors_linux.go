package cli

import (
	"math"

	"golang.org/x/sys/unix"
)

// keepDescriptors keeps files that this process was given from being inherited by a daemon that it starts: whoever waits
// for their other ends would wait for as long as that lives. Kernels before 5.11 do not know how.
func keepDescriptors() { _ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) }
