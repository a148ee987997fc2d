package cli

import (
	"errors"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"reprise/cmd/internal/exit"
	"reprise/replay/live"
	"reprise/replay/results"
)

// figureFlags are figures of the platform's own that come after the run, from tables.
type figureFlags struct {
	texts  []string
	tables []figureTable
}

// figureTable is one table; name is "" where the table names its figures.
type figureTable struct{ path, name string }

func (o *figureFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&o.texts, "watch", nil, "draw and try a figure of the platform's own, `csv=FILE`[,name=NAME]: a table of times and values; may be repeated")
}

// given are the flags as the user wrote them.
func (o *figureFlags) given() (words []string) {
	for _, text := range o.texts {
		words = append(words, "--watch", text)
	}
	return words
}

// parse reads the flags.
func (o *figureFlags) parse() error {
	o.tables = nil
	for _, text := range o.texts {
		path, ok := strings.CutPrefix(text, "csv=")
		path, name, _ := strings.Cut(path, ",name=")
		if !ok || path == "" {
			return exit.Hint(exit.Misuse("--watch: write csv=FILE, or csv=FILE,name=NAME"), "a Prometheus is asked during the run: reprise replay --watch prometheus=URL,query=QUERY")
		}
		o.tables = append(o.tables, figureTable{path, name})
	}
	return nil
}

// read reads the tables, of a run that began then.
func (o *figureFlags) read(begun time.Time) (all []results.Watched, err error) {
	for _, t := range o.tables {
		f, err := os.Open(t.path)
		if err != nil {
			return nil, fileError("--watch", err)
		}
		more, err := live.ReadFigures(f, begun, t.name)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, exit.Misuse("--watch %s: %v", t.path, err)
		}
		all = append(all, more...)
	}
	return all, nil
}
