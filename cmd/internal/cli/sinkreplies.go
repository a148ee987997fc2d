package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture/dialect/all"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/selection"
	"reprise/fixtures/report"
	"reprise/fixtures/sink"
)

// replyFlags say how a sink learns what a platform under test replies.
type replyFlags struct {
	forward, inbound string
	to               []string
	with             sink.Replies
}

func (o *replyFlags) add(f *pflag.FlagSet, at *sink.Addresses) {
	f.StringVar(&o.forward, "forward", "", "stand in front of the platform at this `URL`: pass requests on to it and its answers back")
	f.StringVar(&at.SendAPI, "send-api", "", "stand in for "+report.SendingVendors(all.Table(), "'s")+" sending API at this `ADDRESS`, such as 127.0.0.1:0")
	f.StringVar(&o.inbound, "inbound", "", "the corpus `FILE.rpz` that is replayed to the platform directly, for --send-api without --forward")
	f.StringSliceVar(&o.to, "replies-to", nil, "the `KINDS` of message that the platform replies to (default: all inbound ones)")
	f.DurationVar(&o.with.Window, "reply-window", sink.DefaultWindow, "how long a message that was passed on waits for its reply")
	f.IntVar(&o.with.Most, "reply-most", sink.DefaultMost, "how many messages are remembered at most for their replies, 300 bytes each")
}

// read fills in what of the sink's options is about forwarding and replies.
func (o *replyFlags) read(k *sink.Options, at *sink.Addresses) (err error) {
	if o.forward != "" {
		k.Forward, err = url.Parse(o.forward)
		if err != nil || k.Forward.Host == "" || k.Forward.RawQuery != "" {
			return exit.Misuse("--forward: it is no URL like http://127.0.0.1:8080")
		}
	}
	switch {
	case at.SendAPI == "" && (o.inbound != "" || len(o.to) > 0):
		return exit.Misuse("--inbound and --replies-to are for --send-api")
	case at.SendAPI == "":
		return nil
	case o.inbound != "" && o.forward != "":
		return exit.Misuse("--inbound is for a platform that is replayed to directly: with --forward the sink sees what arrives")
	}
	if o.with.Kinds, err = selection.Kinds("--replies-to", o.to); err != nil {
		return err
	}
	if o.with.Window <= 0 || o.with.Most <= 0 {
		return exit.Misuse("--reply-window and --reply-most have to be above 0")
	}
	k.Replies = &o.with
	return nil
}

// expect reads --inbound, and says what of it cannot be read.
func (o *replyFlags) expect(ctx context.Context, w io.Writer, k *sink.Sink) error {
	if o.inbound == "" {
		return nil
	}
	r, closer, err := inputs.Corpus(ctx, o.inbound, strings.NewReader(""))
	if err != nil {
		return fmt.Errorf("--inbound: %w", err)
	}
	defer closer.Close()
	err = k.ExpectAll(ctx, r)
	if errors.Is(err, sink.ErrManyInbound) {
		return exit.Hint(fmt.Errorf("%s: %w", o.inbound, err), "raise --reply-most, or leave kinds out with --replies-to")
	}
	if err != nil {
		return err
	}
	_ = inputs.SayDamage(w, o.inbound, r.Damage()) // the rest is expected
	return nil
}

// tlsFlags say with which certificate a sink serves TLS.
type tlsFlags struct {
	on              bool
	caOut           string
	certFile, keyIn string
}

func (o *tlsFlags) add(f *pflag.FlagSet) {
	f.BoolVar(&o.on, "tls", false, "serve HTTPS, over HTTP/2 where the client wants, with a certificate made for localhost, 127.0.0.1 and ::1")
	f.StringVar(&o.caOut, "tls-ca-out", "", "write the certificate that clients are to trust to `FILE` (PEM, for replay --cacert), with --tls")
	outputs.Declare(f, "tls-ca-out", outputs.Whole)
	f.StringVar(&o.certFile, "cert", "", "serve HTTPS with the certificate (chain) in this PEM `FILE`")
	f.StringVar(&o.keyIn, "key", "", "the PEM `FILE` of the key that belongs to --cert")
}

// config returns nil where no TLS is asked for.
func (o *tlsFlags) config(s Streams, force bool) (*tls.Config, error) {
	switch {
	case (o.certFile == "") != (o.keyIn == ""):
		return nil, exit.Misuse("--cert and --key belong together")
	case o.certFile != "" && o.on:
		return nil, exit.Misuse("--tls makes a certificate of its own: leave out --cert and --key, or --tls")
	case o.caOut != "" && !o.on:
		return nil, exit.Misuse("--tls-ca-out is for the certificate that --tls makes")
	case o.certFile != "":
		// What tls says of a key file that it cannot read names types alone, never what stands there.
		cert, err := tls.LoadX509KeyPair(o.certFile, o.keyIn)
		if err != nil {
			return nil, exit.Misuse("--cert %s --key %s: %v", o.certFile, o.keyIn, err)
		}
		return &tls.Config{Certificates: []tls.Certificate{cert}}, nil
	case !o.on:
		return nil, nil
	}
	cert, err := sink.SelfSigned(time.Now())
	if err == nil && o.caOut != "" {
		err = outputs.Write(s.Out, o.caOut, force, func(w io.Writer) error { return sink.WriteAuthority(w, cert) })
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}, err
}
