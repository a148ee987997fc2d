package corpus

import "reprise/capture/frame"

// mostWrong is how many bytes of a magic may be wrong.
const mostWrong = 2

// MendMagic says whether a file that begins so, and that Detect does not know, is a corpus all the same: all but one or two bytes of its magic
// are right, and a header of a corpus follows, whole. Then it returns the magic. Of another version of the format it is false.
func MendMagic(start []byte) (right []byte, ok bool) {
	if len(start) < magicLen || Detect(start) {
		return nil, false
	}
	wrong := 0
	for i := range magicLen {
		if start[i] != magic[i] {
			wrong++
		}
	}
	if wrong > mostWrong || start[versionByte] != magic[versionByte] {
		return nil, false
	}
	layout, block := newLayout2(), start[magicLen:]
	h, ok := layout.Parse(block)
	if !ok || h.Type != typeHeader || int64(len(block)) < int64(layout.Len())+int64(h.Stored) {
		return nil, false
	}
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		return nil, false
	}
	defer u.Close()
	payload, err := u.Unpack(layout, &h, block[:int64(layout.Len())+int64(h.Stored)])
	if err != nil {
		return nil, false
	}
	if _, err := parseHeader(payload); err != nil {
		return nil, false
	}
	return []byte(magic), true
}
