package messages

import (
	"errors"
	"fmt"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/yamldoc"
)

// Name is what users call a table of messages that is no vendor's export.
const Name = "messages"

// Map says where a message is in each row of a table: every place is the name of a column, or a JSON pointer (RFC 6901) of objects without arrays.
// The names in YAML are the tags'. From, To and Time are needed, and Text, or the length or the count of segments of which a text is generated.
type Map struct {
	ID   string `yaml:"id"` // drawn where it is left out
	From string `yaml:"from"`
	To   string `yaml:"to"`
	Text string `yaml:"text"`
	// Time is in any form that dialect.ParseTime reads.
	Time string `yaml:"time"`
	// Vendor is the name of the vendor whose message it is.
	Vendor string `yaml:"vendor"`
	// Direction tells messages from people: it holds one of Inbound then.
	Direction string        `yaml:"direction"`
	Inbound   yamldoc.Texts `yaml:"inbound"`
	// Status, Updated and Error are of messages that the platform sent: what became of them, when, and why.
	Status  string `yaml:"status"`
	Updated string `yaml:"updated"`
	Error   string `yaml:"error"`

	Segments string `yaml:"segments"`
	Length   string `yaml:"length"`
	Media    string `yaml:"media"`
	Account  string `yaml:"account"`
	Profile  string `yaml:"profile"`
}

// DefaultMap has columns of the map's own names.
func DefaultMap() Map {
	return Map{ID: "id", From: "from", To: "to", Text: "text", Time: "time", Vendor: "vendor"}
}

// ReadMap reads a map from a YAML file. What is wrong with its content is a *yamldoc.ContentError.
func ReadMap(name string) (Map, error) {
	var m Map
	if _, err := yamldoc.Load(name, &m); err != nil {
		return Map{}, err
	}
	if _, err := m.Export(); err != nil {
		return Map{}, &yamldoc.ContentError{Name: name, Err: err}
	}
	return m, nil
}

// IsMap says whether a YAML file is a map of a table of messages, rather than of a log.
func IsMap(name string) bool {
	var keys map[string]any
	if _, err := yamldoc.Load(name, &keys); err != nil {
		return false
	}
	_, url := keys["url"]
	_, body := keys["body"]
	_, from := keys["from"]
	_, to := keys["to"]
	return from && to && !url && !body
}

// Export is what the map makes of a table, or says which field of the map is missing or wrong.
func (m Map) Export() (dialect.VendorExport, error) {
	e := dialect.Export{Name: Name, Title: "a table of messages", Columns: map[string]dialect.Column{}, Inbound: m.Inbound, Textless: m.Text == ""}
	var wrong error
	for _, p := range m.places() {
		name := p.place
		if strings.HasPrefix(name, "/") {
			name = strings.NewReplacer("~1", "/", "~0", "~").Replace(strings.ReplaceAll(name[1:], "/", "."))
		}
		switch {
		case name == "" && p.column <= dialect.ColumnTime && p.column != dialect.ColumnText && p.column != dialect.ColumnID:
			wrong = errors.Join(wrong, mapError(p.field, "missing"))
		case name == "":
		case e.Columns[name] != dialect.NoColumn:
			wrong = errors.Join(wrong, mapError(p.field, "another field has that column"))
		default:
			e.Columns[name] = p.column
		}
	}
	switch {
	case m.Text == "" && m.Segments == "" && m.Length == "":
		wrong = errors.Join(wrong, mapError("text", "missing, and neither length nor segments are there to generate one of"))
	case m.Direction != "" && len(m.Inbound) == 0:
		wrong = errors.Join(wrong, mapError("inbound", "missing: what direction holds for a message from a person"))
	case m.Direction == "" && len(m.Inbound) > 0:
		wrong = errors.Join(wrong, mapError("direction", "missing, and inbound needs it"))
	}
	return dialect.VendorExport{Export: &e}, wrong
}

// place is where the map says that one field is.
type place struct {
	field, place string
	column       dialect.Column
}

// places are those of all fields.
func (m Map) places() []place {
	return []place{
		{"from", m.From, dialect.ColumnFrom},
		{"to", m.To, dialect.ColumnTo},
		{"time", m.Time, dialect.ColumnTime},
		{"text", m.Text, dialect.ColumnText},
		{"id", m.ID, dialect.ColumnID},
		{"vendor", m.Vendor, dialect.ColumnVendor},
		{"direction", m.Direction, dialect.ColumnDirection},
		{"status", m.Status, dialect.ColumnStatus},
		{"updated", m.Updated, dialect.ColumnUpdated},
		{"error", m.Error, dialect.ColumnError},
		{"segments", m.Segments, dialect.ColumnParts},
		{"length", m.Length, dialect.ColumnLength},
		{"media", m.Media, dialect.ColumnMedia},
		{"account", m.Account, dialect.ColumnAccount},
		{"profile", m.Profile, dialect.ColumnProfile},
	}
}

func mapError(field, reason string) error {
	return fmt.Errorf("map of messages: field %q: %s", field, reason)
}
