package session

import (
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"reprise/capture/corpus"
	"reprise/replay/send"
)

// checkRaw refuses to play what people really wrote, but to this machine and when asked to.
func (s *Session) checkRaw() error {
	switch o := &s.o; {
	case s.header.State != corpus.Raw || s.target == nil: // a plan alone tells nothing of anyone
		return nil
	case !o.AllowRaw:
		return rawError(s.header)
	case o.Engine.Proxy != nil:
		return ErrRawProxy
	case isElsewhere(s.target):
		return interlock(o.rawIsLocal())
	}
	return nil
}

// rawIsLocal is why a raw corpus is played at this machine alone.
func (o *Options) rawIsLocal() string {
	return o.name("AllowRaw") + " is for targets on this machine alone"
}

// isElsewhere says whether a URL has an address that is not this machine's. Where a name leads is known when it is looked up.
func isElsewhere(u *url.URL) bool {
	a, err := netip.ParseAddr(u.Hostname())
	return err == nil && !a.Unmap().IsLoopback()
}

// guard are the safety rules of a run: where it may send, and whether it is to stay on this machine since the corpus is raw or
// since a Host that is sent is one that the corpus was captured from. A shared entrance sends such a request on to production,
// whatever address it stands at.
func (s *Session) guard(hosts corpus.Hosts, recorded *recordedHosts) send.Guard {
	g := s.o.Engine.Guard
	g.Forbidden, g.Local = hosts.Match, ""
	switch {
	case s.header.State == corpus.Raw:
		g.Local = s.o.rawIsLocal()
	case hosts.Complete(): // else the target is refused for that
		g.Local = s.o.capturedHost(hosts, recorded)
	}
	return g
}

// capturedHost says which Host that is sent is one that the corpus was captured from; "" where none is.
func (o *Options) capturedHost(hosts corpus.Hosts, recorded *recordedHosts) string {
	const from = " is one that the corpus was captured from"
	set := o.Host != ""
	if hosts.Match(o.Host) {
		return "the Host of " + o.name("Host") + from
	}
	for _, e := range o.Headers {
		name := strings.ToLower(e.Name)
		set = set || name == "host" && !e.Remove // a request has a Host: where it is taken away, the recorded one is sent
		if (name == "host" || name == "x-forwarded-host") && hosts.Match(e.Value) || name == "forwarded" && forwards(e.Value, hosts) {
			return "the " + e.Name + " of " + o.name("Headers") + from
		}
	}
	if !set && recorded.any(hosts) {
		return "the recorded Host" + from
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
