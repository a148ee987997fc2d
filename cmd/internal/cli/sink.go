package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reprise/capture/partial"
	"reprise/fixtures/sink"
)

// sinkOptions are the flags of the sink.
type sinkOptions struct {
	listen          string
	latency, jitter time.Duration
	errors          string
	verify          []string
	profiles        []string
	log             string
	force           bool
	seed            uint64
	asJSON, quiet   bool
}

func sinkVerb(s Streams) *cobra.Command {
	var o sinkOptions
	cmd := newVerb(page{
		use: "sink", short: "A webhook endpoint to aim at: answers, checks signatures, counts, logs",
		long: `Listens until it is interrupted and answers every request as a receiver would. The first line of stdout is the address
it listens on, so --listen 127.0.0.1:0 can be scripted; at the end it prints what it counted. With --verify, a signature is
checked against https://HOST + path, as the request's Host header and path say. --log writes one JSON line a request in
order of arrival; header names there are in their canonical case and sorted, as Go's HTTP server hands them over.`,
		examples: [2]string{
			"reprise sink --listen 127.0.0.1:9000 --latency 20ms --jitter 5ms --log sink.log",
			"reprise sink --listen 127.0.0.1:9000 --errors 0.5% --verify twilio=@token-file",
		},
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) })
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:9000", "`ADDRESS` to listen on")
	f.DurationVar(&o.latency, "latency", 0, "time from a request's arrival to its answer")
	f.DurationVar(&o.jitter, "jitter", 0, "spread the latency evenly over this much more and less")
	f.StringVar(&o.errors, "errors", "0%", "share of requests to answer with 500")
	f.StringArrayVar(&o.verify, "verify", nil, "check a vendor's signatures: `VENDOR=@FILE`, the file holding the token or key")
	f.StringArrayVar(&o.profiles, "verify-profile", nil,
		"check a vendor's signatures by another HMAC scheme: `VENDOR=PRESET|FILE` (standard-webhooks, svix, sinch, klaviyo, attentive, or JSON)")
	f.StringVar(&o.log, "log", "", "write one JSON line a request to `FILE`")
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.Uint64Var(&o.seed, "seed", 1, "chooses which requests fail or wait longer")
	f.BoolVar(&o.asJSON, "json", false, "print the counts as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print the address alone")
	return cmd
}

func (o *sinkOptions) run(ctx context.Context, s Streams) (err error) {
	share, err := parseShare(o.errors)
	if err != nil {
		return misuse("--errors: %v", err)
	}
	secrets, err := readSecrets("--verify", o.verify)
	if err != nil {
		return err
	}
	table, err := signingTable("--verify-profile", o.profiles)
	if err != nil {
		return err
	}
	var log io.Writer
	if o.log != "" {
		// The log is read while it grows, so it has its name from the start.
		f, err := partial.Direct(o.log, o.force)
		if err != nil {
			return outputError(err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		log = f
	}
	k, err := sink.New(sink.Options{
		Latency: o.latency, Jitter: o.jitter, Errors: share, Verify: secrets, Table: table, Log: log, Seed: o.seed,
	})
	if err != nil {
		return misuse("%v", err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "http://%s\n", l.Addr())
	err = k.Serve(ctx, l) // an interrupt is how a sink ends: it is no failure
	if o.quiet {
		return err
	}
	return errors.Join(err, o.print(s.Out, k.Summary()))
}

func (o *sinkOptions) print(w io.Writer, sum sink.Summary) error {
	if o.asJSON {
		return printJSON(w, sum)
	}
	_, err := fmt.Fprintf(w, "%s in %v: signatures %d held, %d failed, %d not checked; status %s\n", plural(sum.Requests, "request"),
		sum.Duration.Round(time.Millisecond), sum.Verified, sum.Failed, sum.Unchecked, countList(sum.Status))
	return err
}

// parseShare reads "0.5%" or "0.005".
func parseShare(s string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no share: write 0.5%% or 0.005", s)
	}
	if percent {
		v /= 100
	}
	if !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("%q is not between 0%% and 100%%", s)
	}
	return v, nil
}
