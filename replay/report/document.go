package report

import "slices"

// document is a report before it is written.
type document struct {
	Title string
	// Verdict is one word or two, Mood how it is coloured: "good", "bad" or "unsure"; Lead says it in sentences.
	Verdict string
	Mood    string
	Lead    []string
	// Answer says that the first sentence is the answer, which a page sets apart from the others.
	Answer bool
	// More says where there is what the text of a run leaves out; "" for nothing.
	More  string
	Parts []part
	// Figures are what a page begins with; none for the sentences at once.
	Figures []headFigure
	// Glance answers below the figures what a reader asks first.
	Glance []told
	// Course is what a page's script draws; nil for none.
	Course *Course
}

// part is a stretch of a document under a heading.
type part struct {
	Title string
	Notes []string
	Table *table
	// After says below the table what its columns are.
	After []string
	// Command is a command line that After speaks of; "" for none.
	Command string
	Plot    *plot
	Bars    *bars
	Forest  *forest
	// Head says that a page has it above the sentences.
	Head bool
	// Brief says that the text of a run leaves it out: its lead has said it.
	Brief bool
	// Detail says that a short form may fold it away.
	Detail bool
	// Folded says that a page folds it away; text has it.
	Folded bool
	// Most is how many rows text and Markdown have of the table; 0 for all.
	Most int
}

// table is rows of cells. The first Left columns are words, the others numbers.
type table struct {
	Head []string
	Rows [][]string
	Left int
}

// plot draws lines over a run's time.
type plot struct {
	Title string
	// Key says which drawing of the script takes the plot's place; what it draws is in the document's course.
	Key string
	// Unit is that of Y, such as "requests/s" or "ms".
	Unit string
	// Seconds are the places on the x axis, one for each value of each line.
	Seconds []float64
	Lines   []line
	// Clock says which moment of the recording a second is; nil where that is not known. Bands are shaded.
	Clock *clock
	// Steps are where the steps of a run begin, Events what is told of its moments, and Listed says that they are listed below.
	Steps  []mark
	Events []event
	Listed bool
	// Peak is shown; nil for nothing.
	Peak  *peak
	Bands []band
	// Stacked puts each line on top of those before it, as areas.
	Stacked bool
}

// line is one series, drawn over those before it; Style is its class in the style sheet.
type line struct {
	Name, Style string
	// Y holds NaN where there is nothing to tell, which leaves a gap.
	Y []float64
	// Filled says that what is below the line is filled.
	Filled bool
}

// head puts the parts of these titles above the sentences of a page.
func (d *document) head(titles ...string) {
	for i := range d.Parts {
		d.Parts[i].Head = slices.Contains(titles, d.Parts[i].Title)
	}
}

// Heads are the parts that a page has above the sentences, Rest the others.
func (d *document) Heads() []part { return d.which(true) }

// Rest are the parts below the sentences.
func (d *document) Rest() []part { return d.which(false) }

func (d *document) which(head bool) (out []part) {
	for _, p := range d.Parts {
		if p.Head == head {
			out = append(out, p)
		}
	}
	return out
}

// cells is a shorthand for a row.
func cells(c ...string) []string { return c }
