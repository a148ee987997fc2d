package logs

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// role is a field of the map: what names it mostly has, the best first, and what its values look like.
type role struct {
	names []string
	// named says that only these names will do.
	named bool
	like  func(f *found) bool
}

func timeRole() role {
	c, _ := newClock(Map{})
	return role{
		names: strings.Fields("receivedat requestedat starttime startedat timestamp time ts at datetime eventtime requesttime occurredat loggedat createdat date insertedat"),
		like: func(f *found) bool {
			if f.kind != jsonString && f.kind != jsonNumber {
				return false
			}
			t, _, ok := c.read([]byte(f.text))
			if isNumber(f.text) && len(f.text) < 9 {
				return false
			}
			return ok && t.After(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) && t.Year() < 2100
		},
	}
}

func methodRole() role {
	return role{
		names: strings.Fields("method requestmethod httpmethod verb"),
		like: func(f *found) bool {
			return slices.Contains([]string{
				http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions,
			}, f.text)
		},
	}
}

func requestRole() role {
	return role{names: []string{"request", "requestline"}, named: true, like: func(f *found) bool {
		_, _, ok := requestLine([]byte(f.text))
		return ok && f.kind == jsonString
	}}
}

func urlRole() role {
	return role{
		names: strings.Fields("uri url requesturi requesturl originalurl rawurl target path requestpath fullpath rawpath pathinfo route endpoint"),
		named: true,
		like: func(f *found) bool {
			if f.kind != jsonString || f.text == "" {
				return false
			}
			_, target := splitURL([]byte(f.text))
			return len(target) > 0
		},
	}
}

func statusRole() role {
	return role{
		names: strings.Fields("status statuscode responsestatus httpstatus code responsecode"), named: true,
		like: func(f *found) bool {
			return (f.kind == jsonNumber || f.kind == jsonString) && len(f.text) == 3 && f.text[0] >= '1' && f.text[0] <= '5' && isNumber(f.text)
		},
	}
}

// latencyUnits are the ends of names that tell a unit.
func latencyUnits() []struct{ end, unit string } {
	return []struct{ end, unit string }{
		{"millis", "ms"}, {"milliseconds", "ms"}, {"ms", "ms"}, {"micros", "us"}, {"us", "us"}, {"nanos", "ns"}, {"ns", "ns"}, {"seconds", "s"}, {"secs", "s"}, {"sec", "s"},
	}
}

func latencyRole() role {
	stems := strings.Fields("duration latency elapsed took responsetime requesttime processingtime")
	names := slices.Clone(stems)
	for _, stem := range stems {
		for _, u := range latencyUnits() {
			names = append(names, stem+u.end)
		}
	}
	names = append(names, "ms", "millis")
	return role{names: names, named: true, like: func(f *found) bool {
		if f.kind == jsonString {
			if d, err := time.ParseDuration(f.text); err == nil {
				return d >= 0
			}
		}
		return (f.kind == jsonNumber || f.kind == jsonString) && isNumber(f.text) && f.text[0] != '-' && len(f.text) < 16
	}}
}

func bodyNames() []string {
	return strings.Fields("rawbody requestbody body bodyraw rawpayload payload raw postdata formdata params parameters form webhook event data fields content json message")
}
