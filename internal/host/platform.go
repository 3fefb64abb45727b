package host

// A Platform is the machine and its kernel, as uname(2) tells them.
type Platform struct {
	Name, Release, Version, Machine string
	CPUs                            int
	Memory, Swap                    int64 // bytes, 0 where it is not known
}

// Platform tells what this machine is.
func (h *Host) Platform() Platform { return h.platform() }
