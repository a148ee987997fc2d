package all

import (
	"slices"
	"testing"

	"reprise/capture/dialect"
)

// BenchmarkSign signs the message that BenchmarkLocate reads.
func BenchmarkSign(b *testing.B) {
	r := twilioForm()
	d := Table().Detect(r)
	s := dialect.Signing{URL: "https://hooks.example.com/webhooks/twilio/sms", Secret: []byte("0123456789abcdef0123456789abcdef")}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Sign(r, s); err != nil {
			b.Fatal(err)
		}
	}
}

// Only the Timed dialects' signatures go stale.
func TestTimed(t *testing.T) {
	for _, d := range Table().All() {
		got := d.Timed()
		want := slices.Contains([]string{
			"telnyx", "vonage", "sinch",
			"sinch-conversation", "messagebird", "bird",
			"klaviyo", "standard-webhooks", "stripe", "svix",
		}, d.Name)
		if got != want {
			t.Errorf("%s: Timed = %v, want %v", d.Name, got, want)
		}
	}
}
