package packet

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

// maxPacket bounds, in bytes, the packets that are looked into. Nothing on a wire comes near it.
const maxPacket = 1 << 20

// readSize is the size of the reads from the input.
const readSize = 256 << 10

var (
	errTruncated = errors.New("the file ends inside a packet")
	errNoCapture = errors.New("neither a pcap nor a pcapng file")
	errEmpty     = errors.New("the file is empty")
)

// Magic numbers, as they look to a little-endian reader.
const (
	fileMicro        = 0xa1b2c3d4
	fileNano         = 0xa1b23c4d
	fileModified     = 0xa1b2cd34 // of a libpcap that was changed for Linux
	fileMicroSwapped = 0xd4c3b2a1
	fileNanoSwapped  = 0x4d3cb2a1
	fileModSwapped   = 0x34cdb2a1
	fileSections     = 0x0a0d0d0a // pcapng's first block, the same in either order
)

const pcapHeaderSize = 24

// openFile finds out which kind of file r is. It returns errTruncated for one that is cut inside its header.
func openFile(r io.Reader) (packets, error) {
	in := newWindow(r)
	head := in.peek(pcapHeaderSize)
	if len(head) < 4 {
		switch err := in.failed(); {
		case err != nil:
			return nil, err
		case len(head) == 0:
			return nil, errEmpty
		}
		return nil, errNoCapture
	}
	order := binary.ByteOrder(binary.LittleEndian)
	kind := binary.LittleEndian.Uint32(head)
	switch kind {
	case fileSections:
		return newNgFile(in)
	case fileMicro, fileNano, fileModified:
	case fileMicroSwapped, fileNanoSwapped, fileModSwapped:
		order, kind = binary.BigEndian, bits.ReverseBytes32(kind)
	default:
		return nil, errNoCapture
	}
	if len(head) < pcapHeaderSize {
		return nil, errTruncated
	}
	return newPcapFile(in, order, kind)
}
