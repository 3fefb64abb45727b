package collector

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"net"
	"strconv"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
)

const (
	chunk     = 64 << 10 // bytes that have to be taken within the timeout
	gzipLevel = 6
)

// request is a whole message. Collectors depend on the headers as they are here, and some on their order.
func request(c *model.Collector, body []byte, zipped bool) []byte {
	b := make([]byte, 0, 512+len(body))
	b = append(b, "POST "+cmp.Or(c.Path, "/")+" HTTP/1.1\r\n"...)
	b = append(b, "Host: "+net.JoinHostPort(c.Host, strconv.Itoa(c.Port))+"\r\n"...)
	b = append(b, "Content-Type: text/xml\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n"...)
	b = append(b, "Pragma: no-cache\r\nAccept: */*\r\nUser-Agent: Monit/"+monit.Version+"\r\n"...)
	if zipped {
		b = append(b, "Content-Encoding: gzip\r\n"...)
	}
	if c.Username != "" {
		b = append(b, "Authorization: Basic "+login(c)+"\r\n"...)
	}
	b = append(b, "\r\n"...)
	return append(b, body...)
}

// login is the proof of who posts. User and password are those of the URL as it was written.
func login(c *model.Collector) string {
	return base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password))
}

func compressed(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzipLevel)
	if err == nil {
		_, err = w.Write(body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("collector: a message in memory cannot be compressed: " + err.Error()) // the level exists, memory takes all
	}
	return out.Bytes()
}

// send writes a message. A collector that is slow has the timeout for each part of it.
func send(conn net.Conn, message []byte, timeout time.Duration) error {
	for len(message) > 0 {
		part := message[:min(chunk, len(message))]
		if err := conn.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
			return err
		}
		if _, err := conn.Write(part); err != nil {
			return err
		}
		message = message[len(part):]
	}
	return nil
}
