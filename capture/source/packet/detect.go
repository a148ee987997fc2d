package packet

import "encoding/binary"

// DetectLen is how many bytes of an input Detect needs.
const DetectLen = 4

// Detect says whether an input that begins with these bytes is a packet capture.
func Detect(prefix []byte) bool {
	if len(prefix) < DetectLen {
		return false
	}
	switch binary.LittleEndian.Uint32(prefix) {
	case fileMicro, fileNano, fileModified, fileMicroSwapped, fileNanoSwapped, fileModSwapped, fileSections:
		return true
	}
	return false
}
