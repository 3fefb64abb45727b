package diag

// A Record is a finding in the shape of the JSON contract.
type Record struct {
	Severity Severity `json:"severity"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Code     string   `json:"code"`
	Summary  string   `json:"summary"`
	Hint     string   `json:"hint"`
}

// A Report is a whole list in the shape of the JSON contract.
type Report struct {
	Diagnostics []Record `json:"diagnostics"`
	Errors      int      `json:"errors"`
	Warnings    int      `json:"warnings"`
}

// Report turns the list into its JSON form.
func (l List) Report() Report {
	r := Report{Diagnostics: []Record{}}
	r.Errors, r.Warnings = l.Count()
	for _, d := range l {
		p := d.Span.Pos()
		r.Diagnostics = append(r.Diagnostics, Record{d.Severity, p.File, p.Line, p.Column, d.Code, d.Summary, d.Hint})
	}
	return r
}
