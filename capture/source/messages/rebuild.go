package messages

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// target is a vendor, and where its requests go to.
type target struct {
	*dialect.Vendor
	at      dialect.Endpoint
	account string // of messages that name none
}

// Limits of what an export may say; more is taken for a mistake.
const (
	maxParts  = 100
	maxLength = 100_000
	maxMedia  = 20
)

// fill makes the request of the row that was taken. done is false for one that Options leave out.
func (r *Reader) fill(rec *capture.Record) (done bool, err error) {
	inbound := r.inbound()
	if !inbound && !r.o.Receipts {
		return false, &payload.FieldError{Reason: LeftOutOutbound}
	}
	to, err := r.target()
	if err != nil {
		return false, err
	}
	d := dialect.Draft{Known: &dialect.Known{}, Random: r.random}
	if err := r.parties(&d, to); err != nil {
		return false, err
	}
	if err := r.times(&d, inbound); err != nil {
		return false, err
	}
	r.seed(&d)
	if d.Known.ID == "" {
		d.Known.ID = string(to.Maker.ID(nil, &d))
	}
	d.Account, d.Profile = strings.TrimSpace(r.values[dialect.ColumnAccount]), strings.TrimSpace(r.values[dialect.ColumnProfile])
	if d.Account == "" {
		d.Account = to.account
	}
	*rec = capture.Record{Headers: r.headers[:0], Body: r.body[:0]}
	if inbound {
		origin := r.message(&d)
		to.Compose(rec, &d, &to.at)
		rec.Origin = origin
		rec.Time = d.At
	} else {
		if err := r.receipt(rec, &d, to); err != nil {
			return false, err
		}
		rec.Origin = capture.Rebuilt
		rec.Time = d.Now
	}
	r.headers, r.body = rec.Headers[:0], rec.Body[:0]
	return true, nil
}

// inbound says whether the row is a message from a person.
func (r *Reader) inbound() bool {
	if len(r.o.Export.Inbound) == 0 {
		return true
	}
	direction := strings.TrimSpace(r.values[dialect.ColumnDirection])
	return slices.ContainsFunc(r.o.Export.Inbound, func(s string) bool { return strings.EqualFold(s, direction) })
}

// target is whose webhook told of the row.
func (r *Reader) target() (*target, error) {
	v, name := r.o.Export.Vendor, ""
	if v != nil {
		name = v.Name
	} else if name = strings.ToLower(strings.TrimSpace(r.values[dialect.ColumnVendor])); name == "" {
		name = r.o.Vendor
	}
	if t := r.targets[name]; t != nil {
		return t, nil
	}
	field := r.name(dialect.ColumnVendor)
	if v == nil {
		if name == "" {
			return nil, &payload.FieldError{Field: field, Reason: payload.ReasonMissing}
		}
		v, _ = r.o.Vendors.Named(name)
	}
	if v == nil || v.Maker == nil || v.Maker.Events {
		return nil, &payload.FieldError{Field: field, Reason: "not a vendor whose messages can be written"}
	}
	r.pcg.Seed(hash(hashStart, v.Name), 0) // the same account in each row, and in each capture
	account, _ := v.Maker.Account(r.random)
	t := &target{Vendor: v, at: v.ExampleEndpoint(), account: account}
	r.targets[name] = t
	return t, nil
}

// parties takes the id and the numbers.
func (r *Reader) parties(d *dialect.Draft, to *target) (err error) {
	if d.From, err = r.address(dialect.ColumnFrom); err != nil {
		return err
	}
	if d.To, err = r.address(dialect.ColumnTo); err != nil {
		return err
	}
	if r.o.Export.Vendor == nil { // a table of one's own may lack ids, and have numbers in any form
		d.From, d.To = international(d.From), international(d.To)
		if r.values[dialect.ColumnID] == "" && to.Maker.ID != nil {
			return nil
		}
	}
	d.Known.ID, err = r.address(dialect.ColumnID)
	return err
}

// international writes a telephone number with its plus, and leaves everything else as it is.
func international(address string) string {
	if number, class := sms.Canonical(address); class == sms.E164 {
		return number
	}
	return address
}

// times takes when the message came in, or was sent, and when it last changed its state.
func (r *Reader) times(d *dialect.Draft, inbound bool) error {
	c := dialect.ColumnTime
	if strings.TrimSpace(r.values[c]) == "" && r.values[dialect.ColumnCreated] != "" {
		c = dialect.ColumnCreated
	}
	var err error
	if d.At, err = r.when(c); err != nil {
		return err
	}
	if d.Now = d.At; inbound || strings.TrimSpace(r.values[dialect.ColumnUpdated]) == "" {
		return nil
	}
	d.Now, err = r.when(dialect.ColumnUpdated)
	return err
}

// when reads a time, and notes whether it is of a whole second.
func (r *Reader) when(c dialect.Column) (time.Time, error) {
	text := r.values[c]
	t, fraction, ok := dialect.ParseTime(text)
	switch {
	case strings.TrimSpace(text) == "":
		return t, &payload.FieldError{Field: r.name(c), Reason: payload.ReasonMissing}
	case !ok:
		return t, &payload.FieldError{Field: r.name(c), Reason: "not a time"}
	}
	r.whole = t.Nanosecond() == 0 && (!fraction || r.o.Export.Whole)
	return t, nil
}

// message takes what a message has that a receipt has not.
func (r *Reader) message(d *dialect.Draft) capture.Origin {
	v, origin := &r.values, capture.Rebuilt
	k := d.Known
	parts := r.count(dialect.ColumnParts, maxParts)
	k.Media = r.count(dialect.ColumnMedia, maxMedia)
	if d.Text = v[dialect.ColumnText]; !utf8.ValidString(d.Text) {
		d.Text = strings.ToValidUTF8(d.Text, "\ufffd")
	}
	if !r.texts {
		origin = capture.Synthetic
		fits := false
		length := r.count(dialect.ColumnLength, maxLength)
		if length > 0 || k.Media == 0 {
			if length == 0 {
				parts = max(parts, 1)
			}
			d.Text, fits = sms.Filler(r.random, length, parts)
		}
		if !fits && length > 0 {
			p := r.Place()
			p.Field, p.Reason = r.name(dialect.ColumnLength), "no text of that length has so many segments"
			r.account.Note(p)
		}
	}
	if d.Size = sms.Measure(d.Text); parts > 0 {
		d.Size.Parts = parts
	}
	d.City, d.Region, d.Zip = v[dialect.ColumnFromCity], v[dialect.ColumnFromRegion], v[dialect.ColumnFromZip]
	k.FromCountry, k.ToCountry = v[dialect.ColumnFromCountry], v[dialect.ColumnToCountry]
	k.ToCity, k.ToRegion, k.ToZip = v[dialect.ColumnToCity], v[dialect.ColumnToRegion], v[dialect.ColumnToZip]
	if k.FromCountry == "" {
		k.FromCountry = r.region(d.From)
	}
	if k.ToCountry == "" {
		k.ToCountry = r.region(d.To)
	}
	return origin
}

// mostRegions bounds what is remembered of the countries of numbers.
const mostRegions = 4096

// region is the country of a number, which its first digits decide. That of a short code is where most have such: it is "US".
func (r *Reader) region(number string) string {
	n, class := sms.Canonical(number)
	if class != sms.E164 || len(n) < 5 {
		return "US"
	}
	key := n[:5]
	if !strings.HasPrefix(n, "+1") {
		key = n[:4]
	}
	region, known := r.regions[key]
	if !known {
		region = sms.Region(n)
		if len(r.regions) < mostRegions {
			r.regions[strings.Clone(key)] = region
		}
	}
	return region
}

// receipt writes the receipt of a message that the platform sent.
func (r *Reader) receipt(rec *capture.Record, d *dialect.Draft, to *target) error {
	m := to.Maker
	status := strings.TrimSpace(r.values[dialect.ColumnStatus])
	state := ""
	for s, is := range r.o.Export.States {
		if strings.EqualFold(s, status) {
			state = is
		}
	}
	if r.o.Export.States == nil && (slices.Contains(m.States[0], status) || slices.Contains(m.States[1], status)) {
		state = status
	}
	if state == "" || m.Receipt == nil {
		return &payload.FieldError{Reason: LeftOutNoReceipt}
	}
	d.From, d.To = d.To, d.From // a Draft's From is the person
	d.ID, d.State = d.Known.ID, state
	if code := strings.TrimSpace(r.values[dialect.ColumnError]); code != "" && code != "0" && !strings.ContainsFunc(code, func(c rune) bool { return c < ' ' }) {
		d.Known.Error = code
	}
	to.ComposeReceipt(rec, d, &to.at)
	return nil
}

// seed seeds what is drawn for a request, so that each message gives the same one, in whichever file or place it stands.
func (r *Reader) seed(d *dialect.Draft) {
	h := hash(hash(hash(hashStart, d.Known.ID), d.From), d.To)
	r.pcg.Seed(h, uint64(d.At.UnixNano()))
}

const hashStart = 14695981039346656037

// hash is FNV-1a, with an end to each text.
func hash(h uint64, text string) uint64 {
	const prime = 1099511628211
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * prime
	}
	return (h ^ 0xff) * prime
}
