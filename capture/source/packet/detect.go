package packet

import "encoding/binary"

// Detect says whether an input that begins with these four bytes is a packet capture.
func Detect(prefix []byte) bool {
	if len(prefix) < 4 {
		return false
	}
	switch binary.LittleEndian.Uint32(prefix) {
	case fileMicro, fileNano, fileMicroSwapped, fileNanoSwapped, fileSections:
		return true
	}
	return false
}
