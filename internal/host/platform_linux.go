package host

import "golang.org/x/sys/unix"

func (m *machine) platform() Platform {
	p := Platform{Name: "Linux", CPUs: m.cpus, Memory: int64(m.memoryTotal())}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		p.Name, p.Release = unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Release[:])
		p.Version, p.Machine = unix.ByteSliceToString(u.Version[:]), unix.ByteSliceToString(u.Machine[:])
	}
	var s unix.Sysinfo_t
	if unix.Sysinfo(&s) == nil {
		p.Swap = int64(uint64(s.Totalswap) * uint64(s.Unit))
	}
	return p
}
