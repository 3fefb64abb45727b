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
	readTime, writeTime   model.Value // the parts of it that reading and writing have

	known  bool
	counts [diskColumns]uint64
	meters [diskColumns]meter
}

// next takes the counters of a device. Without any, there are no rates until there are two again.
func (r *diskRates) next(now time.Time, counts []byte) {
	var n [diskColumns]uint64
	if counters(counts, n[:]) < diskColumns {
		*r = diskRates{}
		return
	}
	n[diskSectorsRead] *= sector
	n[diskSectorsWrote] *= sector
	r.known, r.counts = true, n
	rate := func(column int) model.Value { return r.meters[column].perSecond(now, float64(n[column])) }
	r.readBytes, r.writeBytes = rate(diskSectorsRead), rate(diskSectorsWrote)
	r.reads, r.writes = rate(diskReads), rate(diskWrites)
	reading, writing := rate(diskReadTime), rate(diskWriteTime)
	r.serviceTime, r.readTime, r.writeTime = model.Value{}, model.Value{}, model.Value{}
	for _, v := range []model.Value{r.reads, r.writes, reading, writing} {
		if !v.Present() {
			return
		}
	}
	each := 0.0
	if requests := r.reads.Number() + r.writes.Number(); requests > 0 {
		each = 1 / requests
	}
	r.readTime, r.writeTime = model.Num(reading.Number()*each), model.Num(writing.Number()*each)
	r.serviceTime = model.Num((reading.Number() + writing.Number()) * each)
}

// total is what the device did since it is there: bytes, or requests.
func (r *diskRates) total(column int) model.Value {
	if !r.known {
		return model.Value{}
	}
	return num(r.counts[column])
}
