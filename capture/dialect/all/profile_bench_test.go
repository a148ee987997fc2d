package all

import (
	"slices"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/profile"
)

// telnyxProfile says of Telnyx in a file what the built-in vendor says in Go.
const telnyxProfile = `
name: telnyx-as-profile
detect: {headers: {telnyx-signature-ed25519: "*"}, fields: {/data/record_type: event, /data/event_type: message.*}}
message:
  when: {/data/event_type: message.received}
  id: /data/payload/id
  sender: /data/payload/from/phone_number
  recipient: /data/payload/to/*/phone_number
  text: [/data/payload/text, /data/payload/body/text]
receipt:
  when: {/data/event_type: [message.sent, message.finalized, message.read]}
  id: /data/payload/id
  sender: /data/payload/from/phone_number
  recipient: /data/payload/to/*/phone_number
  state: /data/payload/to/*/status
fields:
  keep: [/data/record_type, /data/event_type, /meta/attempt, "/data/payload/{record_type,direction,type,cost,errors,media,tags}", "/data/payload/{from,to/*}/{line_type,status}"]
  id: /data/id
  time: [/data/occurred_at, "/data/payload/{received_at,sent_at,completed_at,valid_until}"]
  name: "/data/payload/{from,to/*}/carrier"
  account: "/data/payload/{messaging_profile_id,organization_id}"
  encoding: /data/payload/encoding
  segments: /data/payload/parts
  link: [/meta/delivered_to, "/data/payload/{webhook_url,webhook_failover_url}"]
`

// asProfile returns Telnyx twice, with a request: built in, and as a profile that says the same of it.
func asProfile(tb testing.TB) (builtIn, file *dialect.Vendor, r *capture.Record) {
	tb.Helper()
	v, err := profile.Read([]byte(telnyxProfile))
	if err != nil {
		tb.Fatal(err)
	}
	builtIn, _ = Table().Named("telnyx")
	file, _ = dialect.NewTable(v).Named(v.Name)
	all := samples()
	return builtIn, file, all[slices.IndexFunc(all, func(s sample) bool { return s.vendor == "telnyx" })].record(true)
}

// A profile reads and rewrites as the built-in vendor does.
func TestTelnyxAsProfile(t *testing.T) {
	builtIn, file, r := asProfile(t)
	e, err := builtIn.Parse(r)
	other, otherErr := file.Parse(r)
	if err != nil || otherErr != nil || e != other {
		t.Errorf("%+v, %v, as a profile %+v, %v", e, err, other, otherErr)
	}
	was := *r
	for _, v := range []*dialect.Vendor{builtIn, file} {
		*r = was
		if err := v.Rewrite(r, anonymized); err != nil {
			t.Fatal(err)
		}
		if v == builtIn {
			e.State = string(r.Body)
		} else if string(r.Body) != e.State {
			t.Errorf("as a profile it becomes\n%s, built in\n%s", r.Body, e.State)
		}
	}
}

func anonymized(f dialect.Field) (string, dialect.Op) {
	switch f.Class {
	case dialect.Person, dialect.Business:
		return "+15125550123", dialect.Set
	case dialect.ID:
		return "00000000-0000-4000-8000-000000000000", dialect.Set
	case dialect.Text:
		return "something else, é", dialect.Set
	}
	return "", dialect.Leave
}

// BenchmarkProfile is what it costs that a vendor is a file: detection, parsing and rewriting by the built-in dialect and by a
// profile of the same vendor, by turns, so that their ratio is one of the same run.
func BenchmarkProfile(b *testing.B) {
	builtIn, file, r := asProfile(b)
	was := *r
	for _, step := range []struct {
		name string
		do   func(v *dialect.Vendor) error
	}{
		{"detect", func(v *dialect.Vendor) error { v.Detect(r); return nil }},
		{"parse", func(v *dialect.Vendor) error { _, err := v.Parse(r); return err }},
		{"rewrite", func(v *dialect.Vendor) error { r.Body, r.URL = was.Body, was.URL; return v.Rewrite(r, anonymized) }},
		{"parse and rewrite", func(v *dialect.Vendor) error {
			r.Body, r.URL = was.Body, was.URL
			if _, err := v.Parse(r); err != nil {
				return err
			}
			return v.Rewrite(r, anonymized)
		}},
	} {
		for _, v := range []*dialect.Vendor{builtIn, file} {
			b.Run(step.name+"/"+v.Name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := step.do(v); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
