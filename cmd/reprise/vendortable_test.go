package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/dialect/profile"
	"reprise/fixtures/synth"
)

const vendorsPage = "../../docs/vendors.md"

// TestVendorTable makes requests of every vendor up, holds on them what reprise promises of a vendor, and holds docs/vendors.md to what
// came out. A vendor is tested by being in the table.
func TestVendorTable(t *testing.T) {
	var rows []vendorRow
	for _, v := range all.Table().All() {
		t.Run(v.Name, func(t *testing.T) { rows = append(rows, conform(t, v)) })
	}
	if t.Failed() {
		return
	}
	page := writeVendorTable(rows)
	if *update {
		if err := os.WriteFile(vendorsPage, page, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if old, err := os.ReadFile(vendorsPage); err != nil || !bytes.Equal(old, page) {
		t.Errorf("docs/vendors.md is not what the vendors are (%v): go test ./cmd/reprise -run TestVendorTable -update writes it", err)
	}
}

// promise is a column of the table: what is held of a vendor, and its check, which returns what stands in the cell, or the reason why
// there is nothing.
type promise struct {
	name  string
	check func(t *testing.T, s *specimen) (cell, reason string)
}

func promises() []promise {
	return []promise{
		{"detect", checkDetected},
		{"parse", checkParsed},
		{"identity", checkSame},
		{"rewrite", checkRewritten},
		{"sign", checkSigned},
		{"verify", checkVerified},
		{"kinds", checkKinds},
		{"receipt", checkReceipts},
		{"synth", checkMade},
		{"answer", checkAnswer},
	}
}

// vendorRow is what came out of a vendor.
type vendorRow struct {
	v       *dialect.Vendor
	cells   map[string]string
	reasons [][2]string // what is empty, and why
	headers []string    // any of which tells the vendor
	beside  []string    // headers that make sure what the payload tells
	keys    []string    // of payloads that tell it
	sources []string
}

func conform(t *testing.T, v *dialect.Vendor) vendorRow {
	t.Helper()
	s := newSpecimen(t, v)
	row := vendorRow{v: v, cells: make(map[string]string), sources: sourcesOf(t, v)}
	for _, p := range promises() {
		t.Run(p.name, func(t *testing.T) {
			cell, reason := p.check(t, s)
			if cell == "" && reason == "" {
				t.Error("nothing is there, and no reason is given")
			}
			row.cells[p.name] = cmp.Or(cell, "-")
			if cell == "" {
				row.reasons = append(row.reasons, [2]string{p.name, reason})
			}
		})
	}
	row.headers, row.beside = s.tellingHeaders()
	row.keys = s.tellingKeys(t)
	if len(row.headers)+len(row.keys) == 0 {
		t.Error("nothing that tells the vendor was found")
	}
	return row
}

// specimen is a vendor, and requests of its that were made up.
type specimen struct {
	*dialect.Vendor
	table   dialect.Table
	key     []byte // nil where nothing signs
	records []capture.Record
}

const specimens = 120

func newSpecimen(t *testing.T, v *dialect.Vendor) *specimen {
	t.Helper()
	s := &specimen{Vendor: v, table: all.Table(), key: keyFor(t, v)}
	if v.Maker == nil {
		t.Fatal("none of its requests can be made up")
	}
	o := synth.Options{Table: s.table, Vendors: synth.VendorMix{v.Name: 1}, Messages: specimens, Keywords: []string{"VIP"}}
	if v.Maker.Receipt != nil {
		o.Receipts = synth.Receipts{Share: 0.3, Failed: 0.5}
	}
	g, err := synth.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for {
		var r capture.Record
		if err := g.Next(context.Background(), &r); errors.Is(err, io.EOF) {
			return s
		} else if err != nil {
			t.Fatal(err)
		}
		s.records = append(s.records, *r.Clone())
	}
}

// keyFor returns a key of the form that the vendor's scheme takes: one that keygen makes, or any secret.
func keyFor(t *testing.T, v *dialect.Vendor) []byte {
	t.Helper()
	if v.Scheme == nil {
		return nil
	}
	if maker, ok := v.Scheme.(dialect.KeyMaker); ok {
		key, err := maker.MakeKey(dialect.KeyOptions{CertificateName: "test.pem", Now: time.Now()})
		if err == nil {
			return key.Secret
		}
	}
	key := []byte("a-secret-made-for-tests")
	if err := v.CheckKey(key, true); err != nil {
		t.Fatalf("no key is tried that its scheme takes: %v", err)
	}
	return key
}

// signed returns a record as it arrives at a receiver, and how it was signed.
func (s *specimen) signed(t *testing.T, i int) (*capture.Record, dialect.Signing) {
	t.Helper()
	r := s.records[i].Clone()
	g := dialect.Signing{URL: "https://" + r.Host + r.URL, Secret: s.key, Now: time.Unix(1_796_000_000, 0)}
	if s.key == nil {
		return r, g
	}
	if err := s.Sign(r, g); err != nil {
		t.Fatalf("record %d: Sign: %v", i, err)
	}
	g.URL = "https://" + r.Host + r.URL
	return r, g
}

// tellingHeaders are the headers that tell the vendor, each by itself, and those that make sure what a payload tells.
func (s *specimen) tellingHeaders() (alone, beside []string) {
	tried := map[string]string{}
	for _, known := range []dialect.Fields{s.Layout.Headers, s.Layout.Shared} {
		for name := range known {
			tried[name] = "x"
		}
	}
	if k, ok := s.Scheme.(dialect.Kinds); ok {
		for _, name := range k.Headers() {
			tried[strings.ToLower(name)] = "x"
		}
	}
	for i := range s.records {
		r := s.records[i].Clone()
		_ = s.Sign(r, dialect.Signing{URL: "https://" + r.Host + r.URL, Secret: s.key, Now: time.Unix(1_796_000_000, 0)})
		for _, h := range r.Headers {
			tried[strings.ToLower(h.Name)] = h.Value
		}
	}
	for name, value := range tried {
		h := capture.Header{Name: name, Value: value}
		r := bare(&s.records[0])
		sure := s.Detect(r) == dialect.ByShape
		r.Headers = append(r.Headers, h)
		switch {
		case s.Detect(&capture.Record{Method: "POST", URL: "/", Headers: []capture.Header{h}}) != dialect.No:
			alone = append(alone, name)
		case sure && s.Detect(r) == dialect.ByHeader:
			beside = append(beside, name)
		}
	}
	slices.Sort(alone)
	slices.Sort(beside)
	return alone, beside
}

// tellingKeys are the fields of payloads without each of which their vendor would not be told; all of a payload's stand in one text.
func (s *specimen) tellingKeys(t *testing.T) (keys []string) {
	t.Helper()
	for _, i := range s.few() {
		r := bare(&s.records[i])
		if s.Detect(r) == dialect.No {
			continue
		}
		if needed := strings.Join(neededFields(r, s.Detect), ", "); needed != "" && !slices.Contains(keys, needed) {
			keys = append(keys, needed)
		}
	}
	return keys
}

// neededFields takes one field after another out of a payload, and returns those without which it is not detected.
func neededFields(r *capture.Record, detect func(*capture.Record) dialect.Confidence) (needed []string) {
	try := func(name string, without func(*capture.Record)) {
		changed := r.Clone()
		without(changed)
		if detect(changed) == dialect.No && !slices.Contains(needed, name) {
			needed = append(needed, name)
		}
	}
	document := any(nil)
	if json.Unmarshal(r.Body, &document) != nil {
		for part, form := range map[string]string{"body": string(r.Body), "query": strings.Join(strings.SplitN(r.URL, "?", 2)[1:], "")} {
			items := strings.Split(form, "&")
			for i := range items {
				rest := strings.Join(slices.Delete(slices.Clone(items), i, i+1), "&")
				name, _, _ := strings.Cut(items[i], "=")
				try(name, func(c *capture.Record) {
					if part == "body" {
						c.Body = []byte(rest)
					} else {
						c.URL = "/?" + rest
					}
				})
			}
		}
		slices.Sort(needed)
		return needed
	}
	eachLeaf(document, "", func(path string, remove func() (undo func())) {
		undo := remove()
		body, err := json.Marshal(document)
		undo()
		if err == nil {
			try(path, func(c *capture.Record) { c.Body = body })
		}
	})
	return needed
}

// eachLeaf visits the fields of a document that hold no others, in the order of their names.
func eachLeaf(v any, path string, visit func(path string, remove func() (undo func()))) {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			switch v[name].(type) {
			case map[string]any, []any:
				eachLeaf(v[name], path+"/"+name, visit)
			default:
				visit(path+"/"+name, func() func() {
					was := v[name]
					delete(v, name)
					return func() { v[name] = was }
				})
			}
		}
	case []any:
		for _, one := range v {
			eachLeaf(one, path+"/*", visit)
		}
	}
}

// sourcesOf returns the addresses that stand in the comments of the vendor's folder, or file.
func sourcesOf(t *testing.T, v *dialect.Vendor) (list []string) {
	t.Helper()
	files, err := filepath.Glob("../../capture/dialect/" + v.Name + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	if len(files) == 0 {
		files = []string{"../../capture/dialect/profile/shipped/" + v.Name + ".yaml"}
	}
	comment, address := regexp.MustCompile(`(?m)(?://|#) .*$`), regexp.MustCompile(`https://[^\s()"']*[^\s()"'.,;:]`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range comment.FindAll(text, -1) {
			for _, a := range address.FindAllString(string(c), -1) {
				if !strings.Contains(a, "example.") {
					list = append(list, strings.TrimSuffix(a, "/"))
				}
			}
		}
	}
	if slices.Sort(list); len(list) == 0 {
		t.Error("no comment says where the vendor documents what is known of it")
	}
	return slices.Compact(list)
}

// writeVendorTable writes docs/vendors.md.
func writeVendorTable(rows []vendorRow) []byte {
	var b bytes.Buffer
	b.WriteString(`# Vendors

Written by a test (` + "`go test ./cmd/reprise -run TestVendorTable -update`" + `), which makes ` + fmt.Sprint(specimens) + ` messages of each vendor up, and receipts. Each cell is what came out.

- **detect**: told from all other vendors: by a header, by the payload alone
- **parse**: id, sender, recipient, text and person are read as they were written
- **identity**: a request whose fields are set to what they are is the same
- **rewrite**: each field takes any text, and nothing else changes
- **sign**, **verify**: what is signed holds, and does not with another body, or an hour later
- **kinds**: subscribe, unsubscribe, help, info, unrecognized, reaction and custom keywords
- **receipt**: refers to its message and its person, in each state
- **synth**: made up by ` + "`fixtures synth`" + `
- **answer**: what ` + "`reprise sink`" + ` answers

`)
	shipped := map[string]bool{}
	for _, v := range profile.Shipped() {
		shipped[v.Name] = true
	}
	line := func(cells ...string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	head := []string{"vendor", "as"}
	for _, p := range promises() {
		head = append(head, p.name)
	}
	line(head...)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, r := range rows {
		as := "built in"
		if shipped[r.v.Name] {
			as = "profile"
		}
		cells := []string{"`" + r.v.Name + "`", as}
		for _, p := range promises() {
			cells = append(cells, r.cells[p.name])
		}
		line(cells...)
	}
	b.WriteString("\n## What is empty, and why\n\n")
	for _, r := range rows {
		reasons := map[string][]string{}
		var order []string
		for _, why := range r.reasons {
			if reasons[why[1]] == nil {
				order = append(order, why[1])
			}
			reasons[why[1]] = append(reasons[why[1]], why[0])
		}
		for _, why := range order {
			fmt.Fprintf(&b, "- `%s`, %s: %s.\n", r.v.Name, strings.Join(reasons[why], " and "), why)
		}
	}
	b.WriteString("\n## How each is told, and where its facts come from\n\nOne of the headers is enough. Without them, all fields of a line must be there; of fields that do as well as each other none is named.\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "\n### %s\n\n", r.v.Title)
		if len(r.headers) > 0 {
			fmt.Fprintf(&b, "- headers: `%s`\n", strings.Join(r.headers, "`, `"))
		}
		if len(r.beside) > 0 {
			fmt.Fprintf(&b, "- headers beside the fields: `%s`\n", strings.Join(r.beside, "`, `"))
		}
		for _, group := range r.keys {
			fmt.Fprintf(&b, "- fields: `%s`\n", strings.ReplaceAll(group, ", ", "`, `"))
		}
		for _, source := range r.sources {
			fmt.Fprintf(&b, "- <%s>\n", source)
		}
	}
	return b.Bytes()
}
