package ingest

import (
	"context"
	"io"
	"os"

	"reprise/capture/source/open"
	"reprise/capture/source/packet"
)

// parts tells the files that are one recording from the other inputs: several packet captures are read as one, since recorders rotate
// their files and what a connection says stands in more than one. A pipe is read by itself.
func (o *Options) parts(names []string) (rest []string, parts []packet.Part) {
	if o.Open != nil || o.As != "" && o.As != AsPackets {
		return names, nil
	}
	for _, name := range names {
		if !isPackets(name) {
			rest = append(rest, name)
			continue
		}
		parts = append(parts, packet.Part{File: name, Open: func() (io.ReadCloser, error) { return open.Reader(name, nil) }})
	}
	if len(parts) < 2 {
		return names, nil
	}
	return rest, parts
}

// isPackets says whether a file that can be opened again is a packet capture. What is wrong with any other, reading it will tell.
func isPackets(name string) bool {
	if info, err := os.Stat(name); name == "-" || err != nil || !info.Mode().IsRegular() {
		return false
	}
	in, err := open.Reader(name, nil)
	if err != nil {
		return false
	}
	defer in.Close()
	start := make([]byte, packet.DetectLen)
	n, _ := io.ReadFull(in, start)
	return packet.Detect(start[:n])
}

// recording reads packet captures as one.
func (w *work) recording(ctx context.Context, parts []packet.Part) error {
	if w.o.As == "" && w.o.Recognised != nil {
		for _, p := range parts {
			w.o.Recognised(p.File, PacketCapture, AsPackets)
		}
	}
	src, err := packet.NewParts(parts, packet.Options{Ports: w.o.Ports, Account: &w.result.Account, OnServer: w.onServer})
	if err != nil {
		return err
	}
	defer src.Close()
	err = w.copy(ctx, parts[0].File, src)
	w.result.Damaged = append(w.result.Damaged, src.Damaged()...)
	return err
}
