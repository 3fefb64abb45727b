package alert

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"orderly/internal/model"
	"orderly/internal/notice"
)

// The message in Monit's style, which is sent where the configuration words none. Mail filters know it by the lead of its subject.
const (
	defaultFrom    = "monit@$HOST"
	defaultSubject = "monit alert --  $EVENT $SERVICE"
	defaultMessage = `$EVENT Service $SERVICE

	Date:        $DATE
	Action:      $ACTION
	Host:        $HOST
	Description: $DESCRIPTION

`
	signOff = "Watching over it,\norderly\n"
)

const (
	subjectLimit = 200      // characters
	bodyLimit    = 64 << 10 // bytes
	lineLimit    = 900      // bytes; SMTP allows 998
)

// message is a mail as it goes over the wire, and whom the envelope names.
type message struct {
	from, to string
	data     []byte // with CRLF line endings
}

// render words the one event of a parcel for its recipient. It is pure: the same event gives the same Message-Id, so that a
// mail that must be sent twice can be told from two mails.
func render(c *model.Config, p parcel) message {
	ev := p.events[0]
	format := p.route.Format.Over(c.Settings.Mail.Format)
	usual := wordsOf(format.Style, c, p)
	fill := strings.NewReplacer(variables(ev, hostOf(c, ev))...).Replace
	subject, body := usual.subject, usual.body
	if format.Subject != "" {
		subject = fill(format.Subject)
	}
	if format.Message != "" {
		body = fill(format.Message)
	}
	return envelop(c, p, subject, body)
}

// envelop makes a mail of a parcel from a subject and a body.
func envelop(c *model.Config, p parcel, subject, body string) message {
	ev, r := p.events[0], p.route
	format := r.Format.Over(c.Settings.Mail.Format)
	host := hostOf(c, ev)
	from := strings.ReplaceAll(cmp.Or(format.From, wordsOf(format.Style, c, p).from), "$HOST", host)
	sender, to := parseAddress(from), parseAddress(r.Address)

	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	if format.ReplyTo != "" {
		header("Reply-To", parseAddress(format.ReplyTo).header())
	}
	header("From", sender.header())
	header("To", to.header())
	header("Subject", headerText(subject))
	header("Date", ev.At.UTC().Format(time.RFC1123Z))
	header("X-Mailer", "orderly")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "8bit")
	header("X-Auto-Response-Suppress", "All")
	header("Auto-Submitted", "auto-generated")
	header("Precedence", "bulk")
	header("X-Orderly-Id", headerText(p.identity(messageHost(host))))
	header("Message-Id", messageID(c, p, host, to.addr))
	b.WriteString("\r\n")
	writeBody(&b, body)
	return message{from: sender.addr, to: to.addr, data: b.Bytes()}
}

// words are what a message says where the configuration words nothing.
type words struct {
	from          string // may hold $HOST
	subject, body string
}

// wordsOf words the first event of a parcel in a style.
func wordsOf(style string, c *model.Config, p parcel) words {
	ev := p.events[0]
	var w words
	switch style {
	case model.StyleInspeqtor:
		w = inspeqtorWords(c, ev)
	default:
		fill := strings.NewReplacer(variables(ev, hostOf(c, ev))...).Replace
		w = words{defaultFrom, fill(defaultSubject), fill(defaultMessage)}
	}
	if style == "" {
		w.body += paragraph(course(p))
	}
	w.body += paragraph(ev.Evidence) + paragraph(affected(ev, bodyLimit/4)) + paragraph(p.diagnosis()) + signOff
	return w
}

// course tells what Monit's mails do not: for how long it has been failing or had been, how often that was said, and that the
// message is late.
func course(p parcel) string {
	ev := p.events[0]
	n := notice.Of(p.route, ev)
	var parts []string
	switch long := notice.Span(n.Duration); {
	case n.Duration < time.Second:
	case ev.Kind == model.EventStillFailing:
		parts = append(parts, fmt.Sprintf("Still failing after %s, %s notice.", long, ordinal(n.AlertCount)))
	case ev.Kind == model.EventRecovered:
		parts = append(parts, "It was down "+long+".")
	}
	if heldBack(p.route, ev) {
		parts = append(parts, "This was held back until quiet hours ended.")
	}
	if late := p.delayed(); late > 0 {
		parts = append(parts, "This message is delayed by "+notice.Span(late)+".")
	}
	return strings.Join(parts, " ")
}

// variables are the names a format may use and what they stand for, as strings.NewReplacer wants them.
func variables(ev model.Event, host string) []string {
	return []string{
		"$EVENT", eventText(ev),
		"$SERVICE", cmp.Or(ev.Service, host),
		"$DATE", ev.At.Local().Format("Mon, 02 Jan 2006 15:04:05"),
		"$HOST", host,
		"$ACTION", actionText(ev),
		"$DESCRIPTION", ev.Text,
	}
}

// eventText is what Monit calls the event.
func eventText(ev model.Event) string {
	topic, kind := ev.Topic, ev.Kind
	switch kind {
	case model.EventStarted, model.EventStopped, model.EventReloaded, model.EventInternal:
		topic, kind = cmp.Or(topic, model.TopicInstance), model.EventChanged
	case model.EventAction:
		topic, kind = cmp.Or(topic, model.TopicAction), model.EventRecovered
	case model.EventActionFailed:
		topic = cmp.Or(topic, model.TopicExec)
	case model.EventSteady:
		kind = model.EventRecovered
	}
	if text := topic.EventText(kind); text != "" {
		return text
	}
	return strings.ReplaceAll(string(ev.Kind), "_", " ")
}

// actionText is what follows from the event. From what was done already, and from what could not be done, follows only that
// people are told; after a reload orderly starts anew, as Monit has it.
func actionText(ev model.Event) string {
	switch {
	case ev.Topic == model.TopicAction || ev.Kind == model.EventActionFailed:
		return string(model.ActAlert)
	case ev.Kind == model.EventStarted || ev.Kind == model.EventReloaded:
		return string(model.ActStart)
	case ev.Kind == model.EventStopped:
		return string(model.ActStop)
	case ev.Action != "":
		return ev.Action
	}
	return string(model.ActAlert)
}

// address is a mailbox, with the name that goes before it if there is one.
type address struct{ name, addr string }

// parseAddress takes the forms a control file allows: user@host, <user@host>, Name <user@host>. What is none of
// them is kept, less what could end a line or a command: the mail server says what is wrong with it.
func parseAddress(s string) address {
	if a, err := mail.ParseAddress(s); err == nil {
		return address{name: a.Name, addr: envelopeText(a.Address)}
	}
	before, rest, named := strings.Cut(s, "<")
	if !named {
		return address{addr: envelopeText(s)}
	}
	addr, _, _ := strings.Cut(rest, ">")
	return address{name: strings.Trim(strings.TrimSpace(before), `"`), addr: envelopeText(addr)}
}

func (a address) header() string {
	if a.name == "" {
		return a.addr
	}
	return headerPhrase(a.name) + " <" + a.addr + ">"
}

func envelopeText(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == '<' || r == '>' || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}

// headerText makes text fit for a header: one line, bounded, encoded where it is not ASCII.
func headerText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > subjectLimit {
		s = string(runes[:subjectLimit-1]) + "…"
	}
	return strings.ReplaceAll(mime.BEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
}

// headerPhrase is headerText for the name before an address.
func headerPhrase(s string) string {
	if text := headerText(s); text != s {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func messageID(c *model.Config, p parcel, host, to string) string {
	ev := p.events[0]
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", p.identity(host), ev.At.UnixNano(), to))
	return fmt.Sprintf("<%d.%s@%s>", ev.At.Unix(), hex.EncodeToString(sum[:10]), messageHost(cmp.Or(c.Settings.Mail.Hello, host)))
}

// messageHost is the name of this host as mail servers may see it.
func messageHost(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '_' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, name)
	return cmp.Or(name, "localhost")
}

// writeBody writes text with line endings and line lengths that every mail server takes, and bounded as a whole.
func writeBody(b *bytes.Buffer, text string) {
	if len(text) > bodyLimit {
		text = text[:bodyLimit] + "\n..."
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(text, "�"))
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		for len(line) > lineLimit {
			cut := lineLimit
			for !utf8.RuneStart(line[cut]) {
				cut--
			}
			b.WriteString(line[:cut] + "\r\n")
			line = line[cut:]
		}
		b.WriteString(line + "\r\n")
	}
}
