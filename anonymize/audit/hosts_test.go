package audit

import "testing"

// TestHostParts holds that only a port's number may stay of what stands behind a host's name.
func TestHostParts(t *testing.T) {
	for host, leaks := range map[string]bool{
		"localhost": false, "localhost:8080": false, "[::1]:80": false, "::1": false, "localhost:": false, "127.0.0.1:65535": false,
		"localhost:johnsmith": true, "[::1%johnsmith]": true, "::1%johnsmith": true, "[::1]:4155552671": true, "localhost:99999": true,
	} {
		before, after := onePair("/sms", "/sms")
		before[0].Host, after[0].Host = host, host
		report := auditPaths(t, before, after)
		if got := report.Counts.Hosts > 0; got != leaks {
			t.Errorf("%s: %+v", host, report.Counts)
		}
	}
}
