package cli

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"reprise/capture"
	"reprise/capture/corpus"
)

// inspection is what inspect says of a corpus; the names are relied on.
type inspection struct {
	Records  int64            `json:"records"`
	First    *time.Time       `json:"first"`
	Last     *time.Time       `json:"last"`
	Duration time.Duration    `json:"duration_ns"`
	Kinds    map[string]int64 `json:"kinds"`
	Vendors  map[string]int64 `json:"vendors"`
	Senders  int              `json:"senders"`
	Bytes    int64            `json:"bytes"`
	Blocks   int64            `json:"blocks"`
	State    corpus.State     `json:"state"`
	// Unaudited says that the corpus was to be an anonymized one, and that no audit of it has passed.
	Unaudited      bool   `json:"unaudited,omitempty"`
	Policy         string `json:"policy"`
	KeyFingerprint string `json:"key_fingerprint"`
	// PathRule is the version of the rule by which paths were anonymized: 0 where they were not, or by an older program.
	PathRule      int `json:"path_rule"`
	DamagedBlocks int `json:"damaged_blocks"`
	// HostsIncomplete says that some captured host may be missing from the list, so that every host counts as captured.
	HostsIncomplete bool         `json:"hosts_incomplete,omitempty"`
	Curve           []curvePoint `json:"curve,omitempty"`
	// ContentHash names the records: what is sent and when, however the file is written.
	ContentHash string `json:"content_hash"`
	// Extensions are the names of what a later version has added to the file and this one passes over.
	Extensions []string `json:"extensions,omitempty"`
}

// curvePoint counts the records of one stretch of time.
type curvePoint struct {
	Time  time.Time `json:"time"`
	Count int64     `json:"count"`
}

func inspectVerb(s Streams) *cobra.Command {
	var asJSON, verify bool
	var step time.Duration
	cmd := newVerb(page{
		use: "inspect FILE", short: "Say what a corpus or a run file holds",
		long: `Reads a corpus once and counts its records, kinds, vendors and senders, or sums up a run file.
An unfinished file (NAME.partial) is read as far as it goes.`,
		examples: [2]string{"reprise inspect friday.rpz", "reprise inspect friday.rpz --json --curve 1m"},
		codes:    []exitCode{exitDamaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if isRun, err := isRunFile(args[0]); err != nil {
			return err
		} else if isRun {
			return inspectRun(cmd.Context(), s, args[0], asJSON)
		}
		r, closer, err := openCorpus(args[0], s)
		if err != nil {
			return err
		}
		defer closer.Close()
		in, err := inspectCorpus(cmd.Context(), r, step)
		if err != nil {
			return err
		}
		if asJSON {
			err = printJSON(s.Out, in)
		} else {
			err = in.print(s.Out)
		}
		sayOldPaths(s.Err, args[0], r.Header())
		if err == nil && verify && in.DamagedBlocks == 0 {
			fmt.Fprintf(s.Err, "verified: every block of %s is whole\n", args[0])
		}
		return errors.Join(err, sayDamage(s.Err, args[0], r.Damage()))
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&verify, "verify", false, "say so when every checksum holds")
	cmd.Flags().DurationVar(&step, "curve", 0, "count the records of each stretch of this `DURATION`")
	return cmd
}

func inspectCorpus(ctx context.Context, r *corpus.Reader, step time.Duration) (*inspection, error) {
	h := r.Header()
	in := &inspection{State: h.State, Unaudited: h.Unaudited, Policy: h.Policy, KeyFingerprint: h.KeyFingerprint, PathRule: h.PathRule, Kinds: map[string]int64{}, Vendors: map[string]int64{}}
	if step < 0 {
		return nil, misuse("--curve: %v is no stretch of time", step)
	}
	people := newCensus()
	_, err := capture.Copy(ctx, sinkFunc(func(rec *capture.Record) error {
		in.count(rec, step)
		if rec.Kind != capture.Other {
			people.add(rec)
		}
		return nil
	}), r)
	in.Senders = people.size()
	in.ContentHash, _ = r.Hash()
	in.Extensions = r.Extensions()
	in.Bytes, in.Blocks, in.HostsIncomplete = r.Bytes(), r.Blocks(), !r.Hosts().Complete()
	for _, d := range r.Damage() {
		if d.Block {
			in.DamagedBlocks++
		}
	}
	return in, err
}

func (in *inspection) count(r *capture.Record, step time.Duration) {
	t := r.Time.UTC()
	if in.First == nil {
		first := t
		in.First = &first
	}
	last := t
	in.Last = &last
	in.Duration = last.Sub(*in.First)
	in.Records++
	in.Kinds[r.Kind.String()]++
	vendor := r.Vendor
	if vendor == "" {
		vendor = "unknown"
	}
	in.Vendors[vendor]++
	if step == 0 {
		return
	}
	for at := t.Truncate(step); ; {
		n := len(in.Curve)
		if n > 0 && in.Curve[n-1].Time.Equal(at) {
			in.Curve[n-1].Count++
			return
		}
		next := at
		if n > 0 {
			next = in.Curve[n-1].Time.Add(step)
		}
		in.Curve = append(in.Curve, curvePoint{Time: next})
	}
}

func (in *inspection) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "state\t%s\n", in.State)
	if in.Unaudited {
		fmt.Fprintf(t, "audit\tno audit has passed: it may hold real people's numbers\n")
	}
	if in.Policy != "" {
		fmt.Fprintf(t, "policy\t%s (key %s)\n", shown(in.Policy), shown(in.KeyFingerprint))
	}
	fmt.Fprintf(t, "records\t%d\n", in.Records)
	if in.First != nil {
		fmt.Fprintf(t, "first\t%s\nlast\t%s\n", in.First.Format(time.RFC3339Nano), in.Last.Format(time.RFC3339Nano))
		fmt.Fprintf(t, "duration\t%v\n", in.Duration)
	}
	fmt.Fprintf(t, "senders\t%d\nbytes\t%d in %s\n", in.Senders, in.Bytes, plural(int64(in.Blocks), "block"))
	for _, k := range capture.Kinds() {
		if n := in.Kinds[k.String()]; n > 0 {
			fmt.Fprintf(t, "kind %v\t%d\n", k, n)
		}
	}
	for _, v := range slices.Sorted(maps.Keys(in.Vendors)) {
		fmt.Fprintf(t, "vendor %s\t%d\n", shown(v), in.Vendors[v])
	}
	for _, p := range in.Curve {
		fmt.Fprintf(t, "%s\t%d\n", p.Time.Format(time.RFC3339), p.Count)
	}
	if len(in.Extensions) > 0 {
		fmt.Fprintf(t, "passed over\tof a newer reprise: %s\n", strings.Join(in.Extensions, ", "))
	}
	if in.HostsIncomplete {
		fmt.Fprintf(t, "captured hosts\tnot all known: every host but this machine counts as one\n")
	}
	if in.DamagedBlocks > 0 {
		fmt.Fprintf(t, "damaged\t%s\n", plural(int64(in.DamagedBlocks), "block"))
	}
	return t.Flush()
}

// census counts distinct people in 8 bytes each and some: by a hash, so no number is kept.
type census struct {
	seed maphash.Seed
	seen map[uint64]struct{}
}

func newCensus() *census { return &census{seed: maphash.MakeSeed(), seen: make(map[uint64]struct{})} }

// add counts the person of a record: who wrote a message, or who was to receive one that a receipt is about.
func (c *census) add(r *capture.Record) {
	if number := r.Person(); number != "" {
		c.seen[maphash.String(c.seed, number)] = struct{}{}
	}
}

func (c *census) size() int { return len(c.seen) }
