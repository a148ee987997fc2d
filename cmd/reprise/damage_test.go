package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// unfinish takes a corpus' footer away, as a crash leaves it: unfinish FILE.
func unfinish(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	footer := binary.LittleEndian.Uint64(text[len(text)-24:])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text[:footer], 0o600))
}

// hurtHosts turns over one bit in the first list of hosts of a corpus: hurthosts FILE.
func hurtHosts(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	for at := 8; ; {
		i := bytes.Index(text[at:], []byte("\xc9rpc"))
		if i < 0 {
			ts.Fatalf("%s has no list of hosts", args[0])
		}
		at += i
		if text[at+12] == 2 {
			text[at+80+20] ^= 1
			break
		}
		at++
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// hurtHeaders turns over one bit in each copy of a run file's header: hurtheaders FILE.
func hurtHeaders(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	found := 0
	for at := 0; ; at++ {
		i := bytes.Index(text[at:], []byte("\xc9rpr"))
		if i < 0 {
			break
		}
		if at += i; text[at+12] == 'H' {
			text[at+80+20] ^= 1
			found++
		}
	}
	if found != 2 {
		ts.Fatalf("%s has %d headers", args[0], found)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// flipBit turns over one bit of a file: flipbit FILE BYTE BIT.
func flipBit(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	bit, err := strconv.Atoi(args[2])
	ts.Check(err)
	text[at] ^= 1 << bit
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// hurtBlock damages a block of a run file in its middle, the nth of a type from 1: hurtblock FILE TYPE N. Types are those of the format: R has rows, X is an
// extension, F the end.
func hurtBlock(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	nth, err := strconv.Atoi(args[2])
	ts.Check(err)
	const preamble, head = 10, 80
	for at := preamble; at+head <= len(text); {
		stored := int(binary.LittleEndian.Uint32(text[at+20:]))
		if text[at+12] == args[1][0] {
			if nth--; nth == 0 {
				text[at+head+stored/2] ^= 0xff
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
				return
			}
		}
		at += head + stored
	}
	ts.Fatalf("%s has no block %s number %s", args[0], args[1], args[2])
}
