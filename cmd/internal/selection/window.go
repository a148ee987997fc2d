package selection

import (
	"errors"
	"time"
	_ "time/tzdata" // so that --tz works on machines without a zone database

	"github.com/spf13/pflag"

	"reprise/capture/localtime"
	"reprise/cmd/internal/exit"
)

// Window are --from, --to and --tz: a stretch of recorded time.
type Window struct {
	From, To, Zone string
}

// Add adds the flags.
func (w *Window) Add(f *pflag.FlagSet) {
	f.StringVar(&w.From, "from", "", "leave out what came before `T`: RFC 3339, or \"2022-11-28 12:00\" in --tz")
	f.StringVar(&w.To, "to", "", "leave out what came at or after `T`")
	f.StringVar(&w.Zone, "tz", "UTC", "time `ZONE` of --from and --to, such as America/New_York")
}

// Location is the time zone of --tz.
func (w *Window) Location() (*time.Location, error) {
	zone, err := localtime.Zone(w.Zone)
	if err != nil {
		return nil, exit.Misuse("--tz: %w", err)
	}
	return zone, nil
}

// Parse gives the start of the window and its end, which is just outside; zero times are open ends.
func (w *Window) Parse() (from, to time.Time, err error) {
	zone, err := w.Location()
	if err != nil {
		return from, to, err
	}
	from, to, err = localtime.Window(w.From, w.To, zone)
	switch {
	case errors.Is(err, localtime.ErrOrder):
		return from, to, exit.Misuse("--from is not before --to")
	case err != nil:
		return from, to, exit.Misuse("--%w", err)
	}
	return from, to, nil
}
