package monit

import (
	"orderly/internal/model"
)

// A gaugeRule is how a number is compared: what it is, and what may stand behind the operator.
type gaugeRule struct {
	metric model.Metric
	value  func(*parser) Quantity
	many   bool // several may be written in one test
}

var (
	fileGauges = map[string]gaugeRule{
		"hardlink": {model.Hardlinks, (*parser).count, false},
		"atime":    {model.AccessAge, (*parser).age, false},
		"ctime":    {model.ChangeAge, (*parser).age, false},
		"mtime":    {model.ModifyAge, (*parser).age, false},
		"time":     {model.AnyAge, (*parser).age, false},
		"size":     {model.Size, (*parser).wholeSize, false},
	}
	processGauges = map[string]gaugeRule{
		"cpu":             {model.CPU, (*parser).percent, true},
		"totalcpu":        {model.CPUTotal, (*parser).percent, true},
		"memory":          {model.Memory, (*parser).sizeOrPercent, true},
		"totalmem":        {model.MemTotal, (*parser).sizeOrPercent, true},
		"thread":          {model.Threads, (*parser).count, true},
		"child":           {model.Children, (*parser).count, true},
		"loadavg":         {model.Load1, (*parser).plain, true},
		"loadavg(5)":      {model.Load5, (*parser).plain, true},
		"loadavg(15)":     {model.Load15, (*parser).plain, true},
		"read":            {model.ReadBytes, (*parser).throughput, true},
		"write":           {model.WriteBytes, (*parser).throughput, true},
		"filedescriptors": {model.FDs, (*parser).countOrPercent, false},
		"uptime":          {model.Uptime, (*parser).age, false},
	}
	systemGauges = map[string]gaugeRule{
		"cpu":             {model.CPU, (*parser).percent, true},
		"cpu(user)":       {model.CPUUser, (*parser).percent, true},
		"cpu(system)":     {model.CPUSystem, (*parser).percent, true},
		"cpu(wait)":       {model.CPUWait, (*parser).percent, true},
		"cpu(nice)":       {model.CPUNice, (*parser).percent, true},
		"cpu(hardirq)":    {model.CPUHardIRQ, (*parser).percent, true},
		"cpu(softirq)":    {model.CPUSoftIRQ, (*parser).percent, true},
		"cpu(steal)":      {model.CPUSteal, (*parser).percent, true},
		"cpu(guest)":      {model.CPUGuest, (*parser).percent, true},
		"cpu(guestnice)":  {model.CPUGuestNice, (*parser).percent, true},
		"memory":          {model.Memory, (*parser).sizeOrPercent, true},
		"swap":            {model.Swap, (*parser).sizeOrPercent, true},
		"loadavg":         {model.Load1, (*parser).plain, true},
		"loadavg(5)":      {model.Load5, (*parser).plain, true},
		"loadavg(15)":     {model.Load15, (*parser).plain, true},
		"pagein":          {model.PageIn, (*parser).countPerSecond, true},
		"pageout":         {model.PageOut, (*parser).countPerSecond, true},
		"filedescriptors": {model.FDs, (*parser).countOrPercent, false},
		"uptime":          {model.Uptime, (*parser).age, false},
	}
	filesystemGauges = map[string]gaugeRule{
		"space":       {model.Space, (*parser).sizeOrPercent, false},
		"inode":       {model.Inodes, (*parser).countOrPercent, false},
		"read":        {model.ReadBytes, (*parser).traffic, false},
		"write":       {model.WriteBytes, (*parser).traffic, false},
		"servicetime": {model.ServiceTime, (*parser).shortTime, false},
	}
	networkGauges = map[string]gaugeRule{
		"saturation": {model.Saturation, (*parser).wholePercent, false},
		"upload":     {model.UploadBytes, (*parser).transfer, false},
		"download":   {model.DownloadBytes, (*parser).transfer, false},
	}
)

// gaugeRules are the numbers that can be compared, by kind of service.
var gaugeRules = map[model.Kind]map[string]gaugeRule{
	model.KindProcess:    processGauges,
	model.KindFile:       fileGauges,
	model.KindFifo:       pathGauges(),
	model.KindDirectory:  pathGauges(),
	model.KindFilesystem: filesystemGauges,
	model.KindSystem:     systemGauges,
	model.KindNetwork:    networkGauges,
	model.KindProgram:    {"status": {model.Status, (*parser).count, false}},
}

// pathGauges are those of a file that is no regular one.
func pathGauges() map[string]gaugeRule {
	table := map[string]gaugeRule{}
	for name, rule := range fileGauges {
		if name != "size" {
			table[name] = rule
		}
	}
	return table
}

// tests are the words a condition may begin with, by kind of service; for hints.
var tests = map[model.Kind][]string{
	model.KindProcess: {
		"exist", "not", "failed", "succeeded", "changed", "cpu", "total cpu", "memory", "total memory", "threads",
		"children", "loadavg", "read", "write", "disk", "filedescriptors", "uptime", "security",
	},
	model.KindFile: {
		"exist", "not", "failed", "changed", "size", "content", "timestamp", "atime", "ctime", "mtime", "hardlink",
	},
	model.KindFifo:      {"exist", "not", "failed", "changed", "timestamp", "atime", "ctime", "mtime", "hardlink"},
	model.KindDirectory: {"exist", "not", "failed", "changed", "timestamp", "atime", "ctime", "mtime", "hardlink"},
	model.KindFilesystem: {
		"exist", "not", "failed", "changed", "space", "inode", "read", "write", "service time",
	},
	model.KindHost: {"failed", "succeeded"},
	model.KindSystem: {
		"cpu", "memory", "swap", "loadavg", "filedescriptors", "uptime", "pagein", "pageout",
	},
	model.KindNetwork:   {"link", "failed", "changed", "saturation", "upload", "download", "total"},
	model.KindProgram:   {"status", "content", "changed"},
	model.KindHeartbeat: {"metric silence"},
	model.KindUnit: {
		"exist", "not", "ends unasked", "restart loop", "failed", "succeeded", "changed", "cpu", "total cpu", "memory",
		"total memory", "threads", "children", "loadavg", "read", "write", "disk", "filedescriptors", "uptime", "security",
		"metric",
	},
}

// comparisons reads one comparison, or several of those that can be combined.
func (p *parser) comparisons(t *Test) {
	c, many := p.comparison()
	for many && p.another() {
		t.Dropped = append(t.Dropped, c)
		c, _ = p.comparison()
	}
	t.Cond = c
}

// another tells whether a comparison is next that can be combined with others.
func (p *parser) another() bool {
	rule, ok := p.gauge()
	return ok && rule.many || p.at("disk") && p.is(model.KindProcess)
}

// gauge looks up the next token among the numbers that can be compared.
func (p *parser) gauge() (gaugeRule, bool) {
	if p.tok.kind != tokKeyword {
		return gaugeRule{}, false
	}
	rule, ok := gaugeRules[p.kind][p.tok.name]
	return rule, ok
}

// comparison reads one comparison. It tells whether another may follow.
func (p *parser) comparison() (*Compare, bool) {
	c := &Compare{Node: Node{p.here()}}
	if p.at("total") && p.is(model.KindProcess, model.KindNetwork) {
		p.total(c)
		c.Node = p.from(c.Span)
		return c, false
	}
	if p.at("disk") && p.is(model.KindProcess) {
		p.disk(c)
		c.Node = p.from(c.Span)
		return c, true
	}
	rule, ok := p.gauge()
	if !ok {
		p.notHere()
		return nil, false
	}
	name := p.tok.name
	p.next()
	c.Metric = p.qualified(rule.metric)
	changed := p.at("changed")
	if c.Op = p.operator(); changed && p.at("then") {
		p.unexpected(`a number; to notice any change, write "changed ` + name + `"`)
	}
	c.Value = rule.value(p)
	c.Node = p.from(c.Span)
	return c, rule.many
}

// qualified reads a word behind some keywords that changes what is measured.
func (p *parser) qualified(m model.Metric) model.Metric {
	switch {
	case m == model.Space && p.accept("free"):
		return model.SpaceFree
	case m == model.Inodes && p.accept("free"):
		return model.InodesFree
	case m == model.Load1 && p.accept("core"):
		return model.Load1Core
	case m == model.Load5 && p.accept("core"):
		return model.Load5Core
	case m == model.Load15 && p.accept("core"):
		return model.Load15Core
	}
	return m
}

// disk reads what a process reads and writes on storage.
func (p *parser) disk(c *Compare) {
	p.next()
	c.Metric = model.DiskReadBytes
	if p.oneOf("read", "write") == "write" {
		c.Metric = model.DiskWriteBytes
	}
	c.Op = p.operator()
	c.Value = p.traffic()
}

// total reads "total filedescriptors" of a process, or what went over a network in some time.
func (p *parser) total(c *Compare) {
	p.next()
	if p.is(model.KindProcess) {
		p.expect("filedescriptors")
		c.Metric = model.FDsTotal
		c.Op = p.operator()
		c.Value = p.count()
		return
	}
	c.Total = true
	c.Metric = model.UploadBytes
	if p.oneOf("upload", "download") == "download" {
		c.Metric = model.DownloadBytes
	}
	c.Op = p.operator()
	c.Value = p.quantity(p.integer(""), "byte", "kb", "mb", "gb", "packet")
	start := p.here()
	c.Over.Value = 1
	if p.tok.kind == tokNumber {
		c.Over.Num = p.num()
	}
	c.Over.Unit = p.mustUnit("minute", "hour", "day")
	c.Over.Node = p.from(start)
}

// quantity adds a unit to a number if one of those allowed is next.
func (p *parser) quantity(n Num, allowed ...string) Quantity {
	q := Quantity{Num: n}
	q.Unit = p.unit(allowed...)
	if q.Unit != NoUnit {
		q.Node = p.from(n.Span)
	}
	return q
}

func (p *parser) count() Quantity { return Quantity{Num: p.integer("")} }

func (p *parser) plain() Quantity { return Quantity{Num: p.real("a number")} }

func (p *parser) age() Quantity {
	return p.quantity(p.integer("a time"), "second", "minute", "hour", "day", "month")
}

func (p *parser) wholeSize() Quantity { return p.quantity(p.integer("a size"), sizeUnits...) }

func (p *parser) sizeOrPercent() Quantity {
	return p.quantity(p.real("a size or a percentage"), "byte", "kb", "mb", "gb", "percent")
}

func (p *parser) percent() Quantity { return p.mustQuantity(p.real("a percentage"), "percent") }

func (p *parser) wholePercent() Quantity { return p.mustQuantity(p.integer("a percentage"), "percent") }

func (p *parser) mustQuantity(n Num, allowed ...string) Quantity {
	u := p.mustUnit(allowed...)
	n.Node = p.from(n.Span)
	return Quantity{n, u}
}

// countOrPercent reads a whole number, or a percentage.
func (p *parser) countOrPercent() Quantity {
	whole := p.tok.kind == tokNumber
	n := p.real("a number or a percentage")
	if whole {
		return p.quantity(n, "percent")
	}
	return p.mustQuantity(n, "percent")
}

func (p *parser) countPerSecond() Quantity {
	n := p.integer("")
	p.mustUnit("second")
	n.Node = p.from(n.Span)
	return Quantity{Num: n}
}

// throughput reads bytes in a second, which need not be said.
func (p *parser) throughput() Quantity {
	return p.perSecond(p.quantity(p.real("a rate"), sizeUnits...))
}

// perSecond reads the word second if it is next.
func (p *parser) perSecond(q Quantity) Quantity {
	if p.accept("second") {
		q.Node = p.from(q.Span)
	}
	return q
}

// traffic reads bytes or operations in a second. Operations are whole.
func (p *parser) traffic() Quantity {
	whole := p.tok.kind == tokNumber
	n := p.real("a rate")
	if whole && p.at("operation") {
		return p.quantity(n, "operation")
	}
	return p.perSecond(p.quantity(n, sizeUnits...))
}

// transfer reads bytes or packets in a second.
func (p *parser) transfer() Quantity {
	return p.perSecond(p.quantity(p.integer("a rate"), "byte", "kb", "mb", "gb", "packet"))
}

// shortTime reads whole milliseconds, or seconds.
func (p *parser) shortTime() Quantity {
	whole := p.tok.kind == tokNumber
	n := p.real("a time")
	if whole {
		return p.mustQuantity(n, "millisecond", "second")
	}
	return p.mustQuantity(n, "second")
}
