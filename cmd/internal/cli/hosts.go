package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"reprise/capture/corpus"
	"reprise/replay/send"
)

// errHostsLost says why hosts are refused that nobody named.
var errHostsLost = errors.New("the list of the hosts that the corpus was captured from is damaged or not complete, so that every host but this machine counts as one of them")

const hostsLostHint = "make the corpus again from an original that is whole (reprise anonymize, cat, merge or repair of it), or capture it again; a target on this machine can be played at as it is"

// refusedHost says beside a refusal what can be done about it.
func refusedHost(err error, hosts corpus.Hosts) error {
	switch {
	case errors.Is(err, send.ErrElsewhere) && !strings.Contains(err.Error(), rawIsLocal):
		return withHint(err, "--host NAME sends another Host: the one by which your own system is known")
	case !hosts.Complete() && errors.Is(err, send.ErrCaptured):
		return withHint(fmt.Errorf("%w: %w", send.ErrRefused, errHostsLost), hostsLostHint)
	}
	return err
}

// rawIsLocal is why a raw corpus is played at this machine alone.
const rawIsLocal = "--allow-raw is for targets on this machine alone"

// guard are the safety rules of a run: where it may send, and whether it is to stay on this machine since the corpus is raw or
// since a Host that is sent is one that the corpus was captured from. A shared entrance sends such a request on to production,
// whatever address it stands at.
func (o *replayOptions) guard(h corpus.Header, hosts corpus.Hosts, recorded recordedHosts) send.Guard {
	g := send.Guard{Allow: o.allowHost, Forbidden: hosts.Match, Lookup: o.lookup}
	switch {
	case h.State == corpus.Raw:
		g.Local = rawIsLocal
	case hosts.Complete(): // else the target is refused for that
		g.Local = o.capturedHost(hosts, recorded)
	}
	return g
}

// capturedHost says which Host that is sent is one that the corpus was captured from; "" where none is.
func (o *replayOptions) capturedHost(hosts corpus.Hosts, recorded recordedHosts) string {
	set := o.host != ""
	if hosts.Match(o.host) {
		return "the Host of --host is one that the corpus was captured from"
	}
	for _, e := range o.edits {
		name := strings.ToLower(e.Name)
		set = set || name == "host"
		if (name == "host" || name == "x-forwarded-host") && hosts.Match(e.Value) || name == "forwarded" && forwards(e.Value, hosts) {
			return "the " + e.Name + " of --header is one that the corpus was captured from"
		}
	}
	if !set && recorded.any(hosts) {
		return "the recorded Host is one that the corpus was captured from"
	}
	return ""
}

// forwards says whether one of the hosts of a Forwarded header (RFC 7239) is a captured one.
func forwards(value string, hosts corpus.Hosts) bool {
	for pair := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == ',' }) {
		name, host, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if strings.EqualFold(strings.TrimSpace(name), "host") && hosts.Match(strings.Trim(strings.TrimSpace(host), `"`)) {
			return true
		}
	}
	return false
}

// recordedHosts are the hosts that the records of a corpus were sent to, up to most.
type recordedHosts struct {
	last string
	all  map[string]struct{}
}

func (r *recordedHosts) add(host string) {
	const most = 1 << 16 // as many as a corpus lists
	if host == r.last || len(r.all) >= most {
		return
	}
	if r.all == nil {
		r.all = make(map[string]struct{})
	}
	r.last = strings.Clone(host)
	r.all[r.last] = struct{}{}
}

// any says whether one is a captured one. The names that anonymize puts in place of real ones are nobody's (RFC 2606), also where
// an example was captured from one.
func (r *recordedHosts) any(hosts corpus.Hosts) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(r.all)), func(host string) bool {
		name, _, _ := strings.Cut(strings.ToLower(host), ":")
		for _, nobodys := range [...]string{"example.com", "example.net", "example.org"} {
			if name == nobodys || strings.HasSuffix(name, "."+nobodys) {
				return false
			}
		}
		return hosts.Match(host)
	})
}

// sayHosts tells that the list of captured hosts is not complete.
func sayHosts(w io.Writer, name string, hosts corpus.Hosts) {
	if !hosts.Complete() {
		fmt.Fprintf(w, "reprise: %s: %v\n", name, errHostsLost)
	}
}
