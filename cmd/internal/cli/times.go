package cli

import (
	"errors"
	"time"
	_ "time/tzdata" // so that --tz works on machines without a zone database

	"github.com/spf13/pflag"

	"reprise/capture/localtime"
	"reprise/cmd/internal/exit"
)

// window is a stretch of recorded time, from its start to just before its end; zero times are open ends.
type window struct {
	from, to time.Time
}

// windowFlags are --from, --to and --tz.
type windowFlags struct {
	from, to, zone string
}

func (w *windowFlags) add(f *pflag.FlagSet) {
	f.StringVar(&w.from, "from", "", "leave out what came before `T`: RFC 3339, or \"2022-11-28 12:00\" in --tz")
	f.StringVar(&w.to, "to", "", "leave out what came at or after `T`")
	f.StringVar(&w.zone, "tz", "UTC", "time `ZONE` of --from and --to, such as America/New_York")
}

func (w *windowFlags) parse() (out window, err error) {
	zone, err := localtime.Zone(w.zone)
	if err != nil {
		return out, exit.Misuse("--tz: %w", err)
	}
	out.from, out.to, err = localtime.Window(w.from, w.to, zone)
	switch {
	case errors.Is(err, localtime.ErrOrder):
		return out, exit.Misuse("--from is not before --to")
	case err != nil:
		return out, exit.Misuse("--%w", err)
	}
	return out, nil
}
