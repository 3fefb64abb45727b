package host

import (
	"slices"
	"testing"
)

const mountinfo = `22 27 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 ro,errors=remount-ro
29 27 0:22 / /run rw,nosuid shared:5 - tmpfs tmpfs rw,size=1,mode=755
30 27 8:17 / /var/lib/my\040data rw,noatime - xfs /dev/sdb1 rw,attr2,noquota
31 27 0:50 / /srv/nfs rw,relatime shared:9 - nfs4 filer:/export/home rw,vers=4.2
32 27 0:51 / /mnt/tank rw - zfs tank/data rw,xattr
33 27 8:1 /var/lib/docker/x /etc/hosts rw,relatime - ext4 /dev/sda1 rw
34 27 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro
35 27 0:60 /@ /pool rw - btrfs /dev/sdc1 rw,subvol=/@
36 27 0:60 /@home /pool/home rw - btrfs /dev/sdc1 rw,subvol=/@home
37 29 0:70 / /run/user rw - fuse.sshfs me@host:/ rw
38 30 8:33 / /var/lib/my\040data rw - ext4 /dev/sdd1 rw
broken line
39 27 0:5 / /short -
`

func TestParseMountinfo(t *testing.T) {
	mounts := parseMountinfo([]byte(mountinfo))
	if len(mounts) != 12 {
		t.Fatalf("%d mounts, want 12", len(mounts))
	}
	want := mount{"8:17", "/", "/var/lib/my data", "rw,noatime", "xfs", "/dev/sdb1", "rw,attr2,noquota"}
	if mounts[3] != want {
		t.Errorf("got %+v\nwant %+v", mounts[3], want)
	}
}

func TestMountLookup(t *testing.T) {
	mounts := parseMountinfo([]byte(mountinfo))
	at := func(p string) string { m, _ := mountAt(mounts, p); return m.source }
	of := func(source, device string) string { m, _ := mountOf(mounts, source, device); return m.point }
	over := func(p string) string { m, _ := mountOver(mounts, p); return m.source }
	for _, tt := range []struct{ what, got, want string }{
		{"the mount on top", at("/var/lib/my data"), "/dev/sdd1"},
		{"a trailing slash", at("/mnt/tank/"), "tank/data"},
		{"no mount point", at("/var/lib"), ""},
		{"by network identifier", of("filer:/export/home", ""), "/srv/nfs"},
		{"by network identifier with a slash", of("filer:/export/home/", ""), "/srv/nfs"},
		{"by device name", of("/dev/sda1", ""), "/"},
		{"by device number", of("/dev/disk/by-uuid/1", "8:17"), "/var/lib/my data"},
		{"of nothing", of("/dev/sdz", ""), ""},
		{"over a file", over("/srv/nfs/a/b"), "filer:/export/home"},
		{"over a file beside", over("/srv/nfsx"), "/dev/sda1"},
		{"over its own point", over("/mnt/tank"), "tank/data"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, tt.got, tt.want)
		}
	}
}

func TestMountFlags(t *testing.T) {
	mounts := parseMountinfo([]byte(mountinfo))
	for i, want := range map[int]string{
		1: "ro,relatime,errors=remount-ro",
		3: "rw,noatime,attr2,noquota",
	} {
		if got := mounts[i].flags(); got != want {
			t.Errorf("%s: %q, want %q", mounts[i].point, got, want)
		}
	}
}

func TestRemoteMounts(t *testing.T) {
	for fstype, want := range map[string]bool{
		"ext4": false, "tmpfs": false, "fuseblk": false, "nfs": true, "nfs4": true, "fuse.sshfs": true, "cifs": true, "zfs": false,
	} {
		if got := (mount{fstype: fstype}).remote(); got != want {
			t.Errorf("%s: remote is %v", fstype, got)
		}
	}
}

func TestDataMounts(t *testing.T) {
	got := dataMounts(parseMountinfo([]byte(mountinfo)))
	want := []string{"/", "/mnt/tank", "/pool", "/var/lib/my data"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzParseMountinfo(f *testing.F) {
	f.Add([]byte(mountinfo))
	f.Add([]byte(`1 2 3:4 / /\04 rw - a \777`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, m := range parseMountinfo(text) {
			m.flags()
			mountOver([]mount{m}, "/a/b")
		}
	})
}
