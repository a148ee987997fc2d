package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// figure is what a measurement says in the documents. All of them are kept in figures.json, from which -write makes the pages' blocks.
type figure struct {
	Date    string        `json:"date"` // of the day, by UTC
	Machine string        `json:"machine"`
	Others  *float64      `json:"others,omitempty"` // the share of all processors that others used just before; nil: not known
	Command string        `json:"command"`
	Tables  []figureTable `json:"tables"`
	Summary [][2]string   `json:"summary"` // lines of README's table: what, and its figure
}

// figureTable is a table, and what is to know about it.
type figureTable struct {
	About string     `json:"about"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
}

// published are the measurements' own, by their names.
type published map[string]figure

// writers names the measurements that have figures in the documents, in README's order.
func writers() []string {
	return []string{"lateness", "begin", "peers", "sizes", "speeds", "synthesis"}
}

// summaryBlock is the block that has a few lines of each.
const summaryBlock = "summary"

func readFigures(root string) (published, error) {
	text, err := os.ReadFile(figuresFile(root))
	if errors.Is(err, fs.ErrNotExist) {
		return published{}, nil
	}
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	all := published{}
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("read figures.json: %w", err)
	}
	return all, all.check()
}

func figuresFile(root string) string { return filepath.Join(root, ".ci", "bench", "figures.json") }

// check says what is missing of the figures, or does not fit together.
func (all published) check() (err error) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f := all[name]
		wrong := func(format string, args ...any) {
			err = errors.Join(err, fmt.Errorf("figures of %s: %s", name, fmt.Sprintf(format, args...)))
		}
		if !slices.Contains(writers(), name) {
			wrong("no measurement has this name")
		}
		if _, err := time.Parse(time.DateOnly, f.Date); err != nil {
			wrong("the date %q is none", f.Date)
		}
		if f.Machine == "" || f.Command == "" || len(f.Tables) == 0 {
			wrong("the machine, the command or a table is missing")
		}
		for _, t := range f.Tables {
			for _, r := range t.Rows {
				if len(r) > len(t.Head) {
					wrong("a row of %d cells below %d", len(r), len(t.Head))
				}
			}
		}
		for _, line := range f.Summary {
			if line[0] == "" || line[1] == "" {
				wrong("an empty line of the summary")
			}
		}
	}
	return err
}

// when says on which day and machine figures were taken.
func (f figure) when() string {
	day, _ := time.Parse(time.DateOnly, f.Date)
	return "Of " + day.Format("2 January 2006") + ", on " + f.Machine
}

// beside is when, and how much else the machine had to do.
func (f figure) beside() string {
	text := f.when()
	const little = 0.05 // is not worth a word
	if f.Others != nil && *f.Others >= little {
		text += fmt.Sprintf("; other work had %.0f %% of the processors just before", *f.Others*100)
	}
	return text + "."
}

// block is what a page says between the marks of a name.
func (all published) block(name string) string {
	if name == summaryBlock {
		return all.summary()
	}
	f, ok := all[name]
	if !ok {
		return "No figures yet: `go run -C .ci/bench . " + name + " -write` puts them here.\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s `%s`\n", f.beside(), f.Command)
	for _, t := range f.Tables {
		fmt.Fprintf(&b, "\n%s\n\n%s", t.About, &table{t.Head, t.Rows})
	}
	return b.String()
}

// summary is README's table, and on which day and machine each line of it was taken.
func (all published) summary() string {
	t := table{head: []string{"what", "figure"}}
	var when []string
	for _, name := range writers() {
		f, ok := all[name]
		if !ok {
			continue
		}
		for _, line := range f.Summary {
			t.add(line[0], line[1])
		}
		if text := f.when() + "."; len(f.Summary) > 0 && !slices.Contains(when, text) {
			when = append(when, text)
		}
	}
	return t.String() + "\n" + strings.Join(when, " ") + "\n"
}

// machine is what this one is called in the documents.
func machine() string {
	model := "processor unknown"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel := "unknown"
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		kernel, _, _ = strings.Cut(unix.ByteSliceToString(u.Release[:]), "-")
	}
	return fmt.Sprintf("%d cores (%s, Linux %s, %s)", runtime.NumCPU(), model, kernel, runtime.Version())
}

// publish keeps a measurement's figures and writes every page's blocks again, where -write asks for it.
func (b *bench) publish(name string, summary [][2]string, tables ...figureTable) error {
	if !b.write {
		return nil
	}
	all, err := readFigures(b.root)
	if err != nil {
		return err
	}
	all[name] = figure{
		Date: time.Now().UTC().Format(time.DateOnly), Machine: machine(), Others: &b.others, Command: "go run -C .ci/bench . " + strings.Join(b.args, " "),
		Tables: tables, Summary: summary,
	}
	if err := all.check(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(figuresFile(b.root), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return all.writePages(b.root)
}

// lookAround measures what else this machine does, before -write measures anything.
func (b *bench) lookAround(ctx context.Context) (err error) {
	if b.write {
		b.others, err = busyShare(ctx, 2*time.Second)
	}
	return err
}
