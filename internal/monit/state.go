package monit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"orderly/internal/model"
)

// A State is what Monit kept of its services in its state file, layout version 4: that of Monit 5.33 to 6.1.
type State struct {
	Boot     time.Time // when the machine was started
	Services []ServiceState
}

// A ServiceState is what Monit kept of one service.
type ServiceState struct {
	Name      string
	Kind      model.Kind
	Monitored bool
	Restarts  int            // that count for a restart limit
	Cycles    int            // since the first of them
	Bookmark  model.Bookmark // how far content of a file was read
}

// The layout: two numbers and the time of boot, then one record for each service.
const (
	stateVersion = 4
	stateHeader  = 16
	stateRecord  = 392
	nameLength   = 256
	maxRecords   = 100_000
)

// kinds are in the order of Monit's numbers of types.
var kinds = []model.Kind{
	model.KindFilesystem, model.KindDirectory, model.KindFile, model.KindProcess, model.KindHost,
	model.KindSystem, model.KindFifo, model.KindProgram, model.KindNetwork,
}

// ParseState reads the content of a state file, which is in the byte order of this machine.
func ParseState(data []byte) (State, error) {
	order := binary.NativeEndian
	if len(data) < stateHeader || order.Uint32(data) != 0 || order.Uint32(data[4:]) != stateVersion {
		return State{}, errors.New("cannot read Monit's state: it is not of version 4")
	}
	s := State{Boot: time.Unix(int64(order.Uint64(data[8:])), 0)}
	records := data[stateHeader:]
	if len(records)/stateRecord > maxRecords {
		return State{}, fmt.Errorf("cannot read Monit's state: it has more than %d records", maxRecords)
	}
	for len(records) >= stateRecord {
		if one, ok := parseRecord(records[:stateRecord]); ok {
			s.Services = append(s.Services, one)
		}
		records = records[stateRecord:]
	}
	return s, nil
}

func parseRecord(r []byte) (ServiceState, bool) {
	order := binary.NativeEndian
	name, _, terminated := bytes.Cut(r[:nameLength], []byte{0})
	kind := order.Uint32(r[nameLength:])
	if !terminated || len(name) == 0 || int(kind) >= len(kinds) {
		return ServiceState{}, false
	}
	s := ServiceState{
		Name: string(name), Kind: kinds[kind], Monitored: order.Uint32(r[nameLength+4:]) != 0,
		Restarts: int(int32(order.Uint32(r[nameLength+8:]))), Cycles: int(int32(order.Uint32(r[nameLength+12:]))),
	}
	if s.Kind == model.KindFile {
		inode, position := order.Uint64(r[272:]), order.Uint64(r[280:])
		s.Bookmark = model.Bookmark{Inode: inode, Offset: int64(position), Seen: inode != 0 && int64(position) >= 0}
	}
	if s.Restarts < 0 || s.Cycles < 0 {
		s.Restarts, s.Cycles = 0, 0
	}
	return s, true
}
