package send

import (
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"30": 30 * time.Second, " 1 ": time.Second, "0": 1, "99999999999999": longestWait,
		"Fri, 27 Nov 2026 12:01:00 GMT": time.Minute, "Friday, 27-Nov-26 12:01:00 GMT": time.Minute, "Fri Nov 27 12:01:00 2026": time.Minute,
		"Fri, 27 Nov 2026 11:00:00 GMT": 1, "Fri, 27 Nov 2099 12:01:00 GMT": longestWait,
		"": 0, "-1": 0, "soon": 0, "1.5": 0, "99999999999999999999": longestWait,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// TestRetryAfterIsRead holds that both engines read it, of answers that ask to wait alone.
func TestRetryAfterIsRead(t *testing.T) {
	kinds(t, func(t *testing.T, o Options) {
		for head, want := range map[string]time.Duration{
			"429 Too Many Requests\r\nretry-AFTER: 30": 30 * time.Second, "503 Service Unavailable\r\nRetry-After: 2": 2 * time.Second,
			"200 OK\r\nRetry-After: 30": 0, "429 Too Many Requests": 0,
		} {
			res := send(t, engine(t, listen(t, say("HTTP/1.1 "+head+"\r\nContent-Length: 0\r\n\r\n")).addr, o), post(""))
			if res.RetryAfter != want || res.Error != "" {
				t.Errorf("%q: %v, %q", head, res.RetryAfter, res.Error)
			}
		}
	})
}
