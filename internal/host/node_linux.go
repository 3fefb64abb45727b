package host

import (
	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// A node is what is shown of a file, fifo or directory.
type node struct {
	mode, uid, gid         uint32
	links                  uint64
	size                   int64
	access, change, modify unix.Timespec
}

func nodeOf(st *unix.Stat_t) node {
	return node{
		mode: st.Mode & permissions, uid: st.Uid, gid: st.Gid, links: uint64(st.Nlink), size: st.Size,
		access: st.Atim, change: st.Ctim, modify: st.Mtim,
	}
}

// as is what is shown now: the same node if nothing changed.
func (n *node) as(st *unix.Stat_t) *node {
	if n != nil && *n == nodeOf(st) {
		return n
	}
	now := nodeOf(st)
	return &now
}

// Readings implements model.Details.
func (n *node) Readings() model.Readings {
	return model.Readings{
		{Metric: model.Permission, Value: num(n.mode)},
		{Metric: model.UID, Value: num(n.uid)},
		{Metric: model.GID, Value: num(n.gid)},
		{Metric: model.Size, Value: num(n.size)},
		{Metric: model.Hardlinks, Value: num(n.links)},
		{Metric: model.AccessTime, Value: seconds(n.access)},
		{Metric: model.ChangeTime, Value: seconds(n.change)},
		{Metric: model.ModifyTime, Value: seconds(n.modify)},
	}
}
