package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/completions"
	"reprise/replay/render"
	"reprise/replay/results"
)

// resolve finds out which requests the completions mean that name a message by its id: the run's seed tells which ids were
// sent for the corpus' messages. path is the corpus, run the run file.
func resolve(ctx context.Context, set *completions.Set, path, run string) error {
	if set.IDs() == 0 {
		return nil
	}
	if path == "" {
		return withCode(exitMisused, withHint(fmt.Errorf("%s messages by their ids alone", plural(int64(set.IDs()), "completion")+" name"),
			"give the corpus that was played: --corpus FILE.rpz"))
	}
	h, copies, err := copiesOf(ctx, run)
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(h.Settings["seed"], 10, 64)
	if err != nil {
		return fmt.Errorf("%s does not say its seed", run)
	}
	ids := render.NewMessageIDs(seed, h.Settings["keep-ids"] == "true")
	r, closer, err := openCorpus(path, Streams{In: strings.NewReader("")})
	if err != nil {
		return fmt.Errorf("--corpus: %w", err)
	}
	defer closer.Close()
	var rec capture.Record
	for {
		err := r.Next(ctx, &rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for c := 0; c <= copies && rec.Message.ID != ""; c++ {
			set.Resolve(ids.Of(rec.Message.ID, c), rec.Seq, c)
		}
	}
	if hash, ok := r.Hash(); ok && h.Corpus != "" && hash != h.Corpus {
		return misuse("--corpus: %s is not the corpus that %s played", path, run)
	}
	return nil
}

// copiesOf returns a run's header and the largest number of a copy in it.
func copiesOf(ctx context.Context, name string) (results.Header, int, error) {
	r, err := openRun(name)
	if err != nil {
		return results.Header{}, 0, err
	}
	defer r.Close()
	most := 0
	_, err = results.Summarize(ctx, r, recorderFunc(func(res *replay.Result) { most = max(most, res.Copy) }))
	return r.Header(), most, err
}

type recorderFunc func(*replay.Result)

// Record calls f.
func (f recorderFunc) Record(res *replay.Result) error {
	f(res)
	return nil
}
