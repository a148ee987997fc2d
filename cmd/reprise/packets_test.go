package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// unzip writes what a gzip file holds: gunzip FROM TO.
func unzip(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	ts.Check(err)
	text, err := io.ReadAll(z)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), text, 0o600))
}

// zip compresses a file: gzip FROM TO.
func zip(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err = z.Write(text)
	ts.Check(err)
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o600))
}

// flipPacket turns over a bit of a packet's header in a little-endian pcap file: flippacket FILE PACKET BYTE BIT.
func flipPacket(ts *testscript.TestScript, _ bool, args []string) {
	var n [3]int
	for i := range n {
		var err error
		n[i], err = strconv.Atoi(args[i+1])
		ts.Check(err)
	}
	file, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	at := 24
	for range n[0] {
		at += 16 + int(binary.LittleEndian.Uint32(file[at+8:]))
	}
	file[at+n[1]] ^= 1 << n[2]
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), file, 0o600))
}
