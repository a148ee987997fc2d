package ingest

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reprise/capture/corpus"
)

// cutRecording cuts a packet capture behind its nth packet.
func cutRecording(t *testing.T, n int) (head, tail string) {
	t.Helper()
	whole, err := os.ReadFile("../source/packet/testdata/loopback.pcap")
	if err != nil {
		t.Fatal(err)
	}
	const fileHeader, packetHeader = 24, 16
	at := fileHeader
	for range n {
		if at == len(whole) {
			t.Fatalf("the recording has fewer than %d packets", n)
		}
		at += packetHeader + int(binary.LittleEndian.Uint32(whole[at+8:]))
	}
	return write(t, "z.pcap", string(whole[:at])), write(t, "a.pcap", string(whole[:fileHeader])+string(whole[at:]))
}

// Packet captures are one recording, in whatever order they are named and whatever stands between them.
func TestFilesOfOneRecording(t *testing.T) {
	whole := corpus.Dest{Path: filepath.Join(t.TempDir(), "whole.rpz")}
	got, err := Files(t.Context(), []string{"../source/packet/testdata/loopback.pcap"}, whole, Options{Ports: []int{18080}})
	if err != nil {
		t.Fatal(err)
	}
	want, urls := got.Account, read(t, whole.Path)
	for n := 0; n < 48; n += 3 {
		head, tail := cutRecording(t, n)
		to := corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}
		var told []string
		got, err := Files(t.Context(), []string{tail, write(t, "other", log), head}, to, Options{
			Ports: []int{18080}, Map: logMap(), Recognised: func(file string, _ Format, as string) { told = append(told, filepath.Base(file)+" "+as) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if a := got.Account; a.Read != want.Read+3 || a.Kept != want.Kept+3 || a.UnpairedResponses != want.UnpairedResponses || a.Missing != want.Missing || len(got.Damaged) > 0 {
			t.Errorf("cut behind packet %d: %+v, want %+v", n, a, want)
		}
		if all := read(t, to.Path); !slices.Equal(all[3:], urls) {
			t.Errorf("cut behind packet %d: %v", n, all)
		}
		if strings.Join(told, ", ") != "a.pcap pcap, z.pcap pcap, other logs" {
			t.Errorf("told: %v", told)
		}
	}
}

// What is damaged of a recording in parts is named by its file.
func TestFilesOfOneRecordingDamaged(t *testing.T) {
	head, tail := cutRecording(t, 8)
	content, err := os.ReadFile(tail)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(tail, content[:len(content)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	to := corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}
	got, err := Files(t.Context(), []string{tail, head}, to, Options{As: AsPackets})
	if err != nil || !slices.Equal(got.Damaged, []string{tail}) || !got.Account.Damaged {
		t.Errorf("damaged %v, %v", got.Damaged, err)
	}
	if err := os.WriteFile(tail, []byte("no packet capture"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = Files(t.Context(), []string{tail, head}, corpus.Dest{Path: to.Path + "2"}, Options{As: AsPackets}); err == nil || !strings.Contains(err.Error(), tail) {
		t.Errorf("a file that is none: %v", err)
	}
}
