package corpus

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// Part of the file format; never change.
const (
	saltLen       = 16
	hostHashLen   = 8
	maxHosts      = 1 << 16
	maxHostGroups = 1 << 10
	hostsOverflow = 1 // flag bit
)

type (
	salt     [saltLen]byte
	hostHash [hostHashLen]byte
)

// Hosts are the names and addresses that a corpus was captured from, as salted hashes: enough to recognise one,
// not to list them. The zero value holds none.
type Hosts struct {
	groups map[salt]map[hostHash]struct{}
	count  int
	// overflow says that the list is not complete, since there were more than the format holds or some of it was lost: then
	// every host matches.
	overflow bool
}

// Match says whether a host ("name", "name:port", an address) is one that the corpus was captured from.
// Loopback never is.
func (h Hosts) Match(host string) bool {
	name := canonicalHost(host)
	if name == "" {
		return false
	}
	if h.overflow {
		return true
	}
	for s, hashes := range h.groups {
		if _, ok := hashes[hashHost(s, name)]; ok {
			return true
		}
	}
	return false
}

// Len returns how many hosts are known.
func (h Hosts) Len() int { return h.count }

// EveryHost, given to Writer.AddHost, says that it is not known which hosts the records were captured from, so that the list is not
// complete. No host on the wire is called so.
const EveryHost = "every host\n"

// Complete says whether the list holds every host; where it does not, every host but loopback matches.
func (h Hosts) Complete() bool { return !h.overflow }

// Groups lists the hashes by their salt, in an order that does not change: the first eight bytes of HMAC-SHA-256 over the host, with the
// salt as the key (FORMAT.md).
func (h Hosts) Groups() iter.Seq2[[]byte, [][]byte] {
	return func(yield func(salt []byte, hashes [][]byte) bool) {
		for _, s := range slices.SortedFunc(maps.Keys(h.groups), func(x, y salt) int { return bytes.Compare(x[:], y[:]) }) {
			var hashes [][]byte
			for hash := range h.groups[s] {
				hashes = append(hashes, hash[:])
			}
			slices.SortFunc(hashes, bytes.Compare)
			if !yield(s[:], hashes) {
				return
			}
		}
	}
}

// With returns the hosts of both lists.
func (h Hosts) With(o Hosts) Hosts {
	c := h.clone()
	c.merge(o)
	return c
}

func hashHost(s salt, name string) (out hostHash) {
	mac := hmac.New(sha256.New, s[:])
	mac.Write([]byte(name))
	copy(out[:], mac.Sum(nil))
	return out
}

// add takes a hash in and says whether it was new.
func (h *Hosts) add(s salt, hash hostHash) bool {
	if _, ok := h.groups[s][hash]; ok || h.overflow {
		return false
	}
	if h.groups[s] == nil && len(h.groups) >= maxHostGroups || h.count >= maxHosts {
		h.overflow = true
		return true
	}
	if h.groups == nil {
		h.groups = make(map[salt]map[hostHash]struct{})
	}
	if h.groups[s] == nil {
		h.groups[s] = make(map[hostHash]struct{})
	}
	h.groups[s][hash] = struct{}{}
	h.count++
	return true
}

// merge takes everything of o in and says whether anything was new.
func (h *Hosts) merge(o Hosts) bool {
	changed := o.overflow && !h.overflow
	for s, hashes := range o.groups {
		for hash := range hashes {
			changed = h.add(s, hash) || changed
		}
	}
	h.overflow = h.overflow || o.overflow
	return changed
}

func (h Hosts) clone() Hosts {
	var c Hosts
	c.merge(h)
	return c
}

// encode writes a hosts block's payload, the same for the same hosts.
func (h Hosts) encode() []byte {
	b := make([]byte, 1, 64)
	if h.overflow {
		b[0] = hostsOverflow
	}
	salts := make([]salt, 0, len(h.groups))
	for s := range h.groups {
		salts = append(salts, s)
	}
	slices.SortFunc(salts, func(x, y salt) int { return bytes.Compare(x[:], y[:]) })
	for _, s := range salts {
		hashes := make([]uint64, 0, len(h.groups[s]))
		for hash := range h.groups[s] {
			hashes = append(hashes, binary.BigEndian.Uint64(hash[:]))
		}
		slices.SortFunc(hashes, cmp.Compare)
		b = append(b, s[:]...)
		b = binary.AppendUvarint(b, uint64(len(hashes)))
		for _, v := range hashes {
			b = binary.BigEndian.AppendUint64(b, v)
		}
	}
	return b
}

var errHosts = errors.New("malformed list of hosts")

// decodeHosts merges a hosts block's payload into h.
func (h *Hosts) decode(b []byte) error {
	if len(b) == 0 || b[0] > hostsOverflow {
		return errHosts
	}
	h.overflow = h.overflow || b[0]&hostsOverflow != 0
	for b = b[1:]; len(b) > 0; {
		if len(b) < saltLen {
			return errHosts
		}
		s := salt(b)
		n, used := binary.Uvarint(b[saltLen:])
		if used <= 0 || n > uint64(len(b)-saltLen-used)/hostHashLen {
			return errHosts
		}
		for b = b[saltLen+used:]; n > 0; n-- {
			h.add(s, hostHash(b))
			b = b[hostHashLen:]
		}
	}
	return nil
}

// canonicalHost reduces a host to the form that is hashed; empty for loopback and for nothing.
func canonicalHost(host string) string {
	name := strings.ToLower(strings.TrimSpace(host))
	if ap, err := netip.ParseAddrPort(name); err == nil {
		return canonicalAddr(ap.Addr())
	}
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")); err == nil {
		return canonicalAddr(a)
	}
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		name = name[:i]
	}
	name = strings.TrimRight(name, ".")
	if a, err := netip.ParseAddr(name); err == nil {
		return canonicalAddr(a)
	}
	if name == "localhost" || name == "localhost.localdomain" || strings.HasSuffix(name, ".localhost") {
		return ""
	}
	return name
}

func canonicalAddr(a netip.Addr) string {
	a = a.WithZone("").Unmap()
	if a.IsLoopback() || a.IsUnspecified() {
		return ""
	}
	return a.String()
}
