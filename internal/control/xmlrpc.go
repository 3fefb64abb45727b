package control

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
)

// rpcLimit bounds the answer to a call, in bytes.
const rpcLimit = 1 << 20

// A fault is the answer of an XML-RPC server that could not do what it was asked.
type fault struct {
	code int
	text string
}

func (f *fault) Error() string { return f.text }

// xmlCall calls a method of an XML-RPC server. Arguments are strings, ints and bools; values come back as string, int,
// bool, []any and map[string]any.
func xmlCall(ctx context.Context, client *http.Client, url, method string, args ...any) (any, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(xmlRequest(method, args)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return nil, fmt.Errorf("%w: it wants another user name or password", fs.ErrPermission)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("it answers with HTTP status %d", resp.StatusCode)
	}
	return xmlResponse(io.LimitReader(resp.Body, rpcLimit))
}

func xmlRequest(method string, args []any) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0"?><methodCall><methodName>` + method + `</methodName><params>`)
	for _, arg := range args {
		b.WriteString("<param><value>")
		switch v := arg.(type) {
		case string:
			b.WriteString("<string>")
			_ = xml.EscapeText(&b, []byte(v))
			b.WriteString("</string>")
		case int:
			fmt.Fprintf(&b, "<int>%d</int>", v)
		case bool:
			b.WriteString("<boolean>0</boolean>")
			if v {
				b.Truncate(b.Len() - len("0</boolean>"))
				b.WriteString("1</boolean>")
			}
		}
		b.WriteString("</value></param>")
	}
	b.WriteString("</params></methodCall>")
	return b.Bytes()
}

// xmlValue is a value as it stands in a document. encoding/xml bounds how deep they may be nested.
type xmlValue struct {
	Text    string      `xml:",chardata"`
	String  *string     `xml:"string"`
	Int     *string     `xml:"int"`
	I4      *string     `xml:"i4"`
	Boolean *string     `xml:"boolean"`
	Base64  *string     `xml:"base64"`
	Array   *xmlArray   `xml:"array"`
	Members []xmlMember `xml:"struct>member"`
}

type xmlArray struct {
	Values []xmlValue `xml:"data>value"`
}

type xmlMember struct {
	Name  string   `xml:"name"`
	Value xmlValue `xml:"value"`
}

func xmlResponse(r io.Reader) (any, error) {
	var doc struct {
		XMLName xml.Name  `xml:"methodResponse"`
		Value   *xmlValue `xml:"params>param>value"`
		Fault   *xmlValue `xml:"fault>value"`
	}
	if err := xml.NewDecoder(r).Decode(&doc); err != nil {
		return nil, fmt.Errorf("cannot understand its answer: %w", err)
	}
	if doc.Fault != nil {
		v, _ := doc.Fault.value().(map[string]any)
		code, _ := v["faultCode"].(int)
		text, _ := v["faultString"].(string)
		return nil, &fault{code, text}
	}
	if doc.Value == nil {
		return nil, errors.New("cannot understand its answer: it has no value")
	}
	return doc.Value.value(), nil
}

func (v *xmlValue) value() any {
	switch {
	case v.String != nil:
		return *v.String
	case v.Int != nil:
		return number(*v.Int)
	case v.I4 != nil:
		return number(*v.I4)
	case v.Boolean != nil:
		return strings.TrimSpace(*v.Boolean) == "1"
	case v.Base64 != nil:
		b, _ := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(*v.Base64), ""))
		return string(b)
	case v.Array != nil:
		out := make([]any, len(v.Array.Values))
		for i := range v.Array.Values {
			out[i] = v.Array.Values[i].value()
		}
		return out
	case v.Members != nil:
		out := make(map[string]any, len(v.Members))
		for i := range v.Members {
			out[v.Members[i].Name] = v.Members[i].Value.value()
		}
		return out
	}
	return v.Text
}

func number(text string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(text))
	return n
}
