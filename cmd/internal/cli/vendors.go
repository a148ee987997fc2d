package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"reprise/capture/dialect"
	"reprise/capture/dialect/profile"
	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
)

func vendorsVerb(s Streams) *cobra.Command {
	var asJSON bool
	var dialects dialectFlag
	cmd := help.Verb(help.Page{
		Use: "vendors", Short: "List the vendors whose webhooks are known",
		Long: `Lists the vendors in the order of their detection, and what of each is known: a signature that can be made and checked, requests
that fixtures synth can make up, with receipts or without, the delays of its retries, a sending API that sink can stand in for, and exports of messages or webhooks that capture reads. With
--dialect, a vendor of your own is checked and listed in front.`,
		Examples: [2]string{"reprise vendors", "reprise vendors --dialect acme.yaml"},
	}, cobra.NoArgs, func(*cobra.Command, []string) error {
		table, err := dialects.table()
		if err != nil {
			return err
		}
		var known []vendorLine
		for _, v := range table.All() {
			known = append(known, lineOf(v))
		}
		if asJSON {
			return printJSON(s.Out, known)
		}
		return printVendors(s.Out, known)
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	dialects.add(cmd.Flags())
	cmd.AddCommand(learnVerb(s))
	return cmd
}

func learnVerb(s Streams) *cobra.Command {
	var name string
	cmd := help.Verb(help.Page{
		Use: "learn SAMPLE.rpz", Short: "Propose a profile of a vendor that is not known",
		Long: `Looks at those records of a corpus that no vendor knows, up to 10,000, and prints a profile to begin with: which fields look like
numbers, ids, texts and times, and how often each is there. It is guessed: review it, then check it with reprise vendors --dialect.`,
		Examples: [2]string{"reprise vendors learn friday.rpz > acme.yaml", "reprise vendors learn friday.rpz --vendor acme > acme.yaml"},
		Codes:    []exit.Code{exit.Damaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		r, closer, err := inputs.Corpus(cmd.Context(), args[0], s.In)
		if err != nil {
			return err
		}
		defer closer.Close()
		text, err := profile.Learn(cmd.Context(), r, name)
		switch {
		case errors.Is(err, profile.ErrNothingToLearn):
			err = inputs.Unreadable(s.Err, args[0], r.Damage(), err, err)
			return exit.Hint(err, "capture the requests first: reprise capture logs, without --vendor; reprise inspect says whose they are")
		case errors.As(err, new(*profile.Error)):
			return exit.Misuse("--name: %w", err)
		case err != nil:
			return err
		}
		if _, err := io.WriteString(s.Out, text); err != nil {
			return err
		}
		return inputs.SayDamage(s.Err, args[0], r.Damage())
	})
	cmd.Flags().StringVar(&name, "vendor", "mine", "the vendor's `NAME` in the profile")
	return cmd
}

// vendorLine says what of a vendor is known.
type vendorLine struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Signature, Synth, Receipts and SendAPI say whether there are such.
	Signature bool `json:"signature"`
	Synth     bool `json:"synth"`
	Receipts  bool `json:"synth_receipts"`
	SendAPI   bool `json:"send_api"`
	// Retries is how often a failed delivery is made again.
	Retries int `json:"retries"`
	// Exports are the names of what capture reads of its exports.
	Exports []string `json:"exports"`
}

func lineOf(v *dialect.Vendor) vendorLine {
	l := vendorLine{Name: v.Name, Title: v.Title, Signature: v.Scheme != nil, Synth: v.Maker != nil, SendAPI: v.SendAPI != nil, Retries: len(v.Retries.Delays)}
	l.Receipts = v.Maker != nil && v.Maker.Receipt != nil
	l.Exports = []string{}
	for _, e := range v.Exports {
		l.Exports = append(l.Exports, e.Name)
	}
	return l
}

func printVendors(w io.Writer, known []vendorLine) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "vendor\tcalled\tknown")
	for _, l := range known {
		var parts []string
		for _, p := range []struct {
			there bool
			name  string
		}{{l.Signature, "signature"}, {l.Synth && !l.Receipts, "synth"}, {l.Receipts, "synth with receipts"}, {l.SendAPI, "sending API"}} {
			if p.there {
				parts = append(parts, p.name)
			}
		}
		if l.Retries > 0 {
			parts = append(parts, wording.CountOf(l.Retries, "retry", "retries"))
		}
		if n := len(l.Exports); n > 0 {
			parts = append(parts, wording.Count(n, "export"))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", l.Name, l.Title, strings.Join(parts, ", "))
	}
	return t.Flush()
}
