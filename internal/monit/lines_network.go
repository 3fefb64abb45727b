package monit

import (
	"fmt"

	"orderly/internal/model"
)

func (f *facts) network() {
	speed := f.get(model.LinkSpeed)
	f.add("link", f.linkErrors(), model.Link, model.LinkErrors)
	if speed.Present() {
		f.add("capacity", fmt.Sprintf("%.0f Mb/s", speed.Number()/1e6)+f.duplex(), model.Capacity)
	}
	f.add("download bytes", f.traffic(model.DownloadBytes, speed),
		model.DownloadBytes, model.DownloadBytesTotal, model.Saturation)
	f.add("upload bytes", f.traffic(model.UploadBytes, speed),
		model.UploadBytes, model.UploadBytesTotal, model.Saturation)
	f.add("download packets", form(f.get(model.DownloadPackets), "%.0f per second"),
		model.DownloadPackets, model.DownloadPacketsTotal)
	f.add("upload packets", form(f.get(model.UploadPackets), "%.0f per second"),
		model.UploadPackets, model.UploadPacketsTotal)
}

// linkErrors tells of errors while the link is up.
func (f *facts) linkErrors() string {
	if f.get(model.Link).Number() == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f errors", f.get(model.DownloadErrorsTotal).Number()+f.get(model.UploadErrorsTotal).Number())
}

func (f *facts) duplex() string {
	switch duplex := f.get(model.LinkDuplex); {
	case !duplex.Present():
		return ""
	case duplex.Number() == 0:
		return " half-duplex"
	}
	return " full-duplex"
}

// traffic tells how much goes by, and how much of a known speed that is.
func (f *facts) traffic(m model.Metric, speed model.Value) string {
	rate := f.get(m)
	if !rate.Present() {
		return ""
	}
	text := formatBytes(rate.Number()) + "/s"
	if speed.Present() {
		text += fmt.Sprintf(" (%.1f%% link saturation)", percentOf(rate.Number()*8, speed.Number()))
	}
	return text
}
