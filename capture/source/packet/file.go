package packet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/google/gopacket/pcapgo"
)

// maxPacket bounds a captured packet's length in bytes. Nothing on a wire comes near it; a length beyond it is damage.
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
	fileMicroSwapped = 0xd4c3b2a1
	fileNanoSwapped  = 0x4d3cb2a1
	fileSections     = 0x0a0d0d0a // pcapng's first block, the same in either order
)

const pcapHeaderSize = 24

// openFile finds out which kind of file r is. It returns errTruncated for one that is cut inside its header.
func openFile(r io.Reader) (packets, error) {
	br := bufio.NewReaderSize(r, readSize)
	head, err := br.Peek(pcapHeaderSize)
	if len(head) < 4 {
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case len(head) == 0:
			return nil, errEmpty
		}
		return nil, errNoCapture
	}
	order := binary.ByteOrder(binary.LittleEndian)
	switch binary.LittleEndian.Uint32(head) {
	case fileSections:
		return newNgFile(br)
	case fileMicro, fileNano:
	case fileMicroSwapped, fileNanoSwapped:
		order = binary.BigEndian
	default:
		return nil, errNoCapture
	}
	if len(head) < pcapHeaderSize {
		return nil, errTruncated
	}
	// gopacket's LinkType has 8 bits, the file's has 16; the upper half of the field is about check sequences.
	link := uint16(order.Uint32(head[20:24]))
	if !supported(link) {
		return nil, fmt.Errorf("link type %d is not supported", link)
	}
	pr, err := pcapgo.NewReader(br)
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	// A file's own snapshot length is only an announcement, and often wrong.
	pr.SetSnaplen(maxPacket)
	return &pcapFile{r: pr, link: link}, nil
}

// pcapFile is a classic pcap file: microseconds or nanoseconds, in either byte order, with one link type.
type pcapFile struct {
	r    *pcapgo.Reader
	link uint16
}

func (f *pcapFile) next() (frame, error) {
	data, info, err := f.r.ZeroCopyReadPacketData()
	switch {
	case err == nil:
		return frame{data: data, time: info.Timestamp.UnixNano(), link: f.link}, nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF) && data != nil:
		return frame{}, errTruncated // pcapgo says EOF where a packet's header is whole and nothing follows
	}
	return frame{}, err
}
