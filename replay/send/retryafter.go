package send

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestWait bounds what an answer asks to wait.
const longestWait = 365 * 24 * time.Hour

// asksToWait says whether Retry-After is read off an answer (RFC 9110, section 10.2.3).
func asksToWait(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// retryAfter reads Retry-After, seconds or a date: 1 ns at least where there is one, 0 where it is neither.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) { // then it is the largest
		return min(max(time.Duration(min(seconds, uint64(longestWait/time.Second)))*time.Second, 1), longestWait)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 1), longestWait)
}
