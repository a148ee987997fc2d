package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/capture/ingest"
	"reprise/capture/report"
	"reprise/capture/source/proxy"
	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/outputs"
)

// proxyMemory is from how many bytes on the garbage collector works harder: thousands of connections leave much behind at once.
const proxyMemory = 240 << 20

// proxyOptions are the flags of capture proxy.
type proxyOptions struct {
	captureOptions
	with             proxy.Options
	listen, upstream string
	cert, key        string
	cacert           string
	insecure         bool
	rotateSize       string
	rotateEvery      time.Duration
}

func captureProxyVerb(s Streams) *cobra.Command {
	var o proxyOptions
	cmd := help.Verb(help.Page{
		Use: "proxy --upstream URL -o OUT.rpz", Short: "Stand in front of a server and record what it is asked",
		Long: `Passes every request on to --upstream, and its answer back, until it is stopped, and records the requests with the status and the
latency of the answers. The first line of stdout is the address it listens on, so --listen 127.0.0.1:0 can be scripted.
Host and target are passed on as they were sent, and nothing is added unless --forwarded asks for it. An upstream that cannot be reached is
answered for by 502. HTTP/2 is served over TLS (--cert, --key) and in clear; an upstream of https chooses its version.
The traffic comes first: what cannot be recorded is passed on, and the account has it with its reason. So it is with bodies over 16 MiB, with
requests that come faster than they can be written, with connections that change to another protocol (WebSocket), and where the disk is full.
What came half a second ago is in the unfinished file, also when the process is killed: reprise repair makes a corpus of it.
With --rotate-size or --rotate-every each file is whole when the next one begins, and has the time at which it began in its name:
out.rpz becomes out-20261128T210000Z.rpz. The first signal ends the proxy: it takes no more connections, lets requests under way come to
their end (5 s at most), writes the corpus and the account, and exits 0.`,
		Examples: [2]string{
			"reprise capture proxy --listen 127.0.0.1:8080 --upstream http://127.0.0.1:3000 -o hooks.rpz",
			"reprise capture proxy --listen :443 --cert chain.pem --key key.pem --upstream http://127.0.0.1:3000 -o hooks.rpz --rotate-every 1h --rotate-size 256MiB",
		},
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) })
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`ADDRESS` to listen on")
	f.StringVar(&o.upstream, "upstream", "", "the server that answers: a `URL` of http or https, with a path that is put before every other, or without")
	f.StringVar(&o.cert, "cert", "", "serve HTTPS with the certificate (chain) in this PEM `FILE`")
	f.StringVar(&o.key, "key", "", "the PEM `FILE` of the key that belongs to --cert")
	f.StringVar(&o.cacert, "cacert", "", "trust the certificate authorities in this PEM `FILE` for an upstream of https")
	f.BoolVar(&o.insecure, "insecure", false, "do not check the upstream's certificate")
	f.BoolVar(&o.with.HTTP2, "http2", false, "speak HTTP/2 alone to the upstream, also in clear")
	f.BoolVar(&o.with.Forwarded, "forwarded", false, "add X-Forwarded-For, -Host and -Proto to what is passed on")
	f.IntVar(&o.with.Connections, "max-connections", 0, "have `N` connections open at once (default: 10,000, or what the limit of open files allows): a further one takes the place of the one that has been silent for longest")
	f.StringVar(&o.rotateSize, "rotate-size", "", "go on in a new file when one has about this `SIZE`, such as 256MiB")
	f.DurationVar(&o.rotateEvery, "rotate-every", 0, "go on in a new file after this time, such as 1h")
	o.add(f)
	return cmd
}

func (o *proxyOptions) run(ctx context.Context, s Streams) error {
	rotate, err := o.read()
	if err != nil {
		return err
	}
	p, err := proxy.New(o.with)
	if err != nil {
		return exit.Misuse("--upstream: %w", err)
	}
	options, err := o.ingestOptions()
	if err != nil {
		return err
	}
	options.Report = report.Problems(s.Err)
	to, err := outputs.Corpus(s.Out, o.out, o.force)
	if err != nil {
		return err
	}
	if to.Path == "" {
		return exit.Misuse("-o -: a proxy writes files, and says on stdout where it listens")
	}
	if rotate != (ingest.Rotation{}) {
		sayRotated(ctx, s.Err, to.Path)
	}
	boundMemory(proxyMemory)
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return exit.Hint(fmt.Errorf("--listen: %w", err), "choose another address, or port 0 for any that is free")
	}
	defer l.Close()
	r, err := ingest.NewRecorder(to, rotate, o.files(s), options)
	if err != nil {
		return o.explain(nil, err)
	}
	scheme := "http"
	if o.with.TLS != nil {
		scheme = "https"
	}
	at := scheme + "://" + l.Addr().String()
	if _, err := fmt.Fprintln(s.Out, at); err != nil {
		return err
	}
	got, err := r.Proxy(ctx, at, p, l)
	if left := (*corpus.LeftError)(nil); got != nil && errors.As(err, &left) {
		if err := o.printAccount(s, &got.Account); err != nil {
			return err
		}
		return exit.Hint(fmt.Errorf("not all could be written: %w", err), "what was written is in "+left.Path+": reprise repair makes a corpus of it")
	}
	return o.finish(s, got, err)
}

// read fills in what is read of other text or of files.
func (o *proxyOptions) read() (rotate ingest.Rotation, err error) {
	if o.upstream == "" {
		return rotate, exit.Misuse("say who answers: --upstream http://127.0.0.1:3000")
	}
	if o.with.Upstream, err = url.Parse(o.upstream); err != nil {
		return rotate, exit.Misuse("--upstream is no URL") // the error would quote a password in it
	}
	if most := proxy.MostConnections(); o.with.Connections > most {
		return rotate, exit.Hint(exit.Misuse("--max-connections %d needs more open files than are allowed, which are enough for %d", o.with.Connections, most), "raise the limit: ulimit -n")
	}
	if rotate.Every = o.rotateEvery; rotate.Every != 0 && rotate.Every < time.Second {
		return rotate, exit.Misuse("--rotate-every is shorter than a second")
	}
	if o.rotateSize != "" {
		if rotate.Size, err = parseSize(o.rotateSize); err != nil {
			return rotate, exit.Misuse("--rotate-size: %w", err)
		}
	}
	served := tlsFlags{certFile: o.cert, keyIn: o.key}
	if o.with.TLS, err = served.config(Streams{}, false); err != nil {
		return rotate, err
	}
	o.with.UpstreamTLS, err = o.upstreamTLS()
	return rotate, err
}

// upstreamTLS is how the upstream's certificate is checked; nil as the system does.
func (o *proxyOptions) upstreamTLS() (*tls.Config, error) {
	if o.cacert == "" && !o.insecure {
		return nil, nil
	}
	c := &tls.Config{InsecureSkipVerify: o.insecure}
	if o.cacert == "" {
		return c, nil
	}
	pem, err := os.ReadFile(o.cacert)
	if err != nil {
		return nil, fmt.Errorf("--cacert: %w", err)
	}
	if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, exit.Misuse("--cacert %s: it holds no PEM certificate", o.cacert)
	}
	return c, nil
}

// parseSize reads a number of bytes such as 256MiB.
func parseSize(text string) (int64, error) {
	number, unit := text, int64(1)
	for i, name := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if n, ok := strings.CutSuffix(text, name); ok {
			number, unit = n, 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 1 || n > 1<<50/unit {
		return 0, fmt.Errorf("%q is no size, such as 256MiB", text)
	}
	return n * unit, nil
}

// files tells the user what becomes of the files.
func (o *proxyOptions) files(s Streams) ingest.RecorderFiles {
	return ingest.RecorderFiles{
		Written: func(path string, records int64) {
			if !o.quiet {
				fmt.Fprintf(s.Err, "reprise: capture proxy: %s holds %s\n", path, wording.Count(records, "request"))
			}
		},
		Failed: func(err error) {
			if err == nil {
				fmt.Fprintln(s.Err, "reprise: capture proxy: requests are recorded again")
				return
			}
			fmt.Fprintf(s.Err, "reprise: capture proxy: %v: requests are passed on and not recorded\n", err)
		},
	}
}

// sayRotated tells what earlier runs left of files that were rotated.
func sayRotated(ctx context.Context, w interface{ Write([]byte) (int, error) }, path string) {
	outputs.SayLeftOf(ctx, w, "capture proxy", ingest.RotatedNames(path))
}
