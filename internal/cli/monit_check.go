package cli

// test tells that the control file is in order, which reading it has found out. With -v it shows what was understood.
func (m *monitRun) test() error {
	if m.verbose {
		m.list()
	}
	m.line("Control file syntax OK")
	return nil
}
