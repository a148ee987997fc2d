package audit

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much of a segment may stay by chance. What replaces a segment is never equal to it, and has no minRun letters or digits
// in a row in common with it: rewriters see to that. What it has of a segment elsewhere may be chance, and counts only if it
// is long.
const (
	minRun    = 4  // letters or digits in a row, of the segment at the same place
	minID     = 6  // letters or digits in a row, of a segment that is as long as an id
	minFar    = 8  // of a segment, or of letters or digits in a row, at any other place
	minShared = 10 // letters and digits in a row, wherever they begin
	// maxShared bounds what of a segment is looked at for what begins anywhere.
	maxShared = 512
)

// comparison is what is known of the paths of the record at hand and of its counterpart.
type comparison struct {
	in, out path
	links   path // the segments of the counterpart's links; filled when they are asked for
	link    path // of a link of the output
	linked  bool
	whole   []uint64 // hashes of what the counterpart's links have behind their hosts
	reader  reader   // of the counterpart
	seen    [seenPaths]seenPath
	runs    [2][]segmentRun
	solid   [2][]byte
}

// seenPaths is how many pairs of paths are remembered as faultless: nearly all records have one of a few.
const seenPaths = 64

type seenPath struct {
	in, out       string
	words, policy int64
}

// paths compares the path of a record with that of its counterpart.
func (s *scanner) paths(in, out string) {
	if s.routes == nil {
		return
	}
	in, out = withoutQuery(in), withoutQuery(out)
	s.raw = append(s.raw[:0], out...)
	known := &s.cmp.seen[s.keys.hash(s.raw)%seenPaths]
	if known.in != in || known.out != out {
		if len(in)+len(out) > 4*maxClean {
			known = new(seenPath)
		}
		*known = seenPath{in: strings.Clone(in), out: strings.Clone(out)}
		if !s.comparePaths(known) {
			known.in = "\x00" // it is compared, and reported, each time
		}
	}
	s.report.Stays.Routes += known.words
	s.report.Stays.PolicyPaths += known.policy
}

func withoutQuery(url string) string {
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		return url[:i]
	}
	return url
}

// comparePaths reports each segment that stayed though it is no route, counts those that are in k, and says whether all is well.
func (s *scanner) comparePaths(k *seenPath) (faultless bool) {
	c := &s.cmp
	c.in.of(k.in)
	c.out.of(k.out)
	s.cmpOf = s.n
	form := s.routes.form(&c.out)
	faultless = true
	for i := range c.out.segments {
		segment := &c.out.segments[i]
		switch {
		case len(segment.folded) == 0:
		case s.routes.isRoute(segment.plain):
			k.words++
		case i < len(form) && !form[i].any:
			k.policy++
		case s.stayed(segment):
			faultless = false
			s.tell(Paths, field{name: "url path segment", segment: i + 1}, 1)
		default:
			faultless = faultless && !s.mayLink() // the links of another counterpart are others
		}
	}
	return faultless
}

// near says how two segments lie to each other.
type near uint8

const (
	same near = iota // at one place of the same path
	like             // at one place of two paths
	far
)

// stayed says whether a segment of the path is one of the counterpart's, or holds of one what is there by no chance.
func (s *scanner) stayed(out *segment) bool {
	for i := range s.cmp.in.segments {
		in, how := &s.cmp.in.segments[i], far
		if in.at == out.at {
			how = same
		}
		if s.shares(out, in, how) {
			return true
		}
	}
	return s.linkStayed(out, far)
}

// linkStayed says it of the counterpart's links; how is how near those at its place are to it.
func (s *scanner) linkStayed(out *segment, how near) bool {
	segments := s.linkSegments()
	for i := range segments {
		in := &segments[i]
		if in.at == out.at && s.shares(out, in, how) || in.at != out.at && s.shares(out, in, far) {
			return true
		}
	}
	return false
}

// inLink says of a segment of one of the output's links whether it stayed.
func (s *scanner) inLink(out *segment) bool {
	s.words = s.lexer.words(s.words[:0], out.folded)
	if !hasForeign(s.words) { // links are made of such words: only of a link it is told
		return s.linkStayed(out, like)
	}
	for i := range s.cmp.in.segments {
		in, how := &s.cmp.in.segments[i], far
		if in.at == out.at {
			how = like
		}
		if s.shares(out, in, how) {
			return true
		}
	}
	return s.linkStayed(out, like)
}

// shares says whether a segment has of another what is there by no chance.
func (s *scanner) shares(out, in *segment, how near) bool {
	if !hasWord(in.folded) || s.routes.isRoute(in.plain) {
		return false
	}
	least := minFar
	if how != far {
		least = minRun
	}
	if bytes.Equal(out.folded, in.folded) { // one letter that only its case tells apart may be chance
		return how == same && (len(in.folded) > utf8.UTFMax || bytes.Equal(out.plain, in.plain)) || len(in.folded) >= least
	}
	c := &s.cmp
	c.runs[0], c.runs[1] = runsIn(c.runs[0][:0], withoutExtension(out.folded)), runsIn(c.runs[1][:0], in.folded)
	if isID(c.runs[1]) {
		least = max(least, minID)
	}
	if !isToken(c.runs[0]) && !isToken(c.runs[1]) && s.common(c.runs[0], c.runs[1], least) {
		return true
	}
	c.solid[0], c.solid[1] = solid(c.solid[0][:0], out.folded), solid(c.solid[1][:0], in.folded)
	return s.overlap(c.solid[0], c.solid[1])
}

// common says whether a run of that size at least is in both, and is no word of routes.
func (s *scanner) common(a, b []segmentRun, least int) bool {
	for _, run := range a {
		if run.size < least {
			continue
		}
		for _, other := range b {
			if bytes.Equal(run.text, other.text) && !s.routes.isRoute(run.text) {
				return true
			}
		}
	}
	return false
}

// overlap says whether two texts have minShared characters in a row in common, more than words of routes. Such a row holds a block
// that begins at a multiple of the stride: only blocks are looked for.
func (s *scanner) overlap(a, b []byte) bool {
	const stride = minShared / 2
	const block = minShared - stride + 1
	for i := 0; i+block <= len(a); i += stride {
		for from := 0; ; {
			at := bytes.Index(b[from:], a[i:i+block])
			if at < 0 {
				break
			}
			at += from
			from = at + 1
			start, end := i, i+block
			for start > 0 && start > i-at && a[start-1] == b[at+start-1-i] {
				start--
			}
			for end < len(a) && at+end-i < len(b) && a[end] == b[at+end-i] {
				end++
			}
			if end-start >= minShared && !s.routes.isRoute(a[start:end]) {
				return true
			}
		}
	}
	return false
}

// segmentRun is some letters in a row, or some digits.
type segmentRun struct {
	text  []byte
	size  int // in characters
	digit bool
	after bool // it follows the run before without anything between
}

// runsIn appends the runs of letters and those of digits in a folded text.
func runsIn(dst []segmentRun, s []byte) []segmentRun {
	last := -1
	for i := 0; i < len(s); {
		kind, n := runeKind(s[i:])
		if kind == otherRune {
			i += n
			continue
		}
		start, size := i, 0
		for i < len(s) {
			k, n := runeKind(s[i:])
			if k != kind {
				break
			}
			i += n
			size++
		}
		dst = append(dst, segmentRun{text: s[start:i], size: size, digit: kind == digitRune, after: start == last})
		last = i
	}
	return dst
}

const (
	otherRune = iota
	letterRune
	digitRune
)

func runeKind(s []byte) (kind, size int) {
	if c := s[0]; c < utf8.RuneSelf {
		switch {
		case c-'0' < 10:
			return digitRune, 1
		case c|0x20-'a' < 26:
			return letterRune, 1
		}
		return otherRune, 1
	}
	r, n := utf8.DecodeRune(s)
	switch {
	case unicode.IsDigit(r):
		return digitRune, n
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return letterRune, n
	}
	return otherRune, n
}

// isToken says whether letters and digits change so often that a few of either in a row are chance.
func isToken(runs []segmentRun) bool {
	changes := 0
	for _, r := range runs {
		if r.after {
			changes++
		}
	}
	return changes >= 4
}

// isID says whether a segment is as long as ids are, and has digits: what replaces it has as many to choose from.
func isID(runs []segmentRun) bool {
	size, digits := 0, false
	for _, r := range runs {
		size += r.size
		digits = digits || r.digit
	}
	return digits && size >= 16
}

// withoutExtension cuts off what says which sort of file a segment names, where that is as long as what counts.
func withoutExtension(s []byte) []byte {
	for _, extension := range [...]string{".jpeg", ".webp", ".heic", ".html", ".json", ".smil", ".aspx"} {
		if rest, ok := bytes.CutSuffix(s, []byte(extension)); ok && len(rest) > 0 {
			return rest
		}
	}
	return s
}

func hasWord(s []byte) bool {
	for i := 0; i < len(s); {
		kind, n := runeKind(s[i:])
		if kind != otherRune || s[i] >= utf8.RuneSelf {
			return true
		}
		i += n
	}
	return false
}

// solid appends the letters and digits of a text.
func solid(dst, s []byte) []byte {
	for i := 0; i < len(s) && len(dst) < maxShared; {
		kind, n := runeKind(s[i:])
		if kind != otherRune {
			dst = append(dst, s[i:i+n]...)
		}
		i += n
	}
	return dst
}
