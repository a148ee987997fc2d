package corpus

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"

	"reprise/capture/frame"
)

// TestFileDoesNotHangOnProcessors writes the same records with one compressor after the writer's own, and with several.
func TestFileDoesNotHangOnProcessors(t *testing.T) {
	records := likeTwilio(30_000)
	var want []byte
	for _, most := range []int{0, 1, 2, 4} {
		var b bytes.Buffer
		w, err := newWriter(&b, Header{State: Synthetic}, frame.Default, 64<<10, most)
		if err != nil {
			t.Fatal(err)
		}
		for i := range records {
			if i%7001 == 0 {
				w.AddHost(records[i].Host)
				w.AddHost(string(rune('a'+i/7001)) + ".example.com")
			}
			if err := w.Write(&records[i]); err != nil {
				t.Fatal(err)
			}
			if i == 20_000 {
				if err := w.Flush(); err != nil || w.Records() != 20_001 || w.index.records != 20_001 {
					t.Fatalf("flushed, %d of %d records are written: %v", w.index.records, w.Records(), err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = b.Bytes()
		} else if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("with %d compressors the file is another", most)
		}
	}
}

// full is a disk that takes so many bytes.
type full struct{ room int }

var errFull = errors.New("full")

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestFailedWriteEndsTheWriterAndItsCompressors(t *testing.T) {
	records := likeTwilio(20_000)
	synctest.Test(t, func(t *testing.T) { // which ends when every compressor has, and fails where one waits for ever
		w, err := newWriter(&full{200_000}, Header{State: Synthetic}, frame.Default, 64<<10, 3)
		if err != nil {
			t.Fatal(err)
		}
		failed := false
		for i := range records {
			if err := w.Write(&records[i]); err != nil {
				failed = true
				if !errors.Is(err, errFull) {
					t.Fatal(err)
				}
				break
			}
		}
		if err := w.Close(); !failed || !errors.Is(err, errFull) {
			t.Errorf("failed before its end: %v; Close: %v", failed, err)
		}
		w.release()
		if len(w.busy)+len(w.idle) != 0 {
			t.Errorf("%d compressors are busy and %d idle after the end", len(w.busy), len(w.idle))
		}
	})
}
