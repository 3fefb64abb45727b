package model

// Metric names a measurement. History and graphs key on it, so a name never changes its meaning.
type Metric string

// Unit is what a number of a metric counts; it decides how the number is shown.
type Unit string

// The units.
const (
	Count         Unit = ""
	Bytes         Unit = "B"
	BytesPerSec   Unit = "B/s"
	PerSec        Unit = "/s"
	Percent       Unit = "%"
	Seconds       Unit = "s"
	Milliseconds  Unit = "ms"
	Days          Unit = "days"
	Octal         Unit = "octal"
	Boolean       Unit = "bool"
	Text          Unit = "text"
	Timestamp     Unit = "time" // seconds since 1970
	BitsPerSecond Unit = "bit/s"
)

// What probes measure.
const (
	OK              Metric = "ok"               // the probe's answer as a whole: 1 or 0
	Latency         Metric = "latency"          // from connecting to the end of the exchange
	Certificate     Metric = "certificate"      // validity left
	CertificateLeft Metric = "certificate.left" // validity left, of all that there was
	Registration    Metric = "registration"     // time left until a domain ends
	Matched         Metric = "matched"          // lines of content that matched since the last check
	Link            Metric = "link"             // 1 while the interface is up
	LinkErrors      Metric = "link.errors"      // transmission errors a second
	Capacity        Metric = "link.speed"       // text: speed and duplex
	Saturation      Metric = "saturation"       // of the link's speed
	Exist           Metric = "exist"            // 1 while the subject is there
	TypeValid       Metric = "type"             // 1 while the path is of the service's kind
	Zombie          Metric = "zombie"           // 1 while the process is dead but not reaped
	Status          Metric = "status"           // exit status of a program, or the number of the signal that ended it
	Output          Metric = "output"           // text a program wrote
	Security        Metric = "security"         // security attribute of a process
	FSFlags         Metric = "fsflags"          // mount options
	ChecksumMD5     Metric = "checksum.md5"     // hex digest of a file's content
)

// What the host measures of a subject. A reader in package host exists for each.
const (
	PID             Metric = "pid"
	PPID            Metric = "ppid"
	UID             Metric = "uid"
	EUID            Metric = "euid"
	GID             Metric = "gid"
	Uptime          Metric = "uptime"
	Threads         Metric = "threads"
	Children        Metric = "children"
	CPU             Metric = "cpu"
	CPUTotal        Metric = "cpu.total"
	CPUUser         Metric = "cpu.user"
	CPUSystem       Metric = "cpu.system"
	CPUWait         Metric = "cpu.wait"
	CPUNice         Metric = "cpu.nice"
	CPUHardIRQ      Metric = "cpu.hardirq"
	CPUSoftIRQ      Metric = "cpu.softirq"
	CPUSteal        Metric = "cpu.steal"
	CPUGuest        Metric = "cpu.guest"
	CPUGuestNice    Metric = "cpu.guestnice"
	Cores           Metric = "cores"        // time that processors were busy, in per cent of one of them: 400% is four busy ones
	CoresUser       Metric = "cores.user"   // of that in programs; of a process, its own threads
	CoresSystem     Metric = "cores.system" // of that in the kernel
	CoresWait       Metric = "cores.wait"
	CoresSteal      Metric = "cores.steal"
	CoresUserEnded  Metric = "cores.user.ended" // by children that a process has waited for
	CoresSysEnded   Metric = "cores.system.ended"
	Memory          Metric = "memory"
	MemoryPercent   Metric = "memory.percent"
	MemTotal        Metric = "memory.total"
	MemTotalPercent Metric = "memory.total.percent"
	Swap            Metric = "swap"
	SwapPercent     Metric = "swap.percent"
	Load1           Metric = "load.1"
	Load5           Metric = "load.5"
	Load15          Metric = "load.15"
	Load1Core       Metric = "load.1.core"
	Load5Core       Metric = "load.5.core"
	Load15Core      Metric = "load.15.core"
	FDs             Metric = "fds"
	FDsPercent      Metric = "fds.percent"
	FDsTotal        Metric = "fds.total"
	PageIn          Metric = "pagein"
	PageOut         Metric = "pageout"

	ReadBytes      Metric = "read.bytes"
	WriteBytes     Metric = "write.bytes"
	DiskReadBytes  Metric = "disk.read.bytes"
	DiskWriteBytes Metric = "disk.write.bytes"
	DiskReadOps    Metric = "disk.read.ops"
	DiskWriteOps   Metric = "disk.write.ops"
	ReadOps        Metric = "read.ops"
	WriteOps       Metric = "write.ops"
	ServiceTime    Metric = "servicetime"

	Size           Metric = "size"
	Hardlinks      Metric = "hardlinks"
	Permission     Metric = "permission"
	AccessTime     Metric = "atime"
	ChangeTime     Metric = "ctime"
	ModifyTime     Metric = "mtime"
	AnyTime        Metric = "time" // the newer of mtime and ctime
	AccessAge      Metric = "atime.age"
	ChangeAge      Metric = "ctime.age"
	ModifyAge      Metric = "mtime.age"
	AnyAge         Metric = "time.age"
	ChecksumSHA1   Metric = "checksum.sha1"
	ChecksumSHA256 Metric = "checksum.sha256"

	Space            Metric = "space"
	SpacePercent     Metric = "space.percent"
	SpaceFree        Metric = "space.free"
	SpaceFreePercent Metric = "space.free.percent"
	Inodes           Metric = "inodes"
	InodesPercent    Metric = "inodes.percent"
	InodesFree       Metric = "inodes.free"
	InodesFreePct    Metric = "inodes.free.percent"

	UploadBytes     Metric = "upload.bytes"
	DownloadBytes   Metric = "download.bytes"
	UploadPackets   Metric = "upload.packets"
	DownloadPackets Metric = "download.packets"
	// With Rule.Over: summed over that time. Without, as they are shown: since the interface is there.
	UploadBytesTotal     Metric = "upload.bytes.total"
	DownloadBytesTotal   Metric = "download.bytes.total"
	UploadPacketsTotal   Metric = "upload.packets.total"
	DownloadPacketsTotal Metric = "download.packets.total"

	// Of a unit. Deaths is how often it ended or began anew without being asked to; with Rule.Over, in that time.
	Deaths       Metric = "deaths"
	UnitState    Metric = "unit.state"    // text: "running", "restarting", ...
	UnitDetail   Metric = "unit.detail"   // text: the same in the words of its init system
	UnitRestarts Metric = "unit.restarts" // by its init system, since somebody last started it

	SilentFor Metric = "silence" // of a heartbeat: since its last sign of life, or since it is waited for

	Reached Metric = "reached" // how many targets answered by which it is known whether this host reaches others

	// What else is known of a heartbeat.
	Overdue    Metric = "heartbeat.overdue" // since a sign of life was due by its schedule; 0 while none is
	BeatStatus Metric = "heartbeat.status"  // of its last run: exit status, -1 where it only said that it failed
	Running    Metric = "heartbeat.running" // how long the oldest run is under way; 0 while none is
	Runs       Metric = "heartbeat.runs"    // how many are
	RunTime    Metric = "heartbeat.runtime" // of the last run that said when it began
)

// What is shown beside the measurements above; no rule asks for these. Totals of a process count from its start, those
// of a filesystem and of an interface from the start of its device.
const (
	Took          Metric = "took"           // to make a check
	BootTime      Metric = "boottime"       // of the host
	FDsUnused     Metric = "fds.unused"     // allocated by the host but free
	FDsLimit      Metric = "fds.limit"      // of the host, or the soft limit of a process; absent: none
	FDsLimitHard  Metric = "fds.limit.hard" // of a process; absent: none
	FSType        Metric = "fstype"
	BlockSize     Metric = "blocksize"
	SpaceTotal    Metric = "space.total"
	SpaceFreeRoot Metric = "space.free.root" // space.free and what is reserved for the superuser
	InodesTotal   Metric = "inodes.total"    // absent: the filesystem does not count them

	ServiceTimeRead  Metric = "servicetime.read" // the part of servicetime that went into reading
	ServiceTimeWrite Metric = "servicetime.write"

	ReadBytesTotal      Metric = "read.bytes.total"
	WriteBytesTotal     Metric = "write.bytes.total"
	DiskReadBytesTotal  Metric = "disk.read.bytes.total"
	DiskWriteBytesTotal Metric = "disk.write.bytes.total"
	DiskReadOpsTotal    Metric = "disk.read.ops.total"
	DiskWriteOpsTotal   Metric = "disk.write.ops.total"

	LinkSpeed           Metric = "link.bits"   // absent: unknown
	LinkDuplex          Metric = "link.duplex" // 1: both directions at once; absent: unknown
	UploadErrors        Metric = "upload.errors"
	DownloadErrors      Metric = "download.errors"
	UploadErrorsTotal   Metric = "upload.errors.total"
	DownloadErrorsTotal Metric = "download.errors.total"
)

// Unit tells what a number of the metric counts.
func (m Metric) Unit() Unit {
	if u, known := units[m]; known {
		return u
	}
	return familyUnits[m]
}

// Known tells whether there is such a metric.
func (m Metric) Known() bool {
	_, known := units[m]
	_, ofFamily := familyUnits[m]
	return known || ofFamily
}

// units has every metric but those of families.
var units = map[Metric]Unit{
	OK: Boolean, Latency: Seconds, Took: Seconds, Certificate: Days, CertificateLeft: Percent, Registration: Days, Matched: Count,
	Link: Boolean, LinkErrors: PerSec, Capacity: Text,
	Saturation: Percent, Exist: Boolean, TypeValid: Boolean, Zombie: Boolean, Status: Count, Output: Text, Security: Text,
	FSFlags: Text, ChecksumMD5: Text, ChecksumSHA1: Text, ChecksumSHA256: Text,
	PID: Count, PPID: Count, UID: Count, EUID: Count, GID: Count, Uptime: Seconds, Threads: Count, Children: Count,
	CPU: Percent, CPUTotal: Percent, CPUUser: Percent, CPUSystem: Percent, CPUWait: Percent, CPUNice: Percent,
	Cores: Percent, CoresUser: Percent, CoresSystem: Percent, CoresWait: Percent, CoresSteal: Percent,
	CoresUserEnded: Percent, CoresSysEnded: Percent, SilentFor: Seconds, Overdue: Seconds, BeatStatus: Count, Running: Seconds, Runs: Count, RunTime: Seconds, Reached: Count, Deaths: Count, UnitState: Text, UnitDetail: Text, UnitRestarts: Count,
	CPUHardIRQ: Percent, CPUSoftIRQ: Percent, CPUSteal: Percent, CPUGuest: Percent, CPUGuestNice: Percent,
	Memory: Bytes, MemoryPercent: Percent, MemTotal: Bytes, MemTotalPercent: Percent, Swap: Bytes, SwapPercent: Percent,
	Load1: Count, Load5: Count, Load15: Count, Load1Core: Count, Load5Core: Count, Load15Core: Count,
	FDsUnused: Count, FDsLimit: Count, FDsLimitHard: Count, FDs: Count, FDsPercent: Percent, FDsTotal: Count, PageIn: PerSec, PageOut: PerSec,
	ReadBytes: BytesPerSec, WriteBytes: BytesPerSec, DiskReadBytes: BytesPerSec, DiskWriteBytes: BytesPerSec,
	DiskReadOps: PerSec, DiskWriteOps: PerSec, ReadOps: PerSec, WriteOps: PerSec, ServiceTime: Milliseconds,
	Size: Bytes, Hardlinks: Count, Permission: Octal,
	AccessTime: Timestamp, ChangeTime: Timestamp, ModifyTime: Timestamp, AnyTime: Timestamp,
	AccessAge: Seconds, ChangeAge: Seconds, ModifyAge: Seconds, AnyAge: Seconds,
	Space: Bytes, SpacePercent: Percent, SpaceFree: Bytes, SpaceFreePercent: Percent,
	Inodes: Count, InodesPercent: Percent, InodesFree: Count, InodesFreePct: Percent,
	UploadBytes: BytesPerSec, DownloadBytes: BytesPerSec, UploadPackets: PerSec, DownloadPackets: PerSec,
	UploadBytesTotal: Bytes, DownloadBytesTotal: Bytes, UploadPacketsTotal: Count, DownloadPacketsTotal: Count,
	InodesTotal: Count, DiskReadOpsTotal: Count, DiskWriteOpsTotal: Count, UploadErrorsTotal: Count, DownloadErrorsTotal: Count,
	BootTime: Timestamp, FSType: Text, BlockSize: Bytes, SpaceTotal: Bytes, SpaceFreeRoot: Bytes,
	ServiceTimeRead: Milliseconds, ServiceTimeWrite: Milliseconds,
	ReadBytesTotal: Bytes, WriteBytesTotal: Bytes, DiskReadBytesTotal: Bytes, DiskWriteBytesTotal: Bytes,
	LinkSpeed: BitsPerSecond, LinkDuplex: Boolean, UploadErrors: PerSec, DownloadErrors: PerSec,
}
