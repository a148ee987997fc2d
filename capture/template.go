package capture

// Template is what records of one shape have in common, in one block of a corpus of columns. Its users tell templates apart by their addresses.
type Template struct {
	URL     []Piece
	Headers []TemplateHeader
	Body    []Piece
	// Plan is for the one who makes requests of the records: what it has found out about the template. It is nil at first.
	Plan any
	// Whole has the records to come made whole at once, as records without a template are: for who finds no use for it.
	Whole bool
}

// TemplateHeader is a header of a template.
type TemplateHeader struct {
	Name  string
	Value []Piece
}

// Piece is a text that all records of a template have, or the place of a value, which each has for itself.
type Piece struct {
	Text  string
	Value bool
}

// Cuts say where the values of a record stand that a template makes. They are valid until the next record is read.
type Cuts struct {
	Template *Template
	// Body says where each piece of the template's body ends in Record.Body.
	Body []int32
	// Text has the values of the URL and of the headers one after another, and Head says where each of them ends in it.
	Text []byte
	Head []int32
	// Message sets the message's ID and its Text.
	Message func(*Record)

	whole bool
}

// Reset says that the record under way is another one, of that template.
func (c *Cuts) Reset(t *Template) { c.Template, c.whole = t, false }

// MakeWhole fills in what a record lacks whose Cuts are set. It is called before the next one is read; of any other record it changes nothing.
func (r *Record) MakeWhole() {
	c := r.Cuts
	if c == nil || c.whole {
		return
	}
	c.whole = true
	text, at, k := string(c.Text), int32(0), 0
	value := func(pieces []Piece) (s string) {
		for i := range pieces {
			next := pieces[i].Text
			if pieces[i].Value {
				next = text[at:c.Head[k]]
				at = c.Head[k]
				k++
			}
			if s == "" {
				s = next
			} else {
				s += next
			}
		}
		return s
	}
	r.URL = value(c.Template.URL)
	r.Headers = make([]Header, len(c.Template.Headers))
	for i := range r.Headers {
		h := &c.Template.Headers[i]
		r.Headers[i] = Header{Name: h.Name, Value: value(h.Value)}
	}
	if c.Message != nil {
		c.Message(r)
	}
}
