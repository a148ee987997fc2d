package vonage

import (
	"bytes"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// params are the parameters that a sig covers, in their order.
type params struct {
	list       payload.Params
	part       payload.Part // where they stand
	json       bool
	sig, stamp string
	messages   bool // the payload is of the Messages API
}

// readParams reads the parameters of the body, or those of the query where there is no body that holds any.
func readParams(r *capture.Record) (*params, error) {
	p := &params{}
	switch {
	case payload.IsJSON(r):
		p.json = true
		var s payload.Scanner
		for s.ResetJSON(r.Body); s.Next(); {
			p.add([]byte(string(s.Name())), []byte(s.Value()))
		}
		if err := s.Err(); err != nil {
			return nil, err
		}
	case payload.IsForm(r):
		p.addForm(r.Body)
	default:
		p.part = payload.InQuery
		_, query, _ := strings.Cut(r.URL, "?")
		p.addForm([]byte(query))
	}
	p.list.Sort()
	return p, nil
}

func (p *params) addForm(form []byte) {
	var s payload.Scanner
	for s.ResetForm(form); s.NextItem(); {
		p.add([]byte(s.Key()), []byte(s.Value()))
	}
}

func (p *params) add(key, value []byte) {
	switch string(key) {
	case sigKey:
		p.sig = string(value)
		return
	case timeKey:
		p.stamp = string(value)
	case "message_uuid":
		p.messages = p.messages || len(value) > 0
	}
	p.list.Add(key, value)
}

// signed returns the string that is signed: &key=value for each parameter, with _ for the & and = in it.
func (p *params) signed(blanks bool) []byte {
	var out []byte
	for i := range p.list.Len() {
		key, value := p.list.At(i)
		if len(value) == 0 && !blanks {
			continue
		}
		out = appendSafe(append(out, '&'), key)
		out = appendSafe(append(out, '='), value)
	}
	return out
}

func appendSafe(dst, text []byte) []byte {
	for _, c := range text {
		if c == '&' || c == '=' {
			c = '_'
		}
		dst = append(dst, c)
	}
	return dst
}

// put sets those of the values whose parameters are there, and adds the one that is needed.
func (p *params) put(schema *dialect.Schema, r *capture.Record, values map[string]string, needed string) error {
	found := false
	err := schema.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		value, ok := values[f.Name]
		if !ok || f.Part != p.part {
			return "", dialect.Leave
		}
		found = found || f.Name == needed
		if f.Literal && f.Name != timeKey {
			return "", dialect.Leave // null: it cannot become text
		}
		return value, dialect.Set
	})
	if err != nil || found {
		return err
	}
	p.insert(r, needed, values[needed])
	return nil
}

// insert adds a parameter behind all others.
func (p *params) insert(r *capture.Record, key, value string) {
	item := key + "=" + value
	switch {
	case p.part == payload.InQuery && strings.HasSuffix(r.URL, "?"):
		r.URL += item
		return
	case p.part == payload.InQuery && strings.Contains(r.URL, "?"):
		r.URL += "&" + item
		return
	case p.part == payload.InQuery:
		r.URL += "?" + item
		return
	case p.json:
		end := bytes.LastIndexByte(r.Body, '}')
		if end < 0 {
			return
		}
		item = `"` + key + `":"` + value + `"`
		if p.list.Len() > 0 || p.sig != "" {
			item = "," + item
		}
		body := append(make([]byte, 0, len(r.Body)+len(item)), r.Body[:end]...)
		r.Body = append(append(body, item...), r.Body[end:]...)
	default:
		r.Body = append(append(bytes.Clone(r.Body), '&'), item...)
	}
	if _, ok := r.Header("Content-Length"); ok {
		r.SetHeader("Content-Length", strconv.Itoa(len(r.Body)))
	}
}
