package model

import "time"

// Repair bounds what rules do to a service again and again. What a user asks for is always done.
type Repair struct {
	Wait    time.Duration `json:",omitempty"` // after a repair, before the next; doubled each time. 0: none
	MaxWait time.Duration `json:",omitempty"` // where the doubling ends; once the service was well for so long, it begins anew

	Times  int           `json:",omitempty"` // when so many repairs within Within did not help, orderly gives up; 0: never
	Within time.Duration `json:",omitempty"`
	Retry  time.Duration `json:",omitempty"` // after giving up, until it tries again; 0: not before somebody asks for it
	Rounds int           `json:",omitempty"` // how often it gives up before it does so for good; 0: no matter how often
}

// DefaultRepair is for services whose init system repairs them as well: whoever flaps under both is not fought over.
func DefaultRepair() *Repair {
	return &Repair{
		Wait: time.Second, MaxWait: time.Minute,
		Times: 5, Within: 10 * time.Minute, Retry: time.Hour,
	}
}
