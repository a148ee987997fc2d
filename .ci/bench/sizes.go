package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// sized is a corpus whose size is measured.
type sized struct {
	name  string
	of    string // anonymized: the corpus that it is made of
	make  func(ctx context.Context, file string) error
	reach string // what it is to come to
	holds func(s *size) bool
}

// sizedCorpora lists them, each behind what it is made of.
func (b *bench) sizedCorpora() []sized {
	share := func(most float64) func(s *size) bool {
		return func(s *size) bool { return s.Zstd19 > 0 && s.share() <= most }
	}
	record := func(most float64) func(s *size) bool {
		return func(s *size) bool { return s.perRecord() <= most }
	}
	all := []sized{
		{name: "twilio-raw", make: b.twilioCorpus, reach: "72 B a record", holds: record(72)},
		{name: "twilio-anonymized", of: "twilio-raw", reach: "52 B a record", holds: record(52)},
		{name: "bfcm2022", make: b.bfcmCorpus, reach: "46 B a record (130 MB)", holds: record(46)},
		{name: "recording-raw", make: b.recordingCorpus, reach: "0.7 of zstd -19", holds: share(0.7)},
		{name: "recording-anonymized", of: "recording-raw", reach: "0.7 of zstd -19", holds: share(0.7)},
		{name: "unknown-json", make: b.unknownCorpus, reach: "0.7 of zstd -19", holds: share(0.7)},
	}
	for i := range all {
		if of := all[i].of; of != "" {
			all[i].make = func(ctx context.Context, file string) error {
				return b.must(ctx, b.reprise, "anonymize", b.path(of+".rpz"), "-o", file, "--quiet")
			}
		}
	}
	return all
}

// needed says whether -only asks for a corpus, or for one that is made of it.
func (b *bench) needed(all []sized, c *sized) bool {
	return b.wants(c.name) || slices.ContainsFunc(all, func(other sized) bool { return other.of == c.name && b.wants(other.name) })
}

// size is what one corpus came to. What is 0 is not known.
type size struct {
	Corpus  string  `json:"corpus"`
	Records int64   `json:"records"`
	Written int64   `json:"bytes"`          // of the file as its verb wrote it
	Packed  int64   `json:"bytes_packed"`   // of what merge made of it alone
	Sample  int64   `json:"sample_records"` // whose lines zstd packed
	Lines   int64   `json:"sample_ndjson"`  // bytes of them
	Zstd3   int64   `json:"sample_zstd3"`
	Zstd19  int64   `json:"sample_zstd19"`
	Pack    float64 `json:"pack_per_second"` // records, by the CPU time of merge: it reads, then writes
	codecFigures
	reach   string
	reached bool
}

// best is the smaller of the two files.
func (s *size) best() int64 {
	if s.Packed > 0 {
		return min(s.Written, s.Packed)
	}
	return s.Written
}

func (s *size) perRecord() float64 { return float64(s.best()) / float64(max(s.Records, 1)) }

// share is what a record takes beside zstd -19 of the lines that cat prints.
func (s *size) share() float64 {
	if s.Zstd19 == 0 {
		return 0
	}
	return s.perRecord() * float64(s.Sample) / float64(s.Zstd19)
}

// sizesJSON is what -json prints.
type sizesJSON struct {
	Sizes []*size      `json:"sizes"`
	Seek  *seekFigures `json:"seek,omitempty"`
}

// measureSizes writes corpora of six kinds, packs each, and compares them with zstd of the lines that cat prints.
func measureSizes(ctx context.Context, b *bench) error {
	all, err := b.eachCorpus(ctx, true)
	if err != nil {
		return err
	}
	if all == nil {
		return errors.New("-only names no corpus of sizes")
	}
	t := sizesTable(all)
	if err := b.publish("sizes", sizesSummary(all), figureTable{b.sizesAbout(), t.head, t.rows}); err != nil {
		return err
	}
	if b.json {
		return json.NewEncoder(b.out).Encode(sizesJSON{Sizes: all})
	}
	b.title("Sizes", b.sizesAbout())
	fmt.Fprint(b.out, t.String())
	return nil
}

// sizesSummary says what a record of Twilio takes.
func sizesSummary(all []*size) [][2]string {
	var bytes, shares []string
	for _, s := range all {
		if s.Corpus == "twilio-raw" || s.Corpus == "twilio-anonymized" {
			bytes = append(bytes, fmt.Sprintf("%.1f", s.perRecord()))
			shares = append(shares, ratio(s.share(), 1))
		}
	}
	if len(bytes) < 2 {
		return nil
	}
	return [][2]string{{"bytes of Twilio's requests (795) in a corpus, raw and anonymized", strings.Join(bytes, " and ") + "; by zstd -19's " + strings.Join(shares, " and ")}}
}

// measureSpeeds writes the same corpora, reads them, and goes to places in a large one.
func measureSpeeds(ctx context.Context, b *bench) error {
	var shown sizesJSON
	var err error
	if shown.Sizes, err = b.eachCorpus(ctx, false); err != nil {
		return err
	}
	speeds := speedsTable(shown.Sizes)
	tables := []figureTable{{speedsAbout, speeds.head, speeds.rows}}
	if b.wants("seek") {
		if shown.Seek, err = b.measureSeek(ctx); err != nil {
			return fmt.Errorf("seek: %w", err)
		}
		t := shown.Seek.table()
		tables = append(tables, figureTable{seekAbout, t.head, t.rows})
	}
	if shown.Sizes == nil && shown.Seek == nil {
		return errors.New("-only names no corpus of speeds")
	}
	if err := b.publish("speeds", nil, tables...); err != nil {
		return err
	}
	if b.json {
		return json.NewEncoder(b.out).Encode(shown)
	}
	for _, t := range tables {
		shown := table{head: t.Head, rows: t.Rows}
		b.title("Speeds", t.About)
		fmt.Fprint(b.out, shown.String())
	}
	return nil
}

// eachCorpus makes the corpora that are wanted and measures them, with zstd beside them or without.
func (b *bench) eachCorpus(ctx context.Context, zstd bool) (all []*size, err error) {
	corpora := b.sizedCorpora()
	for i := range corpora {
		c := &corpora[i]
		if !b.needed(corpora, c) {
			continue
		}
		b.say("making %s", c.name)
		file := b.path(c.name + ".rpz")
		if err := c.make(ctx, file); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		if !b.wants(c.name) {
			continue
		}
		s, err := b.sizeOf(ctx, c.name, file, zstd)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		s.reach, s.reached = c.reach, c.holds(s)
		all = append(all, s)
	}
	return all, nil
}

const sizesAbout = "Bytes a record: of all records in rows and in columns, of the file as its verb wrote it, of what `reprise merge` of it alone made, and of " +
	"zstd (the C program, %s) with levels 3 and 19 over the lines that `reprise cat` prints of at most %s records. The ratios, and what is to be reached, are of the " +
	"smallest file. What merge made prints the same lines."

const speedsAbout = "Records a second of CPU time in one thread, in rows and in columns: writing them, reading them, and reading each and writing it down as the " +
	"request that replay sends with --keep-ids. The ratio is of columns to rows. Then `merge` of the corpus alone into columns, which reads and writes, from the start of the process to its end."

func (b *bench) sizesAbout() string {
	return fmt.Sprintf(sizesAbout, zstdVersion(), thousands(int64(b.sampleRecords())))
}

func sizesTable(all []*size) table {
	t := table{head: []string{"corpus", "records", "rows", "columns", "written", "packed", "zstd -3", "zstd -19", "÷ zstd -3", "÷ zstd -19", "to reach", "reached"}}
	for _, s := range all {
		each := func(bytes, records int64) string {
			if bytes == 0 {
				return "–"
			}
			return fmt.Sprintf("%.1f", float64(bytes)/float64(max(records, 1)))
		}
		t.add(s.Corpus, thousands(s.Records), each(s.InRows.Bytes, s.Records), each(s.InColumns.Bytes, s.Records), each(s.Written, s.Records), each(s.Packed, s.Records),
			each(s.Zstd3, s.Sample), each(s.Zstd19, s.Sample), ratio(s.perRecord()*float64(s.Sample), float64(s.Zstd3)), ratio(s.share(), 1),
			s.reach, choose(s.reached, "yes", "no"))
	}
	return t
}

func speedsTable(all []*size) table {
	t := table{head: []string{"corpus", "write: rows", "columns", "ratio", "read: rows", "columns", "ratio", "to a request: rows", "columns", "ratio", "merge"}}
	for _, s := range all {
		row := []string{s.Corpus}
		for _, of := range []func(*codecSpeeds) float64{
			func(c *codecSpeeds) float64 { return c.Write },
			func(c *codecSpeeds) float64 { return c.Read },
			func(c *codecSpeeds) float64 { return c.Send },
		} {
			rows, columns := of(&s.InRows), of(&s.InColumns)
			row = append(row, speed(rows), speed(columns), ratio(columns, rows))
		}
		t.add(append(row, speed(s.Pack))...)
	}
	return t
}

// speed says how many millions of records a second.
func speed(perSecond float64) string {
	if perSecond == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f M/s", perSecond/1e6)
}
