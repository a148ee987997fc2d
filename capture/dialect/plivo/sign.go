package plivo

import (
	"reprise/capture"
	"reprise/capture/dialect"
)

// Sign returns ErrUnsupported.
func (*Dialect) Sign(*capture.Record, dialect.Signing) error { return dialect.ErrUnsupported }

// Verify returns ErrUnsupported.
func (*Dialect) Verify(*capture.Record, dialect.Signing) error { return dialect.ErrUnsupported }
