package monit

import "io/fs"

// Env is how compiling sees the machine that a control file is for. Monit looks at these things while it reads its
// file, and refuses it when they are missing. Every function must be set; none may create or change anything.
type Env struct {
	EUID     int    // effective user id of the process
	Hostname string // the host's own name, for services and mails that are named after it

	LookupUser  func(nameOrID string) (uid int, err error)
	LookupGroup func(nameOrID string) (gid int, err error)

	Stat       func(path string) (FileInfo, error)  // follows symbolic links
	ReadFile   func(path string) ([]byte, error)    // bounded; regular files only
	Executable func(path string) error              // nil when path is a program that may be run
	Appendable func(path string) error              // nil when path could be opened for appending
	Protocols  func(name string) (implemented bool) // by the names of the probe catalogue
}

// FileInfo is what compiling wants to know of a file.
type FileInfo struct {
	Mode fs.FileMode
	UID  int
}
