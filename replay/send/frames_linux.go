package send

import (
	"encoding/binary"

	"reprise/replay"
)

// The frames of HTTP/2 (RFC 9113, section 6).
type frameType uint8

const (
	frameData frameType = iota
	frameHeaders
	framePriority
	frameReset
	frameSettings
	framePushPromise
	framePing
	frameGoAway
	frameWindowUpdate
	frameContinuation
)

// Flags of frames. The flag that ends a stream is also the one that acknowledges.
const (
	flagEndStream  = 0x1
	flagAck        = 0x1
	flagEndHeaders = 0x4
	flagPadded     = 0x8
	flagPriority   = 0x20
)

// Settings (RFC 9113, section 6.5.2).
const (
	settingTableSize     = 1
	settingPush          = 2
	settingStreams       = 3
	settingInitialWindow = 4
	settingHeaderList    = 6
)

// Codes with which a stream is reset (RFC 9113, section 7).
const (
	codeNone     = 0
	codeProtocol = 1
	codeRefused  = 7
	codeCancel   = 8
)

const (
	// preface begins a connection.
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	// maxFrame is the longest payload that either side sends: what holds without a setting.
	maxFrame    = 16 << 10
	frameHeader = 9
	// plainWindow is how much may be sent without a word of the other side, maxWindow how much at most with one.
	plainWindow = 1<<16 - 1
	maxWindow   = 1<<31 - 1
	// ownWindow is how much of an answer may come before this side says more, sharedWindow of all answers of a connection.
	ownWindow    = 4 << 20
	sharedWindow = 1 << 30
	// giveBack is how much has to have come until that is said.
	giveBack = 1 << 20
	// maxBlock bounds the header of an answer as it is packed.
	maxBlock = 4 * maxHeader
)

// frame is a frame as it came.
type frame struct {
	of      frameType
	flags   byte
	stream  uint32
	payload []byte
}

func (f *frame) has(flag byte) bool { return f.flags&flag != 0 }

// nextFrame takes the first frame off b; size is its length, 0 where it has not come whole.
func nextFrame(b []byte) (f frame, size int, reason replay.Reason) {
	if len(b) < frameHeader {
		return f, 0, ""
	}
	n := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
	if n > maxFrame {
		return f, 0, replay.ReasonInvalid
	}
	if len(b) < frameHeader+n {
		return f, 0, ""
	}
	f = frame{frameType(b[3]), b[4], binary.BigEndian.Uint32(b[5:]) & maxWindow, b[frameHeader : frameHeader+n]}
	return f, frameHeader + n, ""
}

// content is the payload of a frame that may be padded, without the padding and, in HEADERS, the priority.
func (f *frame) content() (b []byte, ok bool) {
	b = f.payload
	pad := 0
	if f.has(flagPadded) {
		if len(b) == 0 {
			return nil, false
		}
		pad, b = int(b[0]), b[1:]
	}
	if f.of == frameHeaders && f.has(flagPriority) {
		if len(b) < 5 {
			return nil, false
		}
		b = b[5:]
	}
	if pad > len(b) {
		return nil, false
	}
	return b[:len(b)-pad], true
}

// appendFrame appends a frame's header; its payload follows.
func appendFrame(b []byte, of frameType, flags byte, stream uint32, length int) []byte {
	b = append(b, byte(length>>16), byte(length>>8), byte(length), byte(of), flags)
	return binary.BigEndian.AppendUint32(b, stream)
}

func appendSetting(b []byte, id uint16, value uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, id), value)
}

// appendWord appends a frame of one number: RST_STREAM or WINDOW_UPDATE.
func appendWord(b []byte, of frameType, stream, word uint32) []byte {
	return binary.BigEndian.AppendUint32(appendFrame(b, of, 0, stream, 4), word)
}

// appendPreface appends what a client says first.
func appendPreface(b []byte) []byte {
	b = append(b, preface...)
	b = appendFrame(b, frameSettings, 0, 0, 3*6)
	b = appendSetting(b, settingPush, 0)
	b = appendSetting(b, settingInitialWindow, ownWindow)
	b = appendSetting(b, settingHeaderList, maxHeader)
	return appendWord(b, frameWindowUpdate, 0, sharedWindow-plainWindow)
}
