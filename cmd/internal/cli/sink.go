package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"reprise/capture"
	"reprise/capture/dialect/all"
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

// sinkOptions are the flags of the sink.
type sinkOptions struct {
	with   sink.Options
	simple sink.Simple
	at     sink.Addresses

	errors            string
	latencyOf, workOf []string
	keywords          []string
	verify, profiles  []string
	behaviour         string
	dialects          dialectFlag
	completions, log  string
	tls               tlsFlags
	replies           replyFlags

	force, asJSON, quiet bool
	// workers says that --workers was given.
	workers bool
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

A --behaviour file says all of that, and more, for every kind or for some: queues that saturate, stalls, errors by status, CPU that
requests share, a race of requests of one person, a consumer for one kind, a cold cache, a leak. reprise template behaviour prints
one that shows them all.`,
		Files: signing.KeyHelp(all.Table(), "--verify-profile"),
		Examples: [2]string{
			"reprise sink --listen 127.0.0.1:9000 --latency 20ms --jitter 5ms --log sink.log",
			"reprise sink --listen 127.0.0.1:9443 --tls --tls-ca-out ca.pem --behaviour slow.yaml --keywords VIP,SALE --verify twilio=@token-file",
		},
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		o.workers = cmd.Flags().Changed("workers")
		return o.run(cmd.Context(), s)
	})
	f := cmd.Flags()
	f.StringVar(&o.at.Sink, "listen", "127.0.0.1:9000", "`ADDRESS` to listen on")
	f.DurationVar(&o.simple.Latency, "latency", 0, "time from a request's arrival to its answer")
	f.DurationVar(&o.simple.Jitter, "jitter", 0, "spread the latency evenly over this much more and less")
	f.StringArrayVar(&o.latencyOf, "latency-of", nil, "latency of one kind of message, `KIND=DURATION`, in place of --latency")
	f.DurationVar(&o.simple.Work, "work", 0, "time that the work after each answer takes, for --completions")
	f.StringArrayVar(&o.workOf, "work-of", nil, "time of the work for one kind of message, `KIND=DURATION`")
	f.IntVar(&o.simple.Workers, "workers", 4, "the work of `N` requests (--work) is done at once, that of the others waits in a queue")
	f.StringVar(&o.completions, "completions", "", "write one JSON line to `FILE` for each request whose work is done")
	outputs.Declare(f, "completions", outputs.Growing)
	f.StringSliceVar(&o.keywords, "keywords", nil, "the brand's own keyword `WORDS`: messages of kind custom_keyword, of which there are none without")
	f.StringVar(&o.errors, "errors", "0%", "`SHARE` of requests to answer with 500")
	f.StringArrayVar(&o.verify, "verify", nil, "check a vendor's signatures: "+signing.KeyForm("any of them may hold"))
	o.dialects.add(f)
	f.StringArrayVar(&o.profiles, "verify-profile", nil,
		"check a vendor's signatures by another scheme: "+signing.Schemes(all.Table()))
	f.StringVar(&o.behaviour, "behaviour", "",
		"answer as this YAML `FILE` says (see reprise template behaviour), in place of --latency, --jitter, --latency-of, --errors, --work, --work-of")
	f.IntVar(&o.with.Connections, "max-connections", sink.DefaultConnections,
		"have `N` connections open at once: a further one takes the place of the one that has sent no whole request for longest")
	o.tls.add(f)
	o.replies.add(f, &o.at)
	f.StringVar(&o.log, "log", "", "write one JSON line a request to `FILE`")
	outputs.Declare(f, "log", outputs.Growing)
	f.StringVar(&o.at.Metrics, "metrics", "", "serve Prometheus metrics at this `ADDRESS`, such as 127.0.0.1:9465 (printed after those above it)")
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.Uint64Var(&o.with.Seed, "seed", 1, "chooses which requests fail or wait longer")
	f.BoolVar(&o.asJSON, "json", false, "print the counts as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print the address alone")
	return cmd
}

func (o *sinkOptions) run(ctx context.Context, s Streams) (err error) {
	if err := o.read(ctx, s); err != nil {
		return err
	}
	done, closeDone, err := outputs.Grow(s.Out, o.completions, o.force)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDone()) }()
	if o.with.Replies == nil {
		o.with.Done = done
	} else {
		o.with.Replies.Done = done
	}
	var closeLog func() error
	if o.with.Log, closeLog, err = outputs.Grow(s.Out, o.log, o.force); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	k, err := sink.New(o.with)
	if err != nil {
		return o.explain(err)
	}
	if err := o.replies.expect(ctx, s.Err, k); err != nil {
		return err
	}
	if o.at.TLS, err = o.tls.config(s, o.force); err != nil {
		return err
	}
	o.at.Ready = func(at sink.URLs) error { return report.Listening(s.Out, at) }
	err = explainListen(k.ListenAndServe(ctx, o.at))
	if o.quiet {
		return err
	}
	sayLines(s.Err, "sink", signing.VerifyNotes(k.Keys())...)
	return errors.Join(err, o.print(s.Out, k.Summary()))
}

// explainListen says by which flag an address was given at which nothing can listen.
func explainListen(err error) error {
	at, ok := errors.AsType[*sink.ListenError](err)
	switch {
	case !ok:
		return err
	case at.Of == sink.MetricsListener:
		return fmt.Errorf("--metrics: %w", at.Err)
	}
	return fmt.Errorf("--send-api: %w", err)
}

// read fills in the options that are read from other text or from files.
func (o *sinkOptions) read(ctx context.Context, s Streams) (err error) {
	with := &o.with
	if with.Connections < 1 {
		return exit.Misuse("--max-connections is too small")
	}
	if o.simple.Errors, err = yamldoc.ParseShare(o.errors); err != nil {
		return exit.Misuse("--errors: %v", err)
	}
	with.Metrics, with.Clock = o.at.Metrics != "", results.ThisClock()
	vendors, err := o.dialects.table()
	if err != nil {
		return err
	}
	if with.Verify, with.Table, err = signing.Read(ctx, signing.ToVerify(o.verify, o.profiles), vendors); err != nil {
		return err
	}
	if !o.quiet {
		signing.SayReadable(s.Err, "sink", signing.ToVerify(o.verify, nil))
	}
	own := map[capture.Kind][]string{capture.CustomKeyword: o.keywords}
	if with.Classifier, err = sms.NewClassifier(sms.Options{Keywords: own}); err != nil {
		return exit.Misuse("--keywords: %v", err)
	}
	if o.simple.KindLatency, err = sink.ParseKindTimes(o.latencyOf); err != nil {
		return exit.Misuse("--latency-of: %w", err)
	}
	if o.simple.KindWork, err = sink.ParseKindTimes(o.workOf); err != nil {
		return exit.Misuse("--work-of: %w", err)
	}
	if err := o.together(); err != nil {
		return err
	}
	if err := o.readBehaviour(); err != nil {
		return err
	}
	if err := o.replies.read(with, &o.at); err != nil {
		return err
	}
	if err := with.Check(); err != nil {
		return o.explain(err)
	}
	return nil
}

// together refuses flags that make no sense beside each other.
func (o *sinkOptions) together() error {
	works := o.simple.Works()
	switch {
	case o.workers && !works:
		return exit.Misuse("--workers do the work after an answer: give --work or --work-of; what has requests wait for their answer is a queue in --behaviour")
	case works && o.completions == "":
		return exit.Misuse("--work is told of in a file: give --completions")
	case works && (o.replies.forward != "" || o.at.SendAPI != ""):
		return exit.Misuse("--work plays a receiver of its own: leave it out with --forward and --send-api, where the platform does the work")
	case o.replies.forward != "" && (o.behaviour != "" || !o.simple.Zero()):
		return exit.Misuse("--forward passes on the platform's own answers: leave out --latency, --jitter, --latency-of, --errors and --behaviour")
	case o.behaviour != "" && !o.simple.Zero():
		return exit.Misuse("--behaviour stands in place of --latency, --jitter, --latency-of, --errors, --work and --work-of: say all of it there")
	}
	return nil
}

// readBehaviour takes the behaviour from --behaviour or from the flags for it.
func (o *sinkOptions) readBehaviour() (err error) {
	if o.behaviour == "" {
		o.with.Behaviour = o.simple.Behaviour()
		return nil
	}
	o.with.Behaviour, err = sink.ReadBehaviour(o.behaviour)
	if errors.As(err, new(*sink.BehaviourError)) {
		return exit.Misuse("--behaviour %w", err)
	} else if err != nil {
		return exit.Misuse("--behaviour: %w", err)
	}
	return nil
}

// explain words what is wrong with the options: by which flag settings of the brand's own keywords were given, where nobody says
// which words those are.
func (o *sinkOptions) explain(err error) error {
	bad, ok := errors.AsType[*sink.KeywordsError](err)
	if !ok {
		return exit.Misuse("%s", strings.TrimPrefix(err.Error(), "sink: ")) // the verb's name comes before it anyway
	}
	of := "--work-of"
	_, latency := o.simple.KindLatency[capture.CustomKeyword]
	switch {
	case bad.Field == "Replies":
		of = "--replies-to"
	case o.behaviour != "":
		of = "--behaviour " + o.behaviour
	case latency:
		of = "--latency-of"
	}
	return exit.Hint(exit.Misuse("%s: custom_keyword is of no message, as the brand's own keywords are not known", of),
		"say them: --keywords VIP,SALE")
}

func (o *sinkOptions) print(w io.Writer, sum sink.Summary) error {
	if o.asJSON {
		return printJSON(w, sum)
	}
	return report.Received(w, &sum, &o.with)
}
