package ingest

import (
	"bufio"
	"errors"
	"io"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/source/hookdeck"
	"reprise/capture/source/messages"
)

// knownExports are the exports of the vendors of a table, and of the gateways between vendors and their customers.
func knownExports(t dialect.Table) []dialect.VendorExport {
	return append(t.Exports(), hookdeck.Export())
}

// isExport says whether a value of Options.As names an export.
func isExport(as string) bool {
	e, err := (&Options{}).exportNamed(as)
	return err == nil && e.Export != nil
}

// vendors are those that recognise payloads.
func (o *Options) vendors() dialect.Table {
	if len(o.Vendors.All()) == 0 {
		return all.Table()
	}
	return o.Vendors
}

// exportNamed returns the export of that name; its Export is nil where there is none.
func (o *Options) exportNamed(name string) (dialect.VendorExport, error) {
	if name == messages.Name {
		return o.table()
	}
	for _, e := range knownExports(o.vendors()) {
		if e.Name == name {
			return e, nil
		}
	}
	return dialect.VendorExport{}, nil
}

// errWhoseMessages says that the vendor of a table's messages is not known.
var errWhoseMessages = errors.New("no column says whose the messages are (vendor), and no vendor is given for all")

// table is a table of messages whose columns a map names.
func (o *Options) table() (dialect.VendorExport, error) {
	m := messages.DefaultMap()
	if o.Messages != nil {
		m = *o.Messages
	}
	e, err := m.Export()
	if err == nil && m.Vendor == "" && o.Vendor == "" {
		err = errWhoseMessages
	}
	if err != nil {
		return e, &OptionError{"Messages", err}
	}
	return e, nil
}

// detectExport says of which export an input is, by its first bytes. With a map of messages any table is one.
func (o *Options) detectExport(f Format, start []byte) (e dialect.VendorExport, ok bool, err error) {
	switch f {
	case JSONLines, JSONDocument, Text, CSV, TSV:
	default:
		return e, false, nil
	}
	table, err := o.table()
	if err != nil || o.Messages != nil {
		return table, err == nil, err
	}
	table.Marks = []string{"from", "to", "text", "time"}
	e, _, ok = messages.Detect(start, append(knownExports(o.vendors()), table))
	if ok && e.Name == table.Name && o.Vendor == "" {
		table.Marks = append(table.Marks, "vendor")
		if _, _, told := messages.Detect(start, []dialect.VendorExport{table}); !told {
			return e, false, &OptionError{"Vendor", errWhoseMessages}
		}
	}
	return e, ok, nil
}

// exportFormat words what an export is.
func exportFormat(e dialect.VendorExport) Format {
	if e.Vendor == nil {
		return Format(e.Title)
	}
	return Format(e.Title + ", of " + e.Vendor.Title)
}

// readExport reads an export, of JSON or CSV by its first bytes.
func (o *Options) readExport(e dialect.VendorExport) Opener {
	return func(file string, in io.Reader, account *capture.Account, _ func(string)) (capture.Source, error) {
		content := bufio.NewReader(in)
		start, _ := content.Peek(1)
		if len(start) > 0 {
			start, _ = content.Peek(content.Buffered())
		}
		return messages.New(content, messages.Options{
			File: file, Export: e, CSV: messages.IsCSV(start), Vendors: o.vendors(), Vendor: o.Vendor, Receipts: o.Receipts, Account: account,
		}), nil
	}
}
