package packet

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// What tcpdump recorded of a real client and a real server (testdata/README.md).
func TestRealRecordings(t *testing.T) {
	var times [12]time.Time
	for _, name := range []string{"testdata/loopback.pcap", "testdata/cooked2.pcap"} {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		g := read(t, file, 18080)
		g.balance(t)
		if len(g.records) != 12 || len(g.problems) != 0 || g.account.Lost != 0 || g.account.UnpairedResponses != 0 {
			t.Fatalf("%s: %d records, %+v", name, len(g.records), g.account)
		}
		for _, r := range g.records {
			var i int
			if _, err := fmt.Sscanf(r.URL, "/webhooks/%d", &i); err != nil {
				t.Fatalf("%s: target is %q", name, r.URL)
			}
			body := fmt.Sprintf("MessageSid=SM%032x&From=%%2B1415555%04d&To=%%2B18885550100&Body=Is+order+%d+on+its+way%%3F", i, 100+i, i)
			status := map[int]int{5: 204, 7: 503}[i]
			if status == 0 {
				status = 200
			}
			if string(r.Body) != body || r.Host != "hooks.example.com" || r.Method != "POST" {
				t.Errorf("%s: request %d of %s has body %q", name, i, r.Host, r.Body)
			}
			if r.Response.Status != status || r.Response.Latency <= 0 || r.Response.Latency > time.Second {
				t.Errorf("%s: response %d is %+v", name, i, r.Response)
			}
			if times[i].IsZero() {
				times[i] = r.Time
			} else if d := r.Time.Sub(times[i]).Abs(); d > 10*time.Millisecond {
				t.Errorf("%s: request %d is %v away from the other recording's", name, i, d)
			}
		}
	}
}
