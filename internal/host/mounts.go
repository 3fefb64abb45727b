package host

import (
	"bytes"
	"path"
	"strings"
)

// A mount is one line of the mount table.
type mount struct {
	device  string // "8:1"
	root    string // the directory of the filesystem that is mounted
	point   string // where
	options string // of this mount
	fstype  string
	source  string // "/dev/sda1", "server:/export", "tank/home"
	super   string // options of the filesystem
}

// parseMountinfo reads /proc/self/mountinfo in the order of mounting. Lines it does not understand are left out.
func parseMountinfo(text []byte) []mount {
	var out []mount
	for line := range bytes.Lines(text) {
		before, after, ok := strings.Cut(string(line), " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if !ok || len(left) < 6 || len(right) < 2 {
			continue
		}
		m := mount{
			device: left[2], root: unescape(left[3]), point: unescape(left[4]), options: left[5],
			fstype: right[0], source: unescape(right[1]),
		}
		if len(right) > 2 {
			m.super = right[2]
		}
		out = append(out, m)
	}
	return out
}

// unescape decodes the octal form of blanks in the mount table.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1:i+4]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octal(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '7' {
			return false
		}
	}
	return s[0] <= '3'
}

// mountAt finds what is mounted on a directory: of several the last, which hides the others.
func mountAt(mounts []mount, point string) (mount, bool) {
	point = path.Clean(point)
	for i := len(mounts) - 1; i >= 0; i-- {
		if mounts[i].point == point {
			return mounts[i], true
		}
	}
	return mount{}, false
}

// mountOf finds the mount of a source as the mount table names it, a network mount for example, or of a device number.
func mountOf(mounts []mount, source, device string) (mount, bool) {
	for _, m := range mounts {
		if m.source == source || m.source == strings.TrimRight(source, "/") || device != "" && m.device == device {
			return m, true
		}
	}
	return mount{}, false
}

// mountOver finds the mount a path lies on.
func mountOver(mounts []mount, name string) (mount, bool) {
	var best mount
	found := false
	for _, m := range mounts {
		inside := m.point == "/" || name == m.point || strings.HasPrefix(name, m.point) && name[len(m.point)] == '/'
		if inside && len(m.point) >= len(best.point) {
			best, found = m, true
		}
	}
	return best, found
}

// remote tells whether calls on the mount may wait for another machine or program, and so for ever.
func (m mount) remote() bool {
	switch m.fstype {
	case "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "beegfs", "coda", "9p", "virtiofs", "autofs", "fuse":
		return true
	}
	return strings.HasPrefix(m.fstype, "fuse.")
}

// flags is the text of all mount options. A filesystem is writable only if both the mount and the filesystem itself are:
// after an error the kernel makes only the latter read-only.
func (m mount) flags() string {
	var out []string
	access := "rw"
	seen := map[string]bool{"rw": true, "ro": true}
	for option := range strings.SplitSeq(m.options+","+m.super, ",") {
		if option == "ro" {
			access = option
		}
		if option != "" && !seen[option] {
			seen[option] = true
			out = append(out, option)
		}
	}
	return strings.Join(append([]string{access}, out...), ",")
}

// keepsData tells whether the mount is the whole of a filesystem on this machine's own storage that can fill up.
func (m mount) keepsData() bool {
	switch m.fstype {
	case "squashfs", "iso9660", "udf", "erofs", "cramfs":
		return false
	case "zfs", "btrfs":
		return true
	}
	if m.point == "/" {
		return m.fstype != "rootfs"
	}
	return strings.HasPrefix(m.source, "/dev/") && m.root == "/" && m.fstype != "devtmpfs" && !m.remote()
}

// dataMounts lists the points of mounts that keep data, each filesystem once, by its shortest path.
func dataMounts(mounts []mount) []string {
	var out []string
	place := map[string]int{}
	for _, m := range mounts {
		top, ok := mountAt(mounts, m.point)
		if !m.keepsData() || !ok || top != m {
			continue
		}
		key := m.fstype + " " + m.source
		if i, seen := place[key]; seen {
			if len(m.point) < len(out[i]) {
				out[i] = m.point
			}
			continue
		}
		place[key] = len(out)
		out = append(out, m.point)
	}
	return out
}
