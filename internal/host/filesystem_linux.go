package host

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// What is read of a filesystem.
const (
	fromStatfs source = 1 << iota
	fromDisk
)

// filesystem measures a mounted filesystem.
type filesystem struct {
	path   string
	list   []taker[filesystemFacts]
	needed source
	facts  filesystemFacts
	shown  shown
}

type filesystemFacts struct {
	mount mount
	usage usage
	disk  diskRates
}

// A usage is how full a filesystem is, and whose its root directory is.
type usage struct {
	total, free        float64 // bytes
	available          float64 // bytes that others than root can have
	block              float64 // bytes
	inodes, inodesFree float64
	mode, uid, gid     uint32
}

var likedOfFilesystem = []model.Metric{
	model.FSType, model.FSFlags, model.Permission, model.UID, model.GID, model.BlockSize,
	model.SpaceTotal, model.Space, model.SpacePercent, model.SpaceFree, model.SpaceFreeRoot,
	model.InodesTotal, model.InodesPercent, model.InodesFree,
	model.ReadBytes, model.ReadBytesTotal, model.WriteBytes, model.WriteBytesTotal,
	model.DiskReadOps, model.DiskReadOpsTotal, model.DiskWriteOps, model.DiskWriteOpsTotal,
	model.ServiceTime, model.ServiceTimeRead, model.ServiceTimeWrite,
}

var filesystemReaders = map[model.Metric]reader[filesystemFacts]{
	model.TypeValid:    {0, func(*filesystemFacts) model.Value { return model.Bool(true) }},
	model.Space:        {fromStatfs, func(f *filesystemFacts) model.Value { return num(f.usage.used()) }},
	model.SpacePercent: {fromStatfs, func(f *filesystemFacts) model.Value { return share(f.usage.used(), f.usage.used()+f.usage.available) }},
	model.SpaceFree:    {fromStatfs, func(f *filesystemFacts) model.Value { return num(f.usage.available) }},
	model.SpaceFreePercent: {fromStatfs, func(f *filesystemFacts) model.Value {
		return share(f.usage.available, f.usage.used()+f.usage.available)
	}},
	model.SpaceTotal:          {fromStatfs, func(f *filesystemFacts) model.Value { return num(f.usage.total) }},
	model.SpaceFreeRoot:       {fromStatfs, func(f *filesystemFacts) model.Value { return num(f.usage.free) }},
	model.BlockSize:           {fromStatfs, func(f *filesystemFacts) model.Value { return num(f.usage.block) }},
	model.InodesTotal:         {fromStatfs, func(f *filesystemFacts) model.Value { return f.ifInodes(f.usage.inodes) }},
	model.Inodes:              {fromStatfs, func(f *filesystemFacts) model.Value { return f.ifInodes(f.usage.inodes - f.usage.inodesFree) }},
	model.InodesPercent:       {fromStatfs, func(f *filesystemFacts) model.Value { return share(f.usage.inodes-f.usage.inodesFree, f.usage.inodes) }},
	model.InodesFree:          {fromStatfs, func(f *filesystemFacts) model.Value { return f.ifInodes(f.usage.inodesFree) }},
	model.InodesFreePct:       {fromStatfs, func(f *filesystemFacts) model.Value { return share(f.usage.inodesFree, f.usage.inodes) }},
	model.Permission:          {fromStatfs, func(f *filesystemFacts) model.Value { return num(f.usage.mode & permissions) }},
	model.UID:                 {fromStatfs, func(f *filesystemFacts) model.Value { return num(f.usage.uid) }},
	model.GID:                 {fromStatfs, func(f *filesystemFacts) model.Value { return num(f.usage.gid) }},
	model.FSType:              {0, func(f *filesystemFacts) model.Value { return word(f.mount.fstype) }},
	model.FSFlags:             {0, func(f *filesystemFacts) model.Value { return word(f.mount.flags()) }},
	model.ReadBytes:           {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.readBytes }},
	model.WriteBytes:          {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.writeBytes }},
	model.DiskReadBytes:       {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.readBytes }},
	model.DiskWriteBytes:      {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.writeBytes }},
	model.ReadOps:             {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.reads }},
	model.WriteOps:            {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.writes }},
	model.DiskReadOps:         {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.reads }},
	model.DiskWriteOps:        {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.writes }},
	model.ServiceTime:         {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.serviceTime }},
	model.ServiceTimeRead:     {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.readTime }},
	model.ServiceTimeWrite:    {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.writeTime }},
	model.ReadBytesTotal:      {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.total(diskSectorsRead) }},
	model.WriteBytesTotal:     {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.total(diskSectorsWrote) }},
	model.DiskReadBytesTotal:  {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.total(diskSectorsRead) }},
	model.DiskWriteBytesTotal: {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.total(diskSectorsWrote) }},
	model.DiskReadOpsTotal:    {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.total(diskReads) }},
	model.DiskWriteOpsTotal:   {fromDisk, func(f *filesystemFacts) model.Value { return f.disk.total(diskWrites) }},
}

func (u *usage) used() float64 { return u.total - u.free }

// ifInodes makes counts of inodes absent where a filesystem has no fixed number of them.
func (f *filesystemFacts) ifInodes(n float64) model.Value {
	if f.usage.inodes == 0 {
		return model.Value{}
	}
	return model.Num(n)
}

func (s *filesystem) learn(service *model.Service) error {
	s.path = service.Subject.Path
	s.list, s.needed = wanted(service, likedOfFilesystem, filesystemReaders)
	return nil
}

func (s *filesystem) release() {}

func (s *filesystem) measure(v visit, out *model.Sample) error {
	mounts, _, err := v.h.mountsNow(v.asOf)
	if err != nil {
		return err
	}
	m, ok := mountAt(mounts, s.path)
	if !ok {
		m, ok = mountOf(mounts, s.path, "")
	}
	if !ok { // a link to a mount point, or another name of a device
		type names struct{ path, device string }
		other, err := await(v.ctx, &v.w.patience, s.path, func() (names, error) {
			return names{resolve(s.path), deviceNumber(s.path)}, nil
		})
		if err != nil {
			return err
		}
		if m, ok = mountAt(mounts, other.path); !ok {
			m, ok = mountOf(mounts, other.path, other.device)
		}
	}
	if !ok {
		out.Readings = absentSubject()
		return nil
	}
	s.facts.mount = m
	s.facts.usage, err = await(v.ctx, &v.w.patience, m.point, func() (usage, error) { return usageOf(m.point) })
	if err != nil {
		return err
	}
	if s.shown.due(v) || s.needed&fromDisk != 0 {
		s.facts.disk.next(v.now, v.h.diskCounts(m))
	}
	out.Readings = take(s.list, &s.facts)
	return nil
}

// deviceNumber is the number of a block device, as in the mount table; "" for anything else.
func deviceNumber(path string) string {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFBLK {
		return ""
	}
	dev := uint64(st.Rdev)
	return strconv.Itoa(int(unix.Major(dev))) + ":" + strconv.Itoa(int(unix.Minor(dev)))
}

// usageOf asks the kernel, which may ask a server.
func usageOf(point string) (usage, error) {
	var fs unix.Statfs_t
	if _, err := uninterrupted(func() (int, error) { return 0, unix.Statfs(point, &fs) }); err != nil {
		return usage{}, fmt.Errorf("cannot read the usage of %s: %w", point, err)
	}
	var st unix.Stat_t
	if _, err := uninterrupted(func() (int, error) { return 0, unix.Stat(point, &st) }); err != nil {
		return usage{}, fmt.Errorf("cannot read %s: %w", point, err)
	}
	block := float64(fs.Frsize)
	if block == 0 {
		block = float64(fs.Bsize)
	}
	return usage{
		total: float64(fs.Blocks) * block, free: float64(min(fs.Bfree, fs.Blocks)) * block, block: block,
		available: max(0, float64(int64(fs.Bavail))) * block, // a filesystem filled by root can have less than nothing
		inodes:    float64(fs.Files), inodesFree: float64(min(fs.Ffree, fs.Files)),
		mode: st.Mode, uid: st.Uid, gid: st.Gid,
	}, nil
}

// diskCounts reads the counters of the device of a mount; nil if it has none that are known.
func (m *machine) diskCounts(on mount) []byte {
	text, err := readSome(m.proc("diskstats"), 4<<20)
	if err != nil {
		return nil
	}
	if counts := diskLine(text, on.device); counts != nil || !strings.HasPrefix(on.source, "/dev/") {
		return counts
	}
	return diskLine(text, deviceNumber(on.source)) // btrfs and others mount under a number of their own
}
