package monit

import (
	"cmp"
	"strings"

	"orderly/internal/model"
)

// topics are in the order in which their events are named when there are several.
var topics = []model.Topic{
	model.TopicAction, model.TopicByteIn, model.TopicByteOut, model.TopicChecksum, model.TopicConnection,
	model.TopicContent, model.TopicData, model.TopicExec, model.TopicFSFlags, model.TopicGID, model.TopicHeartbeat,
	model.TopicICMP, model.TopicInstance, model.TopicInvalid, model.TopicLink, model.TopicNonexist, model.TopicPacketIn,
	model.TopicPacketOut, model.TopicPermission, model.TopicPID, model.TopicPPID, model.TopicResource,
	model.TopicSaturation, model.TopicSize, model.TopicSpeed, model.TopicStatus, model.TopicTimeout,
	model.TopicTimestamp, model.TopicUID, model.TopicUptime, model.TopicExist,
}

// Words tells how a service is, for people: "OK", "Not monitored", "Checksum failed | Content match - stop pending".
func Words(s *model.Snapshot) string {
	return join(phrasesOf(s), func(p phrase) string { return p.text }) + pending(s)
}

// ToneOf is the tone of [Words] as a whole: a failure outweighs a change.
func ToneOf(s *model.Snapshot) Tone {
	all := phrasesOf(s)
	for _, p := range all {
		if p.tone == Failing {
			return Failing
		}
	}
	return all[0].tone
}

// A phrase is one thing to say of a service.
type phrase struct {
	text string
	tone Tone
}

var (
	notMonitored = phrase{"Not monitored", Warning}
	waiting      = phrase{"Waiting", Waiting}
	initializing = phrase{"Initializing", Initializing}
	monitored    = phrase{"Monitored", Unmarked}
	fine         = phrase{"OK", Good}
)

// phrasesOf tells how a service is, in at least one phrase.
func phrasesOf(s *model.Snapshot) []phrase {
	switch {
	case !s.Monitored:
		return []phrase{notMonitored}
	case s.Initializing && s.Waiting:
		return []phrase{waiting}
	case s.Initializing:
		return []phrase{initializing}
	}
	var out []phrase
	for _, t := range topics {
		switch bit := t.Bit(); {
		case s.Failing&bit == 0:
		case s.Changed&bit != 0:
			out = append(out, phrase{t.EventText(model.EventChanged), Warning})
		default:
			out = append(out, phrase{t.EventText(model.EventFailed), Failing})
		}
	}
	if len(out) == 0 {
		return []phrase{fine}
	}
	return out
}

func monitoring(s *model.Snapshot) phrase {
	switch {
	case !s.Monitored:
		return notMonitored
	case s.Waiting:
		return waiting
	case s.Initializing:
		return initializing
	}
	return monitored
}

// pending tells what is being done to a service or waits to be done. Scripts wait until it is gone.
func pending(s *model.Snapshot) string {
	if action := cmp.Or(s.Doing, s.Pending); action != "" {
		return " - " + action + " pending"
	}
	return ""
}

func join(all []phrase, write func(phrase) string) string {
	words := make([]string, len(all))
	for i, p := range all {
		words[i] = write(p)
	}
	return strings.Join(words, " | ")
}

// types are what Monit calls the kinds, in the order in which a summary lists them.
var types = []struct {
	kind model.Kind
	name string
}{
	{model.KindSystem, "System"},
	{model.KindProcess, "Process"},
	{model.KindFile, "File"},
	{model.KindFifo, "Fifo"},
	{model.KindDirectory, "Directory"},
	{model.KindFilesystem, "Filesystem"},
	{model.KindHost, "Remote Host"},
	{model.KindNetwork, "Network"},
	{model.KindProgram, "Program"},
	{model.KindUnit, "Unit"},
	{model.KindHeartbeat, "Heartbeat"},
}

// TypeName is what Monit calls a kind of service: "Remote Host". Kinds that Monit does not have follow its manner.
func TypeName(k model.Kind) string {
	for _, t := range types {
		if t.kind == k {
			return t.name
		}
	}
	return string(k)
}
