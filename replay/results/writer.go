package results

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"reprise/capture/frame"
	"reprise/capture/output"
	"reprise/replay"
	"reprise/replay/internal/answers"
)

const (
	// rowsPerBlock is how many rows a full block holds.
	rowsPerBlock = 4096
	// flushAfter bounds what a block holds of a run's own time, where nobody calls Flush.
	flushAfter = 2 * time.Second
)

// Writer writes a run file to a stream. It is a replay.Recorder.
type Writer struct {
	w       io.Writer
	packer  *frame.Packer
	pending []replay.Result
	since   time.Duration // when the first pending row was done
	rows    int64
	encoder rowEncoder
	raw     []byte
	id      frame.ID
	begin   []byte // what comes before the first block
	err     error
}

// NewWriter writes the header and returns a writer for the rows. It sets h.Schema.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	h.Schema = Schema
	// Moments are noise in which entropy coding finds a byte a row, for a third of the time that a row takes.
	packer, err := frame.NewPacker(layout2(), frame.NoEntropy)
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	rw := &Writer{w: w, packer: packer, pending: make([]replay.Result, 0, rowsPerBlock)}
	rw.begin = binary.LittleEndian.AppendUint16([]byte(magic), formatVersion)
	_, _ = rand.Read(rw.id[:]) // never fails: see crypto/rand
	for range 2 {              // the second is a copy, which serves where the first is damaged
		rw.block(&frame.Head{Type: blockHeader}, text)
	}
	return rw, rw.err
}

// Record adds one row. After an error it returns that error for ever.
func (w *Writer) Record(res *replay.Result) error {
	if len(w.pending) == 0 {
		w.since = res.Done
	}
	w.pending = append(w.pending, *res)
	if len(w.pending) >= rowsPerBlock || res.Done-w.since >= flushAfter {
		w.flush()
	}
	return w.err
}

// Flush writes the rows that wait for more to come.
func (w *Writer) Flush() error {
	w.flush()
	return w.err
}

// Disturbed writes what disturbed the run; see replay.DisturbanceRecorder.
func (w *Writer) Disturbed(d *replay.Disturbances) error {
	for _, part := range disturbanceParts(d) {
		w.block(&frame.Head{Type: frame.Extension}, appendDisturbances(frame.AppendName(nil, disturbances), &part))
	}
	return w.err
}

// answerBytes is about how much JSON an answer block holds.
const answerBytes = 512 << 10

// Answers writes what the answers' bodies looked like. It is called after the last row.
func (w *Writer) Answers(shapes []answers.Shape) error {
	w.flush()
	for first := 0; first < len(shapes); {
		text := []byte{'['}
		n := first
		for ; n < len(shapes) && len(text) < answerBytes; n++ {
			one, err := json.Marshal(&shapes[n])
			if err != nil {
				return err
			}
			if n > first {
				text = append(text, ',')
			}
			text = append(text, one...)
		}
		w.block(&frame.Head{Type: blockAnswer}, append(text, ']'))
		first = n
	}
	return w.err
}

// Close writes what is pending and the footer. It does not close the stream.
func (w *Writer) Close(end replay.Outcome) error { return w.close(end, 0) }

// close is Close for a run of which so many rows are lost.
func (w *Writer) close(end replay.Outcome, lost int64) error {
	w.flush()
	text, err := json.Marshal(Footer{Outcome: end, Rows: w.rows, Lost: lost})
	if err != nil {
		return err
	}
	w.block(&frame.Head{Type: blockFooter}, text)
	w.packer.Close()
	return w.err
}

func (w *Writer) flush() {
	if len(w.pending) == 0 {
		return
	}
	w.raw = w.encoder.append(w.raw[:0], w.pending)
	w.block(&frame.Head{Type: blockRows, Codec: codecColumns, Records: uint32(len(w.pending))}, w.raw)
	w.rows += int64(len(w.pending))
	w.pending = w.pending[:0]
}

// block writes one block in one call, so that a crash leaves at most one half-written.
func (w *Writer) block(h *frame.Head, raw []byte) {
	if w.err != nil {
		return
	}
	h.ID = w.id
	block := w.packer.Pack(h, raw)
	if h.Raw > maxRaw {
		w.err = fmt.Errorf("results: a block of %d bytes is more than the format allows", len(raw))
		return
	}
	if w.begin != nil {
		block, w.begin = append(w.begin, block...), nil
	}
	_, w.err = w.w.Write(block)
}

// File is a run file under way together with the accumulator of its rows. It is a replay.Recorder.
type File struct {
	*Accumulator
	file   *output.File // nil for a run that is kept elsewhere, or nowhere
	writer *Writer      // nil for one that is kept nowhere
}

// Create begins the run file path; Finish gives it its name. It refuses what output.Create refuses: fs.ErrExist where path
// exists, unless force is set.
func Create(path string, h Header, force bool) (*File, error) {
	file, err := output.Create(path, force)
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(file, h)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write the header of %s: %w", path, err), file.Discard())
	}
	return &File{Accumulator: newRunAccumulator(&h), file: file, writer: w}, nil
}

// NewFile is a run file whose bytes go to w.
func NewFile(w io.Writer, h Header) (*File, error) {
	writer, err := NewWriter(w, h)
	return &File{Accumulator: newRunAccumulator(&h), writer: writer}, err
}

// NewSums is no file at all: an accumulator alone, of a run that is kept nowhere.
func NewSums(h Header) *File {
	return &File{Accumulator: newRunAccumulator(&h)}
}

// Path is the name of the unfinished file, "" of what NewFile and NewSums made.
func (f *File) Path() string {
	if f.file == nil {
		return ""
	}
	return f.file.Path()
}

// Record adds one result to the accumulator and to the file.
func (f *File) Record(res *replay.Result) error {
	_ = f.Accumulator.Record(res)
	if f.writer == nil {
		return nil
	}
	return f.writer.Record(res)
}

// Flush writes the results that wait for more to come.
func (f *File) Flush() error {
	if f.writer == nil {
		return nil
	}
	return f.writer.Flush()
}

// Disturbed adds what disturbed the run; see replay.DisturbanceRecorder.
func (f *File) Disturbed(d *replay.Disturbances) error {
	if f.writer == nil {
		return nil
	}
	return f.writer.Disturbed(d)
}

// Answers adds what the answers' bodies looked like; it is called after the last Record.
func (f *File) Answers(shapes []answers.Shape) error {
	if f.writer == nil {
		return nil
	}
	return f.writer.Answers(shapes)
}

// Finish writes the footer and gives the file its name. On an error the rows that were
// written stay in the unfinished file.
func (f *File) Finish(end replay.Outcome) error {
	if f.writer == nil {
		return nil
	}
	if err := f.writer.Close(end); err != nil {
		return errors.Join(err, f.Leave())
	}
	if f.file == nil {
		return nil
	}
	return f.file.Commit()
}

// Discard removes the unfinished file. After Finish it does nothing.
func (f *File) Discard() error {
	if f.file == nil {
		return nil
	}
	return f.file.Discard()
}

// Leave closes the unfinished file and keeps it, without a footer. After Finish it does nothing.
func (f *File) Leave() error {
	if f.file == nil {
		return nil
	}
	return f.file.Leave()
}
