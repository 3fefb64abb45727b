package host

import (
	"bytes"
	"strconv"
	"time"

	"orderly/internal/model"
)

// diskLine finds the counters of a device like "8:1" in /proc/diskstats: what follows its name.
func diskLine(text []byte, device string) []byte {
	for line := range bytes.Lines(text) {
		var numbers [2]uint64
		fields := bytes.Fields(line)
		if len(fields) < 11 || counters(line, numbers[:]) < 2 {
			continue
		}
		if strconv.FormatUint(numbers[0], 10)+":"+strconv.FormatUint(numbers[1], 10) == device {
			return bytes.Join(fields[3:], []byte(" "))
		}
	}
	return nil
}

// The counters of a device, by their places after its name.
const (
	diskReads        = 0
	diskSectorsRead  = 2
	diskReadTime     = 3 // milliseconds, of all requests together
	diskWrites       = 4
	diskSectorsWrote = 6
	diskWriteTime    = 7
	diskColumns      = 8
)

// sector is the unit of /proc/diskstats, whatever the device's own is.
const sector = 512

// diskRates tell what a device did between two readings.
type diskRates struct {
	readBytes, writeBytes model.Value // per second
	reads, writes         model.Value // per second
	serviceTime           model.Value // milliseconds a request, 0 if there were none

	meters     [4]meter
	busy, done meter
}

// next takes the counters of a device. Without any, there are no rates until there are two again.
func (r *diskRates) next(now time.Time, counts []byte) {
	var n [diskColumns]uint64
	if counters(counts, n[:]) < diskColumns {
		*r = diskRates{}
		return
	}
	r.readBytes = r.meters[0].perSecond(now, float64(n[diskSectorsRead]*sector))
	r.writeBytes = r.meters[1].perSecond(now, float64(n[diskSectorsWrote]*sector))
	r.reads = r.meters[2].perSecond(now, float64(n[diskReads]))
	r.writes = r.meters[3].perSecond(now, float64(n[diskWrites]))
	busy := r.busy.perSecond(now, float64(n[diskReadTime]+n[diskWriteTime]))
	done := r.done.perSecond(now, float64(n[diskReads]+n[diskWrites]))
	r.serviceTime = model.Value{}
	switch {
	case !busy.Present() || !done.Present():
	case done.Number() == 0:
		r.serviceTime = model.Num(0)
	default:
		r.serviceTime = model.Num(busy.Number() / done.Number())
	}
}
