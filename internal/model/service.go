package model

import (
	"time"

	"orderly/internal/diag"
)

// Kind is what a service is.
type Kind string

// The kinds, by the names of the JSON contract.
const (
	KindProcess    Kind = "process"
	KindFile       Kind = "file"
	KindFifo       Kind = "fifo"
	KindDirectory  Kind = "directory"
	KindFilesystem Kind = "filesystem"
	KindHost       Kind = "host"
	KindProgram    Kind = "program"
	KindSystem     Kind = "system"
	KindNetwork    Kind = "network"
	KindHeartbeat  Kind = "heartbeat"
	KindUnit       Kind = "unit"
)

// A Service is one thing that is watched.
type Service struct {
	Name     string // unique in a Config, compared without regard to letter case
	Kind     Kind
	Subject  Subject
	Schedule Schedule
	Mode     Mode
	OnReboot OnReboot

	Start, Stop, Restart *Program `json:",omitempty"`
	Reload               *Program `json:",omitempty"` // makes the service itself read its configuration again

	Depends []string `json:",omitempty"` // names of the services this one needs
	Groups  []string `json:",omitempty"`

	Severity Severity `json:",omitempty"` // "": Major

	Rules         []Rule         // in the order they are evaluated
	RestartLimits []RestartLimit `json:",omitempty"`
	Repair        *Repair        `json:",omitempty"` // nil: rules act as often as they are written to
	Ignore        []Match        `json:",omitempty"` // file lines that content rules do not see
	Routes        []Route        `json:",omitempty"`
	Reminders     []Reminder     `json:",omitempty"` // distinct Route.Reminder values that apply here; filled by Seal
	Heartbeat     *Heartbeat     `json:",omitempty"` // nil: rules alone say when a sign of life is late
	Expose        *Probe         `json:",omitempty"` // what Inspeqtor's pages pass on of the service's own numbers
	Face          *Face          `json:",omitempty"` // on the status page; nil: as a service that says nothing about it
	Connectivity  *Connectivity  `json:",omitempty"` // of the one host that stands for all others; nil: it is an ordinary service
	Limits        Limits

	Pos  diag.Pos `json:"-"` // where this was written
	hash string   // set by Seal
}

// Subject names the thing itself. Which field counts depends on the kind.
type Subject struct {
	Pidfile   string   `json:",omitempty"` // process
	Pattern   string   `json:",omitempty"` // process: extended regular expression over the command line, as it was written
	Path      string   `json:",omitempty"` // file, fifo, directory; filesystem: mount point, device or network mount
	Address   string   `json:",omitempty"` // host; network: an address of the interface
	Interface string   `json:",omitempty"` // network
	Program   *Program `json:",omitempty"` // program
	Unit      string   `json:",omitempty"` // unit: the name by which its init system knows it
	Init      string   `json:",omitempty"` // unit: the init system that runs it, "systemd" or "runit"; "": the first that knows it
	AsShell   bool     `json:",omitempty"` // program: one that cannot be run has failed, with status 126 or 127; its output is kept in order, and the end of it
	Retries   int      `json:",omitempty"` // program: how often a check that failed is made again, a second later, before it counts
}

// Schedule says when a service is due.
type Schedule struct {
	Every  time.Duration `json:",omitempty"` // 0: Settings.Interval
	Cycles int           `json:",omitempty"` // only every so many intervals; 0 and 1: each
	Cron   string        `json:",omitempty"` // five fields; due in intervals that touch a matching minute
	Not    bool          `json:",omitempty"` // due except while Cron matches
}

// Mode says whether rules may act.
type Mode string

// In passive mode start, stop and restart actions only tell.
const (
	Active  Mode = ""
	Passive Mode = "passive"
)

// OnReboot says whether a service is monitored after the host was started anew.
type OnReboot string

// After a restart of orderly alone, monitoring always stays as it was.
const (
	RebootStart     OnReboot = ""          // monitored
	RebootNoStart   OnReboot = "nostart"   // not until someone asks; also when the service is new
	RebootUnlessNew OnReboot = "unlessnew" // not until someone asks, but monitored when the service is new
	RebootLastState OnReboot = "laststate" // as it was
)

// A Program is an external command. It is never run by a shell.
type Program struct {
	Args    []string
	User    string        `json:",omitempty"` // name or number; "" means as orderly itself
	Group   string        `json:",omitempty"`
	Timeout time.Duration `json:",omitempty"` // 0: none
}

// A RestartLimit reacts when starting again does not help.
type RestartLimit struct {
	Restarts, Cycles int
	Then             []Action
	Text             string
	Pos              diag.Pos `json:"-"`
}
