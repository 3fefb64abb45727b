package model

// Topic is what an event is about, by the names that recipients filter on.
type Topic string

// Topics is a set of topics, by their bits.
type Topics uint64

// The topics. Their names, bits and texts are Monit's, because mail filters, MONIT_EVENT and collectors depend on them.
const (
	TopicChecksum   Topic = "checksum"
	TopicResource   Topic = "resource"
	TopicTimeout    Topic = "timeout"
	TopicTimestamp  Topic = "timestamp"
	TopicSize       Topic = "size"
	TopicConnection Topic = "connection"
	TopicPermission Topic = "permission"
	TopicUID        Topic = "uid"
	TopicGID        Topic = "gid"
	TopicNonexist   Topic = "nonexist"
	TopicInvalid    Topic = "invalid"
	TopicData       Topic = "data"
	TopicExec       Topic = "exec"
	TopicFSFlags    Topic = "fsflags"
	TopicICMP       Topic = "icmp"
	TopicContent    Topic = "content"
	TopicInstance   Topic = "instance"
	TopicAction     Topic = "action"
	TopicPID        Topic = "pid"
	TopicPPID       Topic = "ppid"
	TopicHeartbeat  Topic = "heartbeat"
	TopicStatus     Topic = "status"
	TopicUptime     Topic = "uptime"
	TopicLink       Topic = "link"
	TopicSpeed      Topic = "speed"
	TopicSaturation Topic = "saturation"
	TopicByteIn     Topic = "bytein"
	TopicByteOut    Topic = "byteout"
	TopicPacketIn   Topic = "packetin"
	TopicPacketOut  Topic = "packetout"
	TopicExist      Topic = "exist"
)

// AllTopics is every topic there is or will be.
const AllTopics Topics = 1<<31 - 1

type topicText struct {
	topic                              Topic
	failed, succeeded, changed, steady string
}

// topicTexts is in the order of the bits.
var topicTexts = []topicText{
	{TopicChecksum, "Checksum failed", "Checksum succeeded", "Checksum changed", "Checksum not changed"},
	{TopicResource, "Resource limit matched", "Resource limit succeeded", "Resource limit changed", "Resource limit not changed"},
	{TopicTimeout, "Timeout", "Timeout recovery", "Timeout changed", "Timeout not changed"},
	{TopicTimestamp, "Timestamp failed", "Timestamp succeeded", "Timestamp changed", "Timestamp not changed"},
	{TopicSize, "Size failed", "Size succeeded", "Size changed", "Size not changed"},
	{TopicConnection, "Connection failed", "Connection succeeded", "Connection changed", "Connection not changed"},
	{TopicPermission, "Permission failed", "Permission succeeded", "Permission changed", "Permission not changed"},
	{TopicUID, "UID failed", "UID succeeded", "UID changed", "UID not changed"},
	{TopicGID, "GID failed", "GID succeeded", "GID changed", "GID not changed"},
	{TopicNonexist, "Does not exist", "Exists", "Existence changed", "Existence not changed"},
	{TopicInvalid, "Invalid type", "Type succeeded", "Type changed", "Type not changed"},
	{TopicData, "Data access error", "Data access succeeded", "Data access changed", "Data access not changed"},
	{TopicExec, "Execution failed", "Execution succeeded", "Execution changed", "Execution not changed"},
	{TopicFSFlags, "Filesystem flags failed", "Filesystem flags succeeded", "Filesystem flags changed", "Filesystem flags not changed"},
	{TopicICMP, "ICMP failed", "ICMP succeeded", "ICMP changed", "ICMP not changed"},
	{TopicContent, "Content failed", "Content succeeded", "Content match", "Content doesn't match"},
	{TopicInstance, "Monit instance failed", "Monit instance succeeded", "Monit instance changed", "Monit instance not changed"},
	{TopicAction, "Action done", "Action done", "Action done", "Action done"},
	{TopicPID, "PID failed", "PID succeeded", "PID changed", "PID not changed"},
	{TopicPPID, "PPID failed", "PPID succeeded", "PPID changed", "PPID not changed"},
	{TopicHeartbeat, "Heartbeat failed", "Heartbeat succeeded", "Heartbeat changed", "Heartbeat not changed"},
	{TopicStatus, "Status failed", "Status succeeded", "Status changed", "Status not changed"},
	{TopicUptime, "Uptime failed", "Uptime succeeded", "Uptime changed", "Uptime not changed"},
	{TopicLink, "Link down", "Link up", "Link changed", "Link not changed"},
	{TopicSpeed, "Speed failed", "Speed ok", "Speed changed", "Speed not changed"},
	{TopicSaturation, "Saturation exceeded", "Saturation ok", "Saturation changed", "Saturation not changed"},
	{TopicByteIn, "Download bytes exceeded", "Download bytes ok", "Download bytes changed", "Download bytes not changed"},
	{TopicByteOut, "Upload bytes exceeded", "Upload bytes ok", "Upload bytes changed", "Upload bytes not changed"},
	{TopicPacketIn, "Download packets exceeded", "Download packets ok", "Download packets changed", "Download packets not changed"},
	{TopicPacketOut, "Upload packets exceeded", "Upload packets ok", "Upload packets changed", "Upload packets not changed"},
	{TopicExist, "Does exist", "Exists not", "Existence changed", "Existence not changed"},
}

var topicBits = func() map[Topic]Topics {
	bits := map[Topic]Topics{}
	for i, t := range topicTexts {
		bits[t.topic] = 1 << i
	}
	return bits
}()

// Bit is the topic's place in a set; 0 for a name that is no topic.
func (t Topic) Bit() Topics { return topicBits[t] }

// Has tells whether a topic is in the set. Events without a topic are in every set.
func (s Topics) Has(t Topic) bool { return t == "" || s&t.Bit() != 0 }

// Names lists the topics in the set, in the order of their bits.
func (s Topics) Names() []string {
	var names []string
	for _, t := range topicTexts {
		if s.Has(t.topic) {
			names = append(names, string(t.topic))
		}
	}
	return names
}

// EventText is what Monit calls the event: the value of $EVENT and MONIT_EVENT.
func (t Topic) EventText(k EventKind) string {
	for _, x := range topicTexts {
		if x.topic != t {
			continue
		}
		switch k {
		case EventRecovered:
			return x.succeeded
		case EventChanged:
			return x.changed
		default:
			return x.failed
		}
	}
	return ""
}
