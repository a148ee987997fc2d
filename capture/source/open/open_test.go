package open

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// sample is n bytes of text that compresses somewhat, the same for the same n.
func sample(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteString(strings.Repeat(string(rune('a'+rng.IntN(26))), rng.IntN(9)))
		b.WriteByte(byte(rng.Uint32()))
	}
	return b.Bytes()[:n]
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t testing.TB, data []byte, opts ...zstd.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, opts...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReader(t *testing.T) {
	data := sample(300_000)
	half := len(data) / 2
	skippable := []byte{0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'}
	for _, tc := range []struct {
		name     string
		in, want []byte
	}{
		{"nothing", nil, nil},
		{"one byte of gzip magic", []byte{0x1f}, []byte{0x1f}},
		{"three bytes of zstd magic", []byte{0x28, 0xb5, 0x2f}, []byte{0x28, 0xb5, 0x2f}},
		{"plain", data, data},
		{"pcapng's magic", append([]byte{0x0a, 0x0d, 0x0d, 0x0a}, data...), append([]byte{0x0a, 0x0d, 0x0d, 0x0a}, data...)},
		{"a magic of its own, zstd within", append([]byte("reprise\x00"), zstded(t, data)...), append([]byte("reprise\x00"), zstded(t, data)...)},
		{"gzip", gzipped(t, data), data},
		{"gzip of nothing", gzipped(t, nil), nil},
		{"two gzip members", append(gzipped(t, data[:half]), gzipped(t, data[half:])...), data},
		{"zstd", zstded(t, data), data},
		{"two zstd frames", append(zstded(t, data[:half]), zstded(t, data[half:])...), data},
		{"skippable frame first", append(bytes.Clone(skippable), zstded(t, data)...), data},
	} {
		path := filepath.Join(t.TempDir(), "input")
		if err := os.WriteFile(path, tc.in, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path, "-"} {
			r, err := Reader(name, iotest.HalfReader(bytes.NewReader(tc.in)))
			if err != nil {
				t.Errorf("%s: Reader(%s): %v", tc.name, name, err)
				continue
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, tc.want) {
				t.Errorf("%s: read %s: %d bytes, %v; want %d", tc.name, name, len(got), err, len(tc.want))
			}
			if err := r.Close(); err != nil {
				t.Errorf("%s: close: %v", tc.name, err)
			}
			if _, err := r.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
				t.Errorf("%s: read after close: %v", tc.name, err)
			}
		}
	}
}

// TestTruncated cuts at many places: what comes out is a prefix, and the cut is always reported, with the name.
func TestTruncated(t *testing.T) {
	data := sample(400_000)
	for format, whole := range map[string][]byte{"gzip": gzipped(t, data), "zstd": zstded(t, data)} {
		longest := 0
		for cut := 4; cut < len(whole); cut += 1 + len(whole)/97 {
			r, err := Reader("-", bytes.NewReader(whole[:cut]))
			if err != nil {
				t.Fatalf("%s cut at %d: %v", format, cut, err)
			}
			got, err := io.ReadAll(r)
			if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "standard input") {
				t.Errorf("%s cut at %d of %d: %v, want io.ErrUnexpectedEOF with the name", format, cut, len(whole), err)
			}
			if !bytes.HasPrefix(data, got) {
				t.Errorf("%s cut at %d: what came out is no prefix", format, cut)
			}
			longest = max(longest, len(got))
		}
		if longest < len(data)/2 {
			t.Errorf("%s: the best cut gave %d of %d bytes", format, longest, len(data))
		}
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Reader(filepath.Join(dir, "none"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Reader(dir, nil); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("folder: %v", err)
	}

	flipped := gzipped(t, sample(10_000))
	flipped[len(flipped)-6] ^= 1 // its checksum
	damaged := zstded(t, sample(10_000))
	damaged[len(damaged)/2] ^= 0xff
	for name, in := range map[string][]byte{
		"gzip checksum": flipped,
		"zstd content":  damaged,
		"gzip garbage":  append(gzipped(t, nil), "garbage at the end"...),
		"zstd garbage":  append(zstded(t, nil), "garbage at the end"...),
	} {
		r, err := Reader("-", bytes.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "standard input") {
			t.Errorf("%s: %v, want ErrCorrupt with the name", name, err)
		}
	}

	broken := errors.New("disk on fire")
	for name, first := range map[string][]byte{"plain": []byte("plain text"), "gzip": gzipped(t, sample(100))[:20]} {
		r, err := Reader("-", io.MultiReader(bytes.NewReader(first), iotest.ErrReader(broken)))
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, broken) || errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v, want the input's own error", name, err)
		}
	}
}

// TestBounded holds the promise about memory: a frame that asks for more than the cap is refused, and a bomb
// streams through.
func TestBounded(t *testing.T) {
	huge := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xb0, 0x01, 0x00, 0x00} // window 2^32, one empty block
	r, err := Reader("-", bytes.NewReader(huge))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); err == nil || !strings.Contains(err.Error(), "window above 128 MiB") {
		t.Errorf("huge window: %v", err)
	}

	const size = 64 << 20
	for name, bomb := range map[string][]byte{"gzip": gzipped(t, make([]byte, size)), "zstd": zstded(t, make([]byte, size), zstd.WithWindowSize(1<<20))} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := Reader("-", bytes.NewReader(bomb))
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		runtime.ReadMemStats(&after)
		if n != size || err != nil {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
			t.Errorf("%s: %d MiB allocated to stream %d MiB", name, used>>20, size>>20)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("plain"))
	f.Add(gzipped(f, []byte("hello")))
	f.Add(zstded(f, []byte("hello")))
	f.Add(append(gzipped(f, []byte("a")), zstded(f, []byte("b"))...))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := Reader("-", bytes.NewReader(in))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestPacking(t *testing.T) {
	for _, tc := range []struct {
		start []byte
		want  string
	}{
		{nil, ""},
		{[]byte("{}"), ""},
		{gzipped(t, []byte("a")), "gzip"},
		{zstded(t, []byte("a")), "zstd"},
		{[]byte{0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0}, "zstd"}, // a skippable frame
		{[]byte{0x28, 0xb5, 0x2f}, ""},
	} {
		if got := Packing(tc.start); got != tc.want {
			t.Errorf("Packing(% x) = %q, want %q", tc.start, got, tc.want)
		}
	}
}
