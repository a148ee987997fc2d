package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"reprise/capture"
	"reprise/fixtures/sink"
)

// profileExample is part of the sink's help.
const profileExample = `A --profile file says all of that, and more, for every kind or for some (what a kind does not say is as in default):
  default:
    latency: {p50: 20ms, p99: 200ms}         # log-normal; or 20ms, {constant: 20ms, jitter: 5ms}, {median: 20ms, sigma: 0.9}
    errors: {503: 0.5%, 429: 1%, reset: 0.1%, never: 0.1%}
    stall: {every: 30s, for: 2s}             # every answer that is due then waits for its end
    queue: {servers: 8, limit: 100, full: 429}   # first in, first out; without a limit everyone waits
    service: 8ms                             # time that a server of the queue takes, written as a latency is
  kinds:
    custom_keyword: {service: {p50: 40ms, p99: 400ms}}   # in the same queue; with --keywords
    help: {queue: none, errors: none}
`

// profileReader reads a file of profiles. Its errors name a line and a field.
type profileReader struct{ file string }

// readSinkProfile returns the default profile and those of some kinds.
func readSinkProfile(name string) (usual sink.Profile, kinds map[capture.Kind]sink.Profile, err error) {
	text, err := readSettings(name)
	if err != nil {
		return usual, nil, misuse("--profile: %v", err)
	}
	doc, err := parseYAML(text)
	if err != nil {
		return usual, nil, misuse("--profile %s: %s", name, shown(err.Error()))
	}
	if severalYAML(text) {
		return usual, nil, misuse("--profile %s: it holds more than one document", name)
	}
	r := profileReader{name}
	if len(doc.Content) == 0 {
		return usual, nil, misuse("--profile %s: it is empty", name)
	}
	var ofKinds, service *yaml.Node
	err = r.each(doc.Content[0], "the file", func(key string, v *yaml.Node) error {
		switch key {
		case "default":
			service, err = r.profile(v, "default", &usual)
			return err
		case "kinds":
			ofKinds = v
			return nil
		}
		return r.unknown(v, key, "default, kinds")
	})
	queued := usual.Queue != nil
	if err == nil && ofKinds != nil {
		kinds = make(map[capture.Kind]sink.Profile)
		err = r.kinds(ofKinds, usual, func(kind capture.Kind, p sink.Profile) {
			kinds[kind], queued = p, queued || p.Queue != nil
		})
	}
	if err == nil && service != nil && !queued {
		err = r.idle(service, "default")
	}
	return usual, kinds, err
}

// kinds reads what a file says of some kinds.
func (r profileReader) kinds(n *yaml.Node, usual sink.Profile, take func(capture.Kind, sink.Profile)) error {
	return r.each(n, "kinds", func(key string, v *yaml.Node) error {
		kind, err := capture.ParseKind(key)
		if err != nil {
			return r.unknown(v, "kinds."+key, kindList())
		}
		p := usual
		service, err := r.profile(v, "kinds."+key, &p)
		if err == nil && service != nil && p.Queue == nil {
			err = r.idle(service, "kinds."+key)
		}
		take(kind, p)
		return err
	})
}

// idle refuses the time of a queue's server where there is no queue.
func (r profileReader) idle(service *yaml.Node, field string) error {
	return r.fail(service, field+".service", "it is the time that a server of a queue takes, and there is no queue")
}

func (r profileReader) fail(n *yaml.Node, field, format string, args ...any) error {
	return misuse("--profile %s: line %d: %s: %s", r.file, n.Line, shown(field), fmt.Sprintf(format, args...))
}

func (r profileReader) unknown(n *yaml.Node, field, known string) error {
	return r.fail(n, field, "there is no such field: %s", known)
}

// each goes through a mapping.
func (r profileReader) each(n *yaml.Node, field string, do func(key string, v *yaml.Node) error) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return r.fail(n, field, "it is no mapping")
	}
	seen := make([]string, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if slices.Contains(seen, key) {
			return r.fail(n.Content[i], field+"."+key, "it stands there twice")
		}
		seen = append(seen, key)
		if err := do(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func none(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Value == "none" }

// profile changes p by what a file says of it. It returns where a service time stands, if one does.
func (r profileReader) profile(n *yaml.Node, field string, p *sink.Profile) (service *yaml.Node, err error) {
	err = r.each(n, field, func(key string, v *yaml.Node) error {
		at := field + "." + key
		switch key {
		case "latency":
			return r.spread(v, at, &p.Latency)
		case "service":
			service = v
			return r.spread(v, at, &p.Service)
		case "errors":
			return r.errors(v, at, &p.Errors)
		case "stall":
			return r.stall(v, at, &p.Stall)
		case "queue":
			p.Queue = nil
			if none(v) {
				return nil
			}
			p.Queue = new(sink.Queue)
			return r.queue(v, at, p.Queue)
		}
		return r.unknown(v, at, "latency, service, queue, stall, errors")
	})
	return service, err
}

func (r profileReader) duration(n *yaml.Node, field string, into *time.Duration) error {
	d, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || d < 0 {
		return r.fail(n, field, "it is no duration like 20ms")
	}
	*into = d
	return nil
}

func (r profileReader) whole(n *yaml.Node, field string, low, high int, into *int) error {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < low || v > high {
		return r.fail(n, field, "it is no whole number from %d to %d", low, high)
	}
	*into = v
	return nil
}

// spread reads 20ms, {constant, jitter}, {median, sigma} or {p50, p99}.
func (r profileReader) spread(n *yaml.Node, field string, into *sink.Spread) error {
	if n.Kind == yaml.ScalarNode {
		*into = sink.Spread{}
		return r.duration(n, field, &into.Base)
	}
	var s sink.Spread
	var p99 time.Duration
	var keys []string
	err := r.each(n, field, func(key string, v *yaml.Node) error {
		keys = append(keys, key)
		at := field + "." + key
		switch key {
		case "constant", "median", "p50":
			return r.duration(v, at, &s.Base)
		case "jitter":
			return r.duration(v, at, &s.Jitter)
		case "p99":
			return r.duration(v, at, &p99)
		case "sigma":
			f, err := strconv.ParseFloat(v.Value, 64)
			if s.Sigma = f; err != nil || !(f >= 0 && f <= 10) {
				return r.fail(v, at, "it is no number from 0 to 10")
			}
			return nil
		}
		return r.unknown(v, at, "constant, jitter, median, sigma, p50, p99")
	})
	if err != nil {
		return err
	}
	slices.Sort(keys)
	switch strings.Join(keys, " ") {
	case "constant", "constant jitter", "median sigma":
	case "p50 p99":
		if s.Base <= 0 || p99 < s.Base {
			return r.fail(n, field, "p50 is not above 0, or above p99")
		}
		s = sink.LogNormal(s.Base, p99)
	default:
		return r.fail(n, field, "it holds neither constant (and jitter), nor median and sigma, nor p50 and p99")
	}
	*into = s
	return nil
}

func (r profileReader) stall(n *yaml.Node, field string, into *sink.Stall) error {
	if *into = (sink.Stall{}); none(n) {
		return nil
	}
	err := r.each(n, field, func(key string, v *yaml.Node) error {
		switch key {
		case "every":
			return r.duration(v, field+".every", &into.Every)
		case "for":
			return r.duration(v, field+".for", &into.For)
		}
		return r.unknown(v, field+"."+key, "every, for")
	})
	if err == nil && (into.For <= 0 || into.Every <= into.For) {
		err = r.fail(n, field, "it needs every and for, the latter above 0 and shorter")
	}
	return err
}

func (r profileReader) queue(n *yaml.Node, field string, into *sink.Queue) error {
	return r.each(n, field, func(key string, v *yaml.Node) error {
		switch key {
		case "servers":
			return r.whole(v, field+".servers", 1, 10000, &into.Servers)
		case "limit":
			return r.whole(v, field+".limit", 1, 1<<30, &into.Limit)
		case "full":
			return r.whole(v, field+".full", 200, 599, &into.Full)
		}
		return r.unknown(v, field+"."+key, "servers, limit, full")
	})
}

func (r profileReader) errors(n *yaml.Node, field string, into *sink.Errors) error {
	if *into = (sink.Errors{Status: make(map[int]float64)}); none(n) {
		return nil
	}
	sum := 0.0
	err := r.each(n, field, func(key string, v *yaml.Node) error {
		at := field + "." + key
		share, err := parseShare(v.Value)
		if v.Kind != yaml.ScalarNode || err != nil {
			return r.fail(v, at, "it is no share like 0.5%% or 0.005")
		}
		sum += share
		code, codeErr := strconv.Atoi(key)
		switch {
		case key == "reset":
			into.Reset = share
		case key == "never":
			into.Never = share
		case codeErr == nil && code >= 200 && code <= 599:
			into.Status[code] = share
		default:
			return r.unknown(v, at, "a status from 200 to 599, reset, never")
		}
		return nil
	})
	if err == nil && sum > 1+1e-9 {
		err = r.fail(n, field, "the shares sum to more than 100%%")
	}
	return err
}
