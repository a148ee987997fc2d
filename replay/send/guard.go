package send

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// What CheckTarget, Warm and the dialer answer.
var (
	// ErrRefused says that a safety rule forbids the target.
	ErrRefused = errors.New("send: the target is refused")
	// ErrElsewhere is the ErrRefused of Guard.Local.
	ErrElsewhere = fmt.Errorf("%w: it is not this machine", ErrRefused)
	// ErrCaptured is the ErrRefused of Guard.Forbidden.
	ErrCaptured = fmt.Errorf("%w: the corpus was captured from", ErrRefused)
	// ErrUnreachable says that the target does not accept connections.
	ErrUnreachable = errors.New("send: the target cannot be reached")
	errTarget      = errors.New("the target is not written http://host:port or https://host:port")
)

// UnknownError is the ErrRefused of a host that may be sent to once somebody says, by Guard.Allow, that it is theirs to load.
type UnknownError struct {
	Host string
	why  string
}

// Error says why.
func (e *UnknownError) Error() string { return ErrRefused.Error() + ": " + e.why }

// Unwrap returns ErrRefused.
func (e *UnknownError) Unwrap() error { return ErrRefused }

// Guard says where requests may go. Loopback and private addresses may always be sent to (that is where staging lives),
// but for those the corpus was captured from; link-local, metadata and multicast addresses never.
type Guard struct {
	// Allow lists the other hosts that the user vouches for: names or addresses, with or without a port.
	Allow []string
	// Forbidden says whether a name or an address is one that the corpus was captured from; nil forbids none.
	// It is called by many goroutines at once.
	Forbidden func(host string) bool
	// Local, where not empty, says why only this machine may be sent to: then every address that is connected to must be a
	// loopback one, whatever the host is called.
	Local string
	// Lookup, where set, finds the addresses of a name in place of the system's resolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
}

func (g Guard) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if g.Lookup != nil {
		return g.Lookup(ctx, host)
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// ParseTarget reads a target as users write it: http or https, host, port, and a path where requests go below one.
func ParseTarget(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil: // its text quotes the target, which may hold a password
		return nil, errTarget
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "":
		return nil, errTarget
	case u.User != nil:
		return nil, fmt.Errorf("the target holds a user name: credentials are not sent from a URL")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the target holds a query or a fragment: only scheme, host, port and path are used")
	}
	return u, nil
}

// checkName refuses names that the corpus was captured from, and numbers that only some programs read as addresses
// (2130706433, 0x7f.1, 127.1): what they mean is not certain.
func (g Guard) checkName(host string) error {
	if g.Forbidden != nil && g.Forbidden(host) {
		return fmt.Errorf("%w %s", ErrCaptured, host)
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	if namesMetadata(host) {
		return fmt.Errorf("%w: %s is the name of a metadata service", ErrRefused, host)
	}
	last := strings.TrimSuffix(host, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	if last != "" && last[0] >= '0' && last[0] <= '9' {
		return fmt.Errorf("%w: %s is neither a name nor a plainly written address", ErrRefused, host)
	}
	return nil
}

// checkAddress is the dialer's: address is what a name resolved to, with a port.
func (g Guard) checkAddress(host, address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s is not an address", ErrRefused, address)
	}
	return g.check(host, a.Addr())
}

// check says whether a host may be sent to at an address.
func (g Guard) check(host string, a netip.Addr) error {
	if g.Local != "" && !a.Unmap().IsLoopback() { // NAT64 and 6to4 lead away, whatever they lead to
		return fmt.Errorf("%w: %s (%s): %s", ErrElsewhere, host, a.Unmap(), g.Local)
	}
	a = plainAddress(a)
	switch {
	case a.IsUnspecified(), a.IsMulticast(), a.IsInterfaceLocalMulticast(), a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return fmt.Errorf("%w: %s is the address of no single host", ErrRefused, a)
	case a.IsLinkLocalUnicast(), isMetadata(a):
		return fmt.Errorf("%w: %s is a link-local or metadata address", ErrRefused, a)
	case g.Forbidden != nil && g.Forbidden(a.String()):
		return fmt.Errorf("%w %s", ErrCaptured, a)
	case a.IsLoopback(), a.IsPrivate(), g.allowed(host), g.allowed(a.String()):
		return nil
	}
	return &UnknownError{host, fmt.Sprintf("%s (%s) is not a private address", host, a)}
}

// plainAddress takes an IPv4 address out of the IPv6 forms that lead to it: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056).
func plainAddress(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a
	}
	b := a.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case netip.MustParsePrefix("2002::/16").Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return a
}

// isMetadata knows the addresses, outside the link-local range, at which clouds tell machines their secrets.
func isMetadata(a netip.Addr) bool {
	switch a.String() {
	case "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16":
		return true
	}
	return false
}

// namesMetadata knows the names that clouds give those addresses. A proxy looks names up where this program does not see it, and
// the name is then all there is to go by.
func namesMetadata(host string) bool {
	switch strings.TrimRight(strings.ToLower(host), ".") {
	case "metadata", "metadata.google.internal", "metadata.goog", "metadata.google.com", "instance-data", "instance-data.ec2.internal",
		"metadata.azure.internal", "metadata.azure.com", "metadata.tencentyun.com", "metadata.platformequinix.com", "metadata.packet.net",
		"metadata.oraclecloud.com", "api.metadata.cloud.ibm.com":
		return true
	}
	return false
}

// allowed says whether the user vouches for a host.
func (g Guard) allowed(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, entry := range g.Allow {
		if h, _, err := net.SplitHostPort(entry); err == nil {
			entry = h
		}
		entry = strings.Trim(strings.TrimSuffix(strings.ToLower(entry), "."), "[]")
		if entry == host {
			return true
		}
	}
	return false
}
