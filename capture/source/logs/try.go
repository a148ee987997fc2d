package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"reprise/capture"
)

// Trial is what a map found in the first lines of a log.
type Trial struct {
	// Lines is how many requests or lines were looked at, and Account what became of them.
	Lines   int64
	Account capture.Account
	Rules   []Rule
}

// Rule is what one place of a map found.
type Rule struct {
	// Field is the map's, and Place where it looks; of a header Field has its name behind it.
	Field, Place string
	// Found is in how many lines something stood there, and Kinds how often what: "string", "number", "object", "array", "null", "text".
	Found int64
	Kinds map[string]int64
}

// String tells of a rule in one line, and of nothing that stood in the log.
func (r Rule) String() string {
	var kinds []string
	for _, k := range slices.Sorted(maps.Keys(r.Kinds)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", k, r.Kinds[k]))
	}
	return strings.Join(kinds, ", ")
}

// Try reads the first lines of a log by a map, and tells what each of its rules found.
func Try(ctx context.Context, in io.Reader, m Map) (*Trial, error) {
	return try(ctx, io.LimitReader(in, mostSampled), m)
}

func (s *sampled) try(ctx context.Context, m Map) (*Trial, error) {
	return try(ctx, bytes.NewReader(s.start), m)
}

func try(ctx context.Context, in io.Reader, m Map) (*Trial, error) {
	var t Trial
	r, err := New(in, Options{Map: m, Account: &t.Account})
	if err != nil {
		return nil, err
	}
	r.most = mostRows
	rules := r.plan.rules()
	r.plan.opened = func() {
		for i := range rules {
			rules[i].see(r.plan)
		}
	}
	for {
		var rec capture.Record
		if err = r.Next(ctx, &rec); err != nil {
			break
		}
		t.Account.Kept++
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	t.Lines = t.Account.Read
	for _, rule := range rules {
		t.Rules = append(t.Rules, rule.Rule)
	}
	return &t, nil
}

// slotRule is a rule and the slot of its place.
type slotRule struct {
	Rule
	slot int
}

func (p *plan) rules() (list []slotRule) {
	add := func(field, place string, slot int) {
		if place != "" {
			list = append(list, slotRule{Rule{Field: field, Place: place, Kinds: map[string]int64{}}, slot})
		}
	}
	for i, slot := range p.unwrap {
		add("unwrap", p.m.Unwrap[i], slot)
	}
	for i, place := range slices.Sorted(maps.Keys(p.m.Where)) {
		add("where", place, p.where[i].slot)
	}
	slots := map[string]int{
		"time": p.timeSlot, "request": p.requestSlot, "url": p.urlSlot, "method": p.methodSlot, "query": p.querySlot, "host": p.hostSlot, "headers": p.headersSlot,
		"body": p.bodySlot, "body_base64": p.base64Slot, "status": p.statusSlot, "latency": p.latencySlot, "rebuilt": p.rebuiltSlot, "synthetic": p.syntheticSlot,
	}
	for _, place := range p.m.places() {
		add(place.field, *place.place, slots[place.field])
	}
	for _, h := range p.each {
		add("headers "+h.name, h.pointer, h.slot)
	}
	return list
}

// see counts what stands at the rule's place in what is open.
func (r *slotRule) see(p *plan) {
	kind := ""
	switch sp := p.at(r.slot); sp.kind {
	case missing:
		return
	case jsonString, plainText:
		kind = "text"
		if sp.start == sp.end {
			kind = "empty text"
		}
	case jsonNumber:
		kind = "number"
	case jsonBool:
		kind = "true or false"
	case jsonNull:
		kind = "null"
	case jsonObject:
		kind = "object"
	case jsonArray:
		kind = "array"
	}
	r.Found++
	r.Kinds[kind]++
}
