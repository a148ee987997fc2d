package twilio

import (
	"crypto/hmac"
	"crypto/sha1" // Twilio's older scheme, HMAC-SHA1
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/keyed"
	"reprise/capture/payload"
)

const (
	signatureHeader = "X-Twilio-Signature"
	settingsHeader  = "X-Twilio-Webhooks-Signature-Settings"
	bodyHashKey     = "bodySHA256"

	// signalWireHeader is SignalWire's own name for X-Twilio-Signature, which it takes too
	// (https://signalwire.com/docs/server-sdks/reference/python/core/security). What it sends as forms is signed as Twilio's is.
	signalWireHeader = "X-SignalWire-Signature"
	// signalWireSHA256 stands beside it on calls, and signs something else.
	signalWireSHA256 = "X-SignalWire-SHA256-Signature"
)

// scheme is X-Twilio-Signature: by the account's auth token and HMAC-SHA1, or, where X-Twilio-Webhooks-Signature-Settings stands
// beside it, by a SharedKey and HMAC-SHA256. What is signed is the same in both
// (https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys).
type scheme struct {
	sha1, sha256 *keyed.MACs
	signers      sync.Pool // of *signer
}

func newScheme() *scheme {
	return &scheme{sha1: keyed.NewMACs(sha1.New), sha256: keyed.NewMACs(sha256.New)}
}

// Timed returns false: the signature does not cover the time.
func (*scheme) Timed() bool { return false }

// Sign sets X-Twilio-Signature: base64 of the HMAC of the URL followed by the form's fields, sorted, each value after its key. A body
// that is no form is covered by its SHA-256 instead, which Sign puts into the query of the record's URL and of the signed one.
//
// Of two keys the record's settings header chooses: the SharedKey where it is there, whatever it says, and else the token. With the
// SharedKey the header is set to what it is, and with the token it is taken away.
func (d *scheme) Sign(r *capture.Record, s dialect.Signing) error {
	k, err := parseKeys(s.Secret)
	if err != nil {
		return err
	}
	if k.token == nil && k.shared.secret == nil {
		return dialect.ErrUnsupported
	}
	settings, signalWire := recorded(r)
	shared := k.shared.secret != nil && (settings || k.token == nil)
	form := payload.IsForm(r)
	if len(r.Body) > 0 && !form {
		sum := bodyHash(r.Body)
		r.URL, s.URL = setQuery(r.URL, bodyHashKey, sum), setQuery(s.URL, bodyHashKey, sum)
	}
	g := d.signer()
	g.read(r.Body, form)
	macs, secret := d.sha1, k.token
	switch {
	case shared:
		macs, secret = d.sha256, k.shared.secret
		r.SetHeader(settingsHeader, k.shared.settings())
	case settings:
		r.Headers = slices.DeleteFunc(r.Headers, func(h capture.Header) bool { return capture.SameName(h.Name, settingsHeader) })
	}
	put(r, string(g.sign(macs, s.URL, secret)), signalWire)
	d.signers.Put(g)
	return nil
}

// recorded says which headers a record has that say how it was signed.
func recorded(r *capture.Record) (settings, signalWire bool) {
	for i := range r.Headers {
		switch name := r.Headers[i].Name; len(name) {
		case len(settingsHeader):
			settings = settings || capture.SameName(name, settingsHeader)
		case len(signalWireHeader):
			signalWire = signalWire || capture.SameName(name, signalWireHeader)
		}
	}
	return settings, signalWire
}

// put sets the signature, under SignalWire's name too, or alone, as the record has it.
func put(r *capture.Record, signature string, signalWire bool) {
	if signalWire {
		r.SetHeader(signalWireHeader, signature)
		r.Headers = slices.DeleteFunc(r.Headers, func(h capture.Header) bool { return capture.SameName(h.Name, signalWireSHA256) })
		if _, own := r.Header(signatureHeader); !own {
			return
		}
	}
	r.SetHeader(signatureHeader, signature)
}

// Verify checks X-Twilio-Signature against the URL as given, and with the default port of its scheme added
// or taken away: Twilio's own back end is not of one mind. The settings header says by which key: where it is there, it must name
// the SharedKey that is known, and HMAC-SHA256.
func (d *scheme) Verify(r *capture.Record, s dialect.Signing) error {
	got, _ := r.Header(signatureHeader)
	if got == "" {
		got, _ = r.Header(signalWireHeader)
	}
	if got == "" {
		return dialect.ErrUnsigned
	}
	macs, secret := d.verifyingKey(r, s.Secret)
	if secret == nil {
		return dialect.ErrSignature
	}
	form := payload.IsForm(r)
	if len(r.Body) > 0 && !form {
		if sum, ok := query(s.URL, bodyHashKey); !ok || !strings.EqualFold(sum, bodyHash(r.Body)) {
			return dialect.ErrSignature
		}
	}
	g := d.signer()
	defer d.signers.Put(g)
	g.read(r.Body, form)
	matches := false
	for _, url := range urlVariants(s.URL) {
		if hmac.Equal([]byte(got), g.sign(macs, url, secret)) {
			matches = true
		}
	}
	if !matches {
		return dialect.ErrSignature
	}
	return nil
}

// verifyingKey returns the key that a record says it is signed by; nil where that is not known.
func (d *scheme) verifyingKey(r *capture.Record, notation []byte) (macs *keyed.MACs, secret []byte) {
	k, err := parseKeys(notation)
	value, settings := r.Header(settingsHeader)
	switch {
	case err != nil:
		return nil, nil
	case !settings:
		return d.sha1, k.token
	}
	if id, algorithm := parseSettings(value); algorithm != algorithmSHA256 || id != string(k.shared.id) {
		return nil, nil
	}
	return d.sha256, k.shared.secret
}

func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// signer is the memory in which one signature is made.
type signer struct {
	params    payload.Params
	fields    []byte // sorted
	signed    []byte
	sum, text []byte
}

func (d *scheme) signer() *signer {
	if g, ok := d.signers.Get().(*signer); ok {
		return g
	}
	return new(signer)
}

// read takes the body's fields, sorted by key and then by value, each pair once: so Twilio itself treats a key that is
// repeated.
func (g *signer) read(body []byte, form bool) {
	g.params.Reset()
	if form {
		g.params.AddForm(body)
	}
	g.params.Sort()
	g.params.Compact()
	g.fields = g.fields[:0]
	for i := range g.params.Len() {
		key, value := g.params.At(i)
		g.fields = append(append(g.fields, key...), value...)
	}
}

// sign returns the signature of what was read, as sent to url. It is valid until the next call.
func (g *signer) sign(macs *keyed.MACs, url string, secret []byte) []byte {
	g.signed = append(append(g.signed[:0], url...), g.fields...)
	g.sum = macs.Append(g.sum[:0], secret, g.signed)
	g.text = base64.StdEncoding.AppendEncode(g.text[:0], g.sum)
	return g.text
}

// urlVariants returns the URLs that Twilio may have signed when it sent to url: url itself, and with the
// default port of its scheme added or removed; each again with the apostrophes of its query escaped, as
// Twilio's own tests have it.
func urlVariants(url string) []string {
	all := append(make([]string, 0, 4), url)
	if other := otherPort(url); other != "" {
		all = append(all, other)
	}
	if _, items, _ := strings.Cut(url, "?"); strings.Contains(items, "'") {
		for _, u := range all {
			path, items, _ := strings.Cut(u, "?")
			all = append(all, path+"?"+strings.ReplaceAll(items, "'", "%27"))
		}
	}
	return all
}

// otherPort returns url with the default port of its scheme removed, or added where it has none; "" where it
// has another.
func otherPort(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	port := ":443"
	if strings.EqualFold(scheme, "http") {
		port = ":80"
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	if bare, had := strings.CutSuffix(authority, port); had {
		return scheme + "://" + bare + tail
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	if strings.LastIndexByte(host, ':') > strings.LastIndexByte(host, ']') {
		return ""
	}
	return scheme + "://" + authority + port + tail
}

// query returns the value of the first item of that key in url's query, as it stands.
func query(url, key string) (value string, ok bool) {
	_, items, _ := strings.Cut(url, "?")
	for item := range strings.SplitSeq(items, "&") {
		if value, ok := strings.CutPrefix(item, key+"="); ok {
			return value, true
		}
	}
	return "", false
}

// setQuery sets the value of the first item of that key in url's query, or appends one.
func setQuery(url, key, value string) string {
	path, items, had := strings.Cut(url, "?")
	if !had || items == "" {
		return path + "?" + key + "=" + value
	}
	list := strings.Split(items, "&")
	for i, item := range list {
		if strings.HasPrefix(item, key+"=") {
			list[i] = key + "=" + value
			return path + "?" + strings.Join(list, "&")
		}
	}
	return url + "&" + key + "=" + value
}
