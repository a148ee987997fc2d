package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"reprise/capture/dialect"
	"reprise/capture/wording"
	"reprise/cmd/internal/help"
)

func vendorsVerb(s Streams) *cobra.Command {
	var asJSON bool
	var dialects dialectFlag
	cmd := help.Verb(help.Page{
		Use: "vendors", Short: "List the vendors whose webhooks are known",
		Long: `Lists the vendors in the order of their detection, and what of each is known: a signature that can be made and checked, requests
that fixtures synth can make up, receipts, the delays of its retries, and a sending API that sink can stand in for. With
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
	return cmd
}

// vendorLine says what of a vendor is known.
type vendorLine struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Signature, Synth, Receipts and SendAPI say whether there are such.
	Signature bool `json:"signature"`
	Synth     bool `json:"synth"`
	Receipts  bool `json:"receipts"`
	SendAPI   bool `json:"send_api"`
	// Retries is how often a failed delivery is made again.
	Retries int `json:"retries"`
}

func lineOf(v *dialect.Vendor) vendorLine {
	l := vendorLine{Name: v.Name, Title: v.Title, Signature: v.Scheme != nil, Synth: v.Maker != nil, SendAPI: v.SendAPI != nil, Retries: len(v.Retries.Delays)}
	l.Receipts = v.Maker != nil && v.Maker.Receipt != nil
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
		}{{l.Signature, "signature"}, {l.Synth, "synth"}, {l.Receipts, "receipts"}, {l.SendAPI, "sending API"}} {
			if p.there {
				parts = append(parts, p.name)
			}
		}
		if l.Retries > 0 {
			parts = append(parts, wording.CountOf(l.Retries, "retry", "retries"))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", l.Name, l.Title, strings.Join(parts, ", "))
	}
	return t.Flush()
}
