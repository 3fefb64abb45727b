package host

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// What is read of a file besides its status.
const (
	fromMD5 source = 1 << iota
	fromSHA1
	fromSHA256
)

// permissions are the bits of a mode that a permission test compares.
const permissions = 0o7777

// file measures what is at a path: a file, a fifo or a directory.
type file struct {
	spec   *model.Service
	limit  int // bytes of a line that content rules see
	list   []taker[fileFacts]
	needed source
	shown  *node // of the last measurement
	sums   digests
	search search
	safe   safe
	askers []int // the probes for certificates, among all
}

// fileFacts are what was read of a file at one moment.
type fileFacts struct {
	now    time.Time
	exists bool
	valid  bool // it is what the service says it is
	st     unix.Stat_t
	sums   [3]string
	mark   model.Bookmark
	found  []finding // nil: the content was not looked at
	survey *survey   // nil: certificates were not looked for
}

var likedOfFile = []model.Metric{model.TypeValid}

var fileReaders = map[model.Metric]reader[fileFacts]{
	model.TypeValid:      {0, func(*fileFacts) model.Value { return model.Bool(true) }},
	model.Permission:     {0, func(f *fileFacts) model.Value { return num(f.st.Mode & permissions) }},
	model.UID:            {0, func(f *fileFacts) model.Value { return num(f.st.Uid) }},
	model.GID:            {0, func(f *fileFacts) model.Value { return num(f.st.Gid) }},
	model.Size:           {0, func(f *fileFacts) model.Value { return num(f.st.Size) }},
	model.Hardlinks:      {0, func(f *fileFacts) model.Value { return num(uint64(f.st.Nlink)) }},
	model.AccessTime:     {0, func(f *fileFacts) model.Value { return seconds(f.st.Atim) }},
	model.ChangeTime:     {0, func(f *fileFacts) model.Value { return seconds(f.st.Ctim) }},
	model.ModifyTime:     {0, func(f *fileFacts) model.Value { return seconds(f.st.Mtim) }},
	model.AnyTime:        {0, func(f *fileFacts) model.Value { return seconds(f.newer()) }},
	model.AccessAge:      {0, func(f *fileFacts) model.Value { return f.age(f.st.Atim) }},
	model.ChangeAge:      {0, func(f *fileFacts) model.Value { return f.age(f.st.Ctim) }},
	model.ModifyAge:      {0, func(f *fileFacts) model.Value { return f.age(f.st.Mtim) }},
	model.AnyAge:         {0, func(f *fileFacts) model.Value { return f.age(f.newer()) }},
	model.ChecksumMD5:    {fromMD5, func(f *fileFacts) model.Value { return word(f.sums[0]) }},
	model.ChecksumSHA1:   {fromSHA1, func(f *fileFacts) model.Value { return word(f.sums[1]) }},
	model.ChecksumSHA256: {fromSHA256, func(f *fileFacts) model.Value { return word(f.sums[2]) }},
}

func seconds(ts unix.Timespec) model.Value { return model.Num(float64(ts.Nano()) / 1e9) }

func (f *fileFacts) age(ts unix.Timespec) model.Value {
	return model.Num(float64(f.now.UnixNano()-ts.Nano()) / 1e9)
}

// newer is the later of the times of change of content and of status.
func (f *fileFacts) newer() unix.Timespec {
	if f.st.Mtim.Nano() > f.st.Ctim.Nano() {
		return f.st.Mtim
	}
	return f.st.Ctim
}

func (f *file) learn(s *model.Service) error {
	f.spec = s
	f.list, f.needed = wanted(s, likedOfFile, fileReaders)
	f.limit = s.Limits.FileContent
	if f.limit <= 0 {
		f.limit = model.DefaultLimits().FileContent
	}
	f.askers = certificateProbes(s)
	var err error
	f.search, err = newSearch(s)
	return err
}

func (f *file) release() {}

func (f *file) measure(v visit, out *model.Sample) error {
	work := *f // what is left behind at a deadline must not meet a new definition
	examine := func(ctx context.Context) (fileFacts, error) { return work.examine(ctx, v.now, v.since) }
	facts, err := f.wait(v, examine)
	if err != nil {
		return err
	}
	switch {
	case !facts.exists:
		out.Readings = absentSubject()
		return nil
	case !facts.valid:
		out.Readings = model.Readings{
			{Metric: model.Exist, Value: model.Bool(true)}, {Metric: model.TypeValid, Value: model.Bool(false)},
		}
		return nil
	}
	out.Readings = take(f.list, &facts)
	f.shown = f.shown.as(&facts.st)
	out.Details = f.shown
	if facts.found != nil {
		out.Bookmark = facts.mark
		f.search.answer(facts.found, out.Probes)
	}
	if facts.survey != nil {
		f.safe = facts.survey.kept
		for _, i := range f.askers {
			out.Probes[i] = facts.survey.result(f.spec.Subject.Path, v.now)
		}
	}
	f.sums = work.sums
	return nil
}

// wait examines the path without being held up by it. Links in a directory may lead to where calls hang although it does not.
func (f *file) wait(v visit, examine func(context.Context) (fileFacts, error)) (fileFacts, error) {
	path := f.spec.Subject.Path
	if f.askers == nil || f.spec.Kind != model.KindDirectory {
		return patiently(v, path, examine)
	}
	return await(v.ctx, &v.w.patience, path, func() (fileFacts, error) { return examine(v.ctx) })
}

// examine reads all that is needed. It may hang with the file.
func (f *file) examine(ctx context.Context, now time.Time, since model.Bookmark) (fileFacts, error) {
	facts := fileFacts{now: now}
	path := f.spec.Subject.Path
	if _, err := uninterrupted(func() (int, error) { return 0, unix.Stat(path, &facts.st) }); err != nil {
		return facts, notThere(path, err)
	}
	facts.exists = true
	facts.valid = f.isKind(facts.st.Mode & unix.S_IFMT)
	if facts.valid && f.askers != nil && f.spec.Kind == model.KindDirectory {
		facts.survey = newSurvey(ctx, now, f.safe)
		facts.survey.directory(path)
	}
	if facts.st.Mode&unix.S_IFMT != unix.S_IFREG || f.needed == 0 && len(f.search.probes) == 0 && f.askers == nil {
		return facts, nil
	}
	fd, err := openFile(path)
	if err != nil {
		if notThere(path, err) == nil {
			return fileFacts{now: now}, nil
		}
		return facts, notThere(path, err)
	}
	defer closeFile(fd)
	// What was looked at may have been replaced before it was opened.
	if _, err := uninterrupted(func() (int, error) { return 0, unix.Fstat(fd, &facts.st) }); err != nil {
		return facts, notThere(path, err)
	}
	if facts.st.Mode&unix.S_IFMT != unix.S_IFREG {
		facts.valid = false
		return facts, nil
	}
	content := descriptor{fd, path}
	if f.needed != 0 {
		if facts.sums, err = f.sums.of(ctx, content, stampOf(&facts.st), f.needed); err != nil {
			return facts, err
		}
	}
	if len(f.search.probes) > 0 {
		at := position{inode: facts.st.Ino, size: facts.st.Size, whole: onProc(fd)}
		facts.found, facts.mark, err = f.search.follow(ctx, content, at, since, f.limit)
	}
	if f.askers != nil {
		facts.survey = newSurvey(ctx, now, f.safe)
		facts.survey.open(path, fd, &facts.st)
	}
	return facts, err
}

// isKind compares what is at the path with what the service says. Sockets pass as files.
func (f *file) isKind(mode uint32) bool {
	switch f.spec.Kind {
	case model.KindDirectory:
		return mode == unix.S_IFDIR
	case model.KindFifo:
		return mode == unix.S_IFIFO
	}
	return mode == unix.S_IFREG || mode == unix.S_IFSOCK
}

// onProc tells whether a file is made up by the kernel at each reading.
func onProc(fd int) bool {
	var fs unix.Statfs_t
	return unix.Fstatfs(fd, &fs) == nil && fs.Type == unix.PROC_SUPER_MAGIC
}

// A descriptor reads an open file at any place. Reading does not block for long on a file on this machine.
type descriptor struct {
	fd   int
	path string
}

// ReadAt is io.ReaderAt, but it may read less than asked without an error.
func (d descriptor) ReadAt(p []byte, at int64) (int, error) {
	n, err := uninterrupted(func() (int, error) { return unix.Pread(d.fd, p, at) })
	if err != nil {
		return 0, notThere(d.path, err)
	}
	return n, nil
}
