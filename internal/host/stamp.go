package host

import "time"

// A stamp tells two contents of a path apart without reading them.
type stamp struct {
	inode, device uint64
	size          int64
	mtime, ctime  int64 // nanoseconds
}

// settled tells whether a later change would show in the stamp: two changes within one step of the kernel's clock do not.
func (s stamp) settled(now time.Time) bool {
	return now.UnixNano()-max(s.mtime, s.ctime) > int64(2*time.Second)
}
