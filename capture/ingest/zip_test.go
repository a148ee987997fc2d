package ingest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reprise/capture/corpus"
)

// zipped writes a zip of these files, by their names.
func zipped(t *testing.T, files ...[2]string) string {
	t.Helper()
	var b strings.Builder
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		if err == nil {
			_, err = w.Write([]byte(f[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "in.zip", b.String())
}

func TestZip(t *testing.T) {
	printed := `{"seq":0,"time":"2022-11-25T18:00:00Z","offset_ns":0,"kind":"other","vendor":"","method":"POST","url":"/%","host":"h.example","headers":[],"body":""}` + "\n"
	one, two := strings.Replace(printed, "%", "1", 1), strings.Replace(printed, "%", "2", 1)
	to := func() corpus.Dest { return corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")} }
	for name, tc := range map[string]struct {
		files [][2]string
		urls  string
		noted int64
	}{
		"one file":        {[][2]string{{"a.ndjson", one}}, "/1", 0},
		"two, and others": {[][2]string{{"x/a.ndjson", one}, {"README.txt", "what this is"}, {"__MACOSX/a", "x"}, {".DS_Store", "x"}, {"y/a.ndjson", two}}, "/1 /2", 1},
	} {
		var told []string
		dst := to()
		got, err := Files(t.Context(), []string{zipped(t, tc.files...)}, dst, Options{Recognised: func(file string, _ Format, as string) { told = append(told, filepath.Base(file)+" "+as) }})
		if err != nil || strings.Join(read(t, dst.Path), " ") != tc.urls || got.Account.Noted["a file that is no recording"] != tc.noted || !slices.Contains(told, "a.ndjson cat") {
			t.Errorf("%s: %+v, told %v, %v", name, got, told, err)
		}
	}
	format := (*FormatError)(nil)
	if _, err := Files(t.Context(), []string{zipped(t, [2]string{"a.txt", "x"})}, to(), Options{}); !errors.As(err, &format) || !strings.HasSuffix(format.File, "in.zip/a.txt") {
		t.Errorf("a zip of no recording: %v", err)
	}
	// A byte of the content is changed: what stands before it is read, and the rest is damage.
	name := zipped(t, [2]string{"a.ndjson", strings.Repeat(one, 5000)})
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/3] ^= 0x55
	got, err := Files(t.Context(), []string{write(t, "hurt.zip", string(text))}, to(), Options{})
	if got == nil || !got.Account.Damaged && !errors.Is(err, corpus.ErrEmpty) || err != nil && !errors.Is(err, corpus.ErrEmpty) {
		t.Errorf("a damaged zip: %+v, %v", got, err)
	}
}

// What of a zip cannot be read is damage, and the rest is used.
func TestZipDamage(t *testing.T) {
	const printed = `{"seq":0,"time":"2022-11-25T18:00:00Z","offset_ns":0,"kind":"other","vendor":"","method":"POST","url":"/1","host":"h.example","headers":[],"body":""}` + "\n"
	var packed bytes.Buffer
	g := gzip.NewWriter(&packed)
	if _, err := g.Write([]byte(printed)); err != nil || g.Close() != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, member, content string
		change                func(h *zip.FileHeader)
		noted                 string
		kept                  int64
	}{
		{"packed once more", "b.ndjson.gz", packed.String(), func(*zip.FileHeader) {}, "", 2},
		{"encrypted", "b.ndjson", printed, func(h *zip.FileHeader) { h.Flags |= 1 }, "a file that is encrypted", 1},
		{"another method", "b.ndjson", printed, func(h *zip.FileHeader) { h.Method = 12 }, "a file that is compressed in a way that is not read", 1},
		{"no format, and a wrong sum", "b.ndjson", "\x00\x01" + printed, func(h *zip.FileHeader) { h.CRC32 ^= 1 }, "a damaged file", 1},
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, f := range [][2]string{{"a.ndjson", printed}, {tc.member, tc.content}} {
			h := &zip.FileHeader{Name: f[0], CRC32: crc32.ChecksumIEEE([]byte(f[1])), CompressedSize64: uint64(len(f[1])), UncompressedSize64: uint64(len(f[1]))}
			if f[0] == tc.member {
				tc.change(h)
			}
			w, err := z.CreateRaw(h)
			if err == nil {
				_, err = w.Write([]byte(f[1]))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := Files(t.Context(), []string{write(t, "in.zip", b.String())}, corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}, Options{})
		if err != nil || got.Account.Kept != tc.kept || got.Account.Damaged != (tc.noted != "") || tc.noted != "" && (got.Account.Noted[tc.noted] != 1 || got.Account.Lost == 0) {
			t.Errorf("%s: %+v, %v", tc.name, got, err)
		}
	}
}

// A zip that was compressed once more, as none is, is not unpacked to the end of the disk.
func TestZipBomb(t *testing.T) {
	var packed bytes.Buffer
	g := gzip.NewWriter(&packed)
	zeros := make([]byte, 1<<20)
	_, err := g.Write([]byte(zipMagic))
	for range 70 {
		_, failed := g.Write(zeros)
		err = errors.Join(err, failed)
	}
	if err := errors.Join(err, g.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = Files(t.Context(), []string{write(t, "in.zip.gz", packed.String())}, corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}, Options{})
	if err == nil || !strings.Contains(err.Error(), "it is not unpacked") {
		t.Errorf("%v", err)
	}
}
