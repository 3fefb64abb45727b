package monit

import "strings"

// A keyword is what a spelling stands for.
type keyword struct {
	name  string // canonical spelling
	noise bool   // ignored in ordinary context
	soft  bool   // unknown to Monit 5.33, where it is a plain word
	blank bool   // only a keyword if a blank follows on the same line

	// The longer keywords it may begin. A keyword that only begins others has no name.
	phrases []phrase
	gauges  map[string]string
}

// keywords maps every spelling of one word, in lower case.
var keywords = func() map[string]*keyword {
	table := map[string]*keyword{}
	word := func(w string) *keyword {
		if table[w] == nil {
			table[w] = &keyword{}
		}
		return table[w]
	}
	for line := range strings.Lines(spellings) {
		words := strings.Fields(line)
		for _, w := range words {
			word(w).name = words[0]
		}
	}
	for _, w := range strings.Fields(plainKeywords) {
		word(w).name = w
	}
	for _, w := range strings.Fields(noiseWords) {
		word(w).name, word(w).noise = w, true
	}
	for _, w := range strings.Fields(softKeywords) {
		word(w).soft = true
	}
	for w, name := range blankKeywords {
		word(w).name, word(w).blank = name, true
	}
	for w, longer := range phrases {
		word(w).phrases = longer
	}
	for w, qualifiers := range gauges {
		word(w).gauges = qualifiers
	}
	return table
}()

// spellings lists keywords that are written in several ways, the canonical one first.
const spellings = `
> gt greater more older
>= ge
< lt less newer
<= le
= == eq equal
!= ne notequal
match matching =~
nomatch notmatching !=~
byte b bytes byte/s bytes/s b/s
kb kilobyte kilobytes kb/s kilobyte/s kilobytes/s
mb megabyte megabytes mb/s megabyte/s megabytes/s
gb gigabyte gigabytes gb/s gigabyte/s gigabytes/s
percent %
millisecond ms milliseconds
second s seconds
minute m minutes
hour h hours
day days
month months
time timestamp
ssl tls
exec execute
restart restarts
cycle cycles
memory mem
totalmem totalmemory
child children
thread threads
permission perm
inode inodes
hardlink hardlinks
port portnumber
protocol proto
unixsocket unix
upload uploaded
download downloaded
packet packets packet/s packets/s
operation operations operation/s operations/s
exist exists
nonexist nonexists
fsflags fsflag
log logfile
read-only readonly
slot slots
attribute attributes
ciphers cipher
auto sslauto
pagein pageins
pageout pageouts
`

const plainKeywords = `
action active address alert allow allowselfcertification apache-status atime basedir batch bytein byteout
cacertificatefile cacertificatepath certificate certmd5 changed checksum clamav cleanuplimit cleartext clientpemfile
closelimit connection content core count cpu credentials crypt ctime daemon data database default delay disable disk
dns dnslimit down dwp echo else enable euid eventqueue every exectimeout expect expectbuffer facility fail2ban failed
filecontentbuffer filedescriptors fips free ftp get gid gps gracefullimit head host hostgroups hostheader hostname
http httpcontentbuffer httpd https icmp idfile if ignore imap imaps include init instance interface invalid ipv4 ipv6
keepalivelimit laststate ldap2 ldap3 limits link lmtp loadavg loglimit mail-format mailserver manual maxforward md5
memcache method mmonit mode mongodb mqtt mtime mysql mysqls networktimeout nntp noalert nostart not ntp3 onreboot
origin packetin packetout passed passive password path pemchain pemfile pemkey pgsql pid pidfile ping ping4 ping6 pop
pops postfix-policy ppid programoutput programtimeout radius rdate read recovered redis register reject reminder
repeat replylimit request requestlimit resource responsetime restarttimeout retry rsakey rsync saturation secret
security selfsigned send sendexpectbuffer servicetime set sha1 sha256 sieve signature sip size smtp smtps space
spamassassin speed ssh sslv2 sslv3 start startlimit starttimeout statefile status stop stoptimeout succeeded swap
syslog target tcp tcpssl terminal then timeout tlsv1 tlsv11 tlsv12 tlsv13 tns total totalcpu type udp uid unmonitor
up uptime url username valid verify version waitlimit websocket write
`

const noiseWords = `
is as are for via on only with within without program programs and has using use the to sum than usage was times but
of or does per in last rate capacity activity option options
`

const softKeywords = `=~ !=~ nomatch notmatching exectimeout hardlink hardlinks hostgroups pagein pageins pageout pageouts sha256`

// blankKeywords are those that a blank has to follow.
var blankKeywords = map[string]string{"check": "check", "group": "group", "depend": "depends", "depends": "depends"}

// phrases are the keywords of several words, by their first one. Blanks in them stand for exactly one blank.
var phrases = map[string][]phrase{
	"access":       {{"access timestamp", "atime"}, {"access time", "atime"}},
	"change":       {{"change timestamp", "ctime"}, {"change time", "ctime"}},
	"modification": {{"modification timestamp", "mtime"}, {"modification time", "mtime"}},
	"modify":       {{"modify timestamp", "mtime"}, {"modify time", "mtime"}},
	"ssl":          {{"ssl enable", "ssl"}, {"ssl disable", ""}},
	"enable":       {{"enable ssl", "ssl"}},
	"disable":      {{"disable ssl", ""}},
	"total":        {{"total memory", "totalmem"}, {"total mem", "totalmem"}, {"total cpu", "totalcpu"}},
	"service":      {{"service time", "servicetime"}},
	"http":         {{"http headers ", "http headers"}, {"http headers\t", "http headers"}},
}

// A phrase is a keyword of several words. An empty name makes it noise.
type phrase struct{ text, name string }

// gauges are the qualifiers that may stand in parentheses behind a keyword.
var gauges = map[string]map[string]string{
	"loadavg": {
		"1": "loadavg", "1m": "loadavg", "1min": "loadavg", "5": "loadavg(5)", "5m": "loadavg(5)",
		"5min": "loadavg(5)", "15": "loadavg(15)", "15m": "loadavg(15)", "15min": "loadavg(15)",
	},
	"cpu": {
		"": "cpu(user)", "us": "cpu(user)", "usr": "cpu(user)", "user": "cpu(user)",
		"sy": "cpu(system)", "sys": "cpu(system)", "system": "cpu(system)", "wa": "cpu(wait)", "wait": "cpu(wait)",
		"nice": "cpu(nice)", "hardirq": "cpu(hardirq)", "softirq": "cpu(softirq)", "steal": "cpu(steal)",
		"guest": "cpu(guest)", "guestnice": "cpu(guestnice)",
	},
}
