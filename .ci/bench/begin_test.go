package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The time of the first byte is that of the first byte: a program that sends after 300 ms has sent nothing before, and one that sends nothing is told.
func TestFirstByte(t *testing.T) {
	script := func(text string) []string {
		file := filepath.Join(t.TempDir(), "sender.sh")
		if err := os.WriteFile(file, []byte("#!/usr/bin/env bash\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
		return []string{file}
	}
	b := new(bench)
	took, err := b.firstByte(t.Context(), script(`
address=${2#http://}
exec 3<>"/dev/tcp/${address%:*}/${address#*:}"
sleep 0.3
printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' >&3
exec sleep 60
`))
	if err != nil || took < 300*time.Millisecond {
		t.Errorf("%v, %v; nothing was sent in the first 300 ms", took, err)
	}
	if _, err := b.firstByte(t.Context(), script("echo refused >&2; exit 4\n")); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a program that sent nothing: %v", err)
	}
}
