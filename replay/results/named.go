package results

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"reprise/replay"
)

// The names of failed answers. Part of the summary's JSON and of --expect.
const (
	AnswerLimited     = "rate_limited" // 429
	AnswerUnavailable = "unavailable"  // 503
	AnswerRejected    = "rejected"     // 401, 403, 404: not this request, whatever the load
)

func answerNames() []string { return []string{AnswerLimited, AnswerRejected, AnswerUnavailable} }

// nameOf is the name of an answer, "" where it has none.
func nameOf(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return AnswerLimited
	case status == http.StatusServiceUnavailable:
		return AnswerUnavailable
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound:
		return AnswerRejected
	}
	return ""
}

// Failure is the class of a request's failure: its reason, the name of its answer, or "status 500"; "" of a good answer.
func Failure(res *replay.Result) string {
	switch {
	case res.Error != replay.ReasonNone:
		return string(res.Error)
	case res.OK():
		return ""
	case nameOf(res.Status) != "":
		return nameOf(res.Status)
	}
	return "status " + strconv.Itoa(res.Status)
}

// named counts answers by name; nil where none has one.
func named(status map[string]int64) map[string]int64 {
	var out map[string]int64
	for text, n := range status {
		code, _ := strconv.Atoi(text)
		if name := nameOf(code); name != "" && n > 0 {
			if out == nil {
				out = make(map[string]int64)
			}
			out[name] += n
		}
	}
	return out
}

// RetryAfter is how long answers of 429 asked to wait. Nothing is sent later for it: vendors do not obey it either.
type RetryAfter struct {
	// Answers is how many asked.
	Answers int64 `json:"answers"`
	// P50 and Max are at most a day, which means a day or more.
	P50 time.Duration `json:"p50"`
	Max time.Duration `json:"max"`
}

// AWait tells a wait that was asked for, in the words for those that are told exactly.
func AWait(d time.Duration, exactly func(time.Duration) string) string {
	if d >= longest {
		return "1 day or more"
	}
	return exactly(d)
}

// waits collects what answers of 429 asked to wait.
type waits struct {
	n     int64
	asked distribution
}

func (w *waits) add(res *replay.Result) {
	if res.Status == http.StatusTooManyRequests && res.RetryAfter > 0 && res.Error == replay.ReasonNone {
		w.n++
		w.asked.add(res.RetryAfter)
	}
}

// sum is nil where none asked. The median is true to three digits.
func (w *waits) sum() *RetryAfter {
	if w.n == 0 {
		return nil
	}
	q := w.asked.quantiles()
	return &RetryAfter{w.n, min(q.P50, longest).Round(time.Millisecond), min(q.Max, longest).Round(time.Millisecond)}
}

// statusPrefix begins a metric of answers by status: status.503, status.5xx.
const statusPrefix = "status."

// isStatus says whether a metric is one of answers by status.
func isStatus(name string) bool {
	code, ok := strings.CutPrefix(name, statusPrefix)
	if !ok || len(code) != 3 || code[0] < '1' || code[0] > '9' {
		return false
	}
	_, err := strconv.Atoi(code)
	return err == nil || code[1:] == "xx"
}

// answered counts the answers that a metric is about.
func (x Expectation) answered(answers map[string]int64) (sum int64) {
	for text, n := range answers {
		if code, _ := strconv.Atoi(text); x.isAnswer(code) {
			sum += n
		}
	}
	return sum
}

// isAnswer says whether a metric is about answers of a status.
func (x Expectation) isAnswer(status int) bool {
	want, byStatus := strings.CutPrefix(x.metric, statusPrefix)
	if !byStatus {
		return nameOf(status) == x.metric
	}
	if want[1:] == "xx" {
		return status/100 == int(want[0]-'0')
	}
	code, _ := strconv.Atoi(want)
	return status == code
}
