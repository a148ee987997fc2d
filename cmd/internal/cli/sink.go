package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/ingest"
	"reprise/capture/output"
	"reprise/capture/sms"
	"reprise/capture/yamldoc"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/signing"
	"reprise/fixtures/report"
	"reprise/fixtures/sink"
	"reprise/replay/results"
)

// profileExample is part of the sink's help.
const profileExample = `A --profile file says all of that, and more, for every kind or for some (what a kind does not say is as in default):
  default:
    latency: {p50: 20ms, p99: 200ms}         # log-normal; or 20ms, {constant: 20ms, jitter: 5ms}, {median: 20ms, sigma: 0.9}
    errors: {503: 0.5%, 429: 1%, reset: 0.1%, never: 0.1%}
    stall: {every: 30s, for: 2s}             # every answer that is due then waits for its end
    queue: {servers: 8, limit: 100, full: 429}   # first in, first out; without a limit everyone waits
    service: 8ms                             # time that a server of the queue takes, written as a latency is
  kinds:
    custom_keyword: {service: {p50: 40ms, p99: 400ms}}   # in the same queue; with --keywords
    help: {queue: none, errors: none}
`

// sinkOptions are the flags of the sink.
type sinkOptions struct {
	listen          string
	latency, jitter time.Duration
	errors          string
	latencyOf       []string
	work            time.Duration
	workOf          []string
	workers         int
	completions     string
	keywords        []string
	verify          []string
	profiles        []string
	profile         string
	tls             tlsFlags
	replies         replyFlags
	log, metrics    string
	force           bool
	seed            uint64
	connections     int
	asJSON, quiet   bool
}

func sinkVerb(s Streams) *cobra.Command {
	var o sinkOptions
	cmd := help.Verb(help.Page{
		Use: "sink", Short: "A webhook endpoint to aim at: answers, checks signatures, counts, logs",
		Long: `Listens until it is interrupted and answers every request as a receiver would. The first line of stdout is the address
it listens on, so --listen 127.0.0.1:0 can be scripted; at the end it prints what it counted. With --verify, a signature is
checked against https://HOST + path, as the request's Host header and path say. --log writes one JSON line a request in
order of arrival, headers as they were sent; those of HTTP/2 are in their canonical case and sorted. A request's head has to
come within 10 s and its body within 30 s; --max-connections says how many may be open, and clients that are slow make room first.
--completions makes it a receiver that works on after it has answered, in a queue that --workers empty, and writes one line
for each request whose work is done, which replay, report and compare read.

With --send-api it stands in for the vendors' sending API: a platform under test whose base URL for one of
them is that address (printed on the second line) sends its replies there, as
` + report.SendingRequests(all.Table()) + `;
GET of what they made works too. Each request needs an Authorization header, any: without one it is answered 401.
Each reply is matched to the oldest message of that person to that number through that vendor that has no reply yet (sent by a
Messaging Service: to any number), and --completions gets its line. Messages of other vendors wait for none, and are counted:
replay with --vendors ` + strings.Join(all.Table().Sending().Names(), ",") + `, or they are among those never completed.
What arrived the sink knows by --forward, where it stands in front of the platform and passes everything on, or by --inbound,
the corpus that is replayed to the platform directly, whole and with its own people: no --volume, --loop, --senders,
--recipients, and in place of --kinds, --from, --to, --limit and --sample a corpus that reprise cat or fixtures sample made of
it, for both. With --inbound the sink does not know what was sent yet: a platform that replies to a message twice, or to kinds
that --replies-to leaves out, has the second taken for a later message's. Replay, report and compare count completions that
come before their request, where both ran on one Linux machine or --completions-offset is given. The corpus' numbers are
compared and never written, so that a raw one may be given too.

` + profileExample + signing.KeyHelp(all.Table(), "--verify-profile"),
		Examples: [2]string{
			"reprise sink --listen 127.0.0.1:9000 --latency 20ms --jitter 5ms --log sink.log",
			"reprise sink --listen 127.0.0.1:9443 --tls --tls-ca-out ca.pem --profile slow.yaml --keywords VIP,SALE --verify twilio=@token-file",
		},
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) })
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:9000", "`ADDRESS` to listen on")
	f.DurationVar(&o.latency, "latency", 0, "time from a request's arrival to its answer")
	f.DurationVar(&o.jitter, "jitter", 0, "spread the latency evenly over this much more and less")
	f.StringArrayVar(&o.latencyOf, "latency-of", nil, "latency of one kind of message, `KIND=DURATION`, in place of --latency")
	f.DurationVar(&o.work, "work", 0, "time that the work after each answer takes, for --completions")
	f.StringArrayVar(&o.workOf, "work-of", nil, "time of the work for one kind of message, `KIND=DURATION`")
	f.IntVar(&o.workers, "workers", 4, "`N` requests are worked on at once, the others wait in a queue")
	f.StringVar(&o.completions, "completions", "", "write one JSON line to `FILE` for each request whose work is done")
	outputs.Declare(f, "completions", outputs.Growing)
	f.StringSliceVar(&o.keywords, "keywords", nil, "the brand's own keyword `WORDS`: messages of kind custom_keyword, of which there are none without")
	f.StringVar(&o.errors, "errors", "0%", "`SHARE` of requests to answer with 500")
	f.StringArrayVar(&o.verify, "verify", nil, "check a vendor's signatures: `VENDOR=@FILE`, the file holding the token or key")
	f.StringArrayVar(&o.profiles, "verify-profile", nil,
		"check a vendor's signatures by another HMAC scheme: `VENDOR=PRESET|FILE` (standard-webhooks, svix, sinch, klaviyo, attentive, or JSON)")
	f.StringVar(&o.profile, "profile", "", "read latencies, queues, stalls and errors from this YAML `FILE`, in place of --latency, --jitter, --latency-of, --errors")
	f.IntVar(&o.connections, "max-connections", sink.DefaultConnections,
		"have `N` connections open at once: a further one takes the place of the one that has sent no whole request for longest")
	o.tls.add(f)
	o.replies.add(f)
	f.StringVar(&o.log, "log", "", "write one JSON line a request to `FILE`")
	outputs.Declare(f, "log", outputs.Growing)
	f.StringVar(&o.metrics, "metrics", "", "serve Prometheus metrics at this `ADDRESS`, such as 127.0.0.1:9465 (printed after those above it)")
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.Uint64Var(&o.seed, "seed", 1, "chooses which requests fail or wait longer")
	f.BoolVar(&o.asJSON, "json", false, "print the counts as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print the address alone")
	return cmd
}

func (o *sinkOptions) run(ctx context.Context, s Streams) (err error) {
	if o.connections < 1 {
		return exit.Misuse("--max-connections is too small")
	}
	share, err := yamldoc.ParseShare(o.errors)
	if err != nil {
		return exit.Misuse("--errors: %v", err)
	}
	secrets, table, err := signing.Read(ctx, signing.ToVerify(o.verify, o.profiles))
	if err != nil {
		return err
	}
	if !o.quiet {
		signing.SayReadable(s.Err, "sink", signing.ToVerify(o.verify, nil))
	}
	kinds, err := o.kinds(share)
	if err != nil {
		return err
	}
	done, closeDone, err := o.output(s, o.completions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDone()) }()
	if o.replies.sendAPI == "" {
		kinds.Work.Done = done
	}
	if err := o.replies.options(&kinds, done); err != nil {
		return err
	}
	log, closeLog, err := o.output(s, o.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	kinds.Verify, kinds.Table, kinds.Log, kinds.Seed, kinds.Metrics, kinds.Clock, kinds.Connections = secrets, table, log, o.seed, o.metrics != "", results.ThisClock(), o.connections
	k, err := sink.New(kinds)
	if err != nil {
		return exit.Misuse("%s", strings.TrimPrefix(err.Error(), "sink: ")) // the verb's name comes before it anyway
	}
	if err := o.replies.expect(ctx, s.Err, k); err != nil {
		return err
	}
	err = o.serve(ctx, s, k)
	if o.quiet {
		return err
	}
	return errors.Join(err, o.print(s.Out, k.Summary(), &kinds))
}

// output opens a file that is read while it grows, so that it has its name from the start; none for "".
func (o *sinkOptions) output(s Streams, name string) (w io.Writer, end func() error, err error) {
	switch name {
	case "":
		return nil, func() error { return nil }, nil
	case "-":
		return s.Out, func() error { return nil }, nil
	}
	f, err := output.Direct(name, o.force)
	if err != nil {
		return nil, nil, outputs.Explain(err)
	}
	return f, f.Close, nil
}

// serve answers until ctx ends: an interrupt is how a sink ends, and no failure. The first lines of stdout are the addresses.
func (o *sinkOptions) serve(ctx context.Context, s Streams, k *sink.Sink) error {
	config, err := o.tls.config(s, o.force)
	if err != nil {
		return err
	}
	err = k.ListenAndServe(ctx, sink.Addresses{
		Sink: o.listen, TLS: config, SendAPI: o.replies.sendAPI, Ready: func(url, sendAPI string) (func() error, error) {
			lines := url + "\n"
			if sendAPI != "" {
				lines += "send API: " + sendAPI + "\n"
			}
			if _, err := io.WriteString(s.Out, lines); err != nil {
				return nil, fmt.Errorf("print the address: %w", err) // nobody could find it
			}
			return serveMetrics(ctx, s.Out, k, o.metrics)
		},
	})
	if errors.Is(err, sink.ErrSendAPI) {
		return fmt.Errorf("--send-api: %w", err)
	}
	return err
}

// kinds is what differs by kind of message.
func (o *sinkOptions) kinds(share float64) (sink.Options, error) {
	words, err := ingest.ReadKeywords(o.keywords, "")
	if err != nil {
		return sink.Options{}, err
	}
	c, err := sms.NewClassifier(sms.Options{Keywords: words})
	if err != nil {
		return sink.Options{}, exit.Misuse("--keywords: %v", err)
	}
	latency, err := parseKindTimes("--latency-of", o.latencyOf)
	if err != nil {
		return sink.Options{}, err
	}
	work, err := parseKindTimes("--work-of", o.workOf)
	if err != nil {
		return sink.Options{}, err
	}
	if o.completions == "" && (o.work > 0 || len(work) > 0) {
		return sink.Options{}, exit.Misuse("--work is told of in a file: give --completions")
	}
	if o.replies.forward != "" || o.replies.sendAPI != "" {
		if o.work > 0 || len(work) > 0 {
			return sink.Options{}, exit.Misuse("--work plays a receiver of its own: leave it out with --forward and --send-api, where the platform does the work")
		}
	}
	if o.replies.forward != "" && (o.profile != "" || o.latency > 0 || o.jitter > 0 || share > 0 || len(latency) > 0) {
		return sink.Options{}, exit.Misuse("--forward passes on the platform's own answers: leave out --latency, --jitter, --latency-of, --errors and --profile")
	}
	usual, kinds, err := o.readProfiles(share, latency)
	if err != nil {
		return sink.Options{}, err
	}
	all := sink.Options{
		Profile: usual, Kinds: kinds, Classifier: c, Work: sink.Work{Time: o.work, KindTime: work, Servers: o.workers},
	}
	return all, o.needsKeywords(&all)
}

// needsKeywords refuses settings of the brand's own keywords where nobody says which words those are: no message would be of
// that kind.
func (o *sinkOptions) needsKeywords(k *sink.Options) error {
	if len(o.keywords) > 0 {
		return nil
	}
	of := ""
	if _, ok := k.Kinds[capture.CustomKeyword]; ok {
		of = "--latency-of"
		if o.profile != "" {
			of = "--profile " + o.profile
		}
	}
	if _, ok := k.Work.KindTime[capture.CustomKeyword]; ok {
		of = "--work-of"
	}
	if o.replies.forward != "" && slices.Contains(o.replies.to, capture.CustomKeyword.String()) {
		of = "--replies-to"
	}
	if of == "" {
		return nil
	}
	return exit.Hint(exit.Misuse("%s: custom_keyword is of no message, as the brand's own keywords are not known", of),
		"say them: --keywords VIP,SALE")
}

// readProfiles takes the profiles from --profile or from the flags for it.
func (o *sinkOptions) readProfiles(share float64, latency map[capture.Kind]time.Duration) (sink.Profile, map[capture.Kind]sink.Profile, error) {
	simple := sink.Profile{Latency: sink.Spread{Base: o.latency, Jitter: o.jitter}}
	if o.profile != "" {
		if simple.Latency != (sink.Spread{}) || share > 0 || len(latency) > 0 {
			return simple, nil, exit.Misuse("--profile stands in place of --latency, --jitter, --latency-of and --errors: say all of it there")
		}
		text, err := yamldoc.ReadFile(o.profile)
		if err != nil {
			return simple, nil, exit.Misuse("--profile: %v", err)
		}
		usual, kinds, err := sink.ParseProfiles(text)
		if err != nil {
			return simple, nil, exit.Misuse("--profile %s: %v", o.profile, err)
		}
		return usual, kinds, nil
	}
	if share > 0 {
		simple.Errors.Status = map[int]float64{http.StatusInternalServerError: share}
	}
	kinds := make(map[capture.Kind]sink.Profile)
	for kind, d := range latency {
		p := simple
		p.Latency.Base = d
		kinds[kind] = p
	}
	return simple, kinds, nil
}

// parseKindTimes reads KIND=DURATION.
func parseKindTimes(flag string, values []string) (map[capture.Kind]time.Duration, error) {
	out := make(map[capture.Kind]time.Duration)
	for _, v := range values {
		name, length, ok := strings.Cut(v, "=")
		kind, kindErr := capture.ParseKind(name)
		d, err := time.ParseDuration(length)
		if !ok || kindErr != nil || err != nil || d < 0 {
			return nil, exit.Misuse("%s: %q is not like reaction=10ms; the kinds are %s", flag, v, kindList())
		}
		out[kind] = d
	}
	return out, nil
}

func (o *sinkOptions) print(w io.Writer, sum sink.Summary, with *sink.Options) error {
	if o.asJSON {
		return printJSON(w, sum)
	}
	return report.Received(w, &sum, with)
}
