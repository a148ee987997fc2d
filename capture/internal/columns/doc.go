// Package columns packs the records of a block by column: what all requests of one shape share is written once, as a template, and what
// differs is written value by value with those of its own kind, numbers as numbers and ids as bytes. Any record comes back to the
// byte. The format is in ../../corpus/FORMAT.md, "Records in columns".
//
// An Encoder learns templates from the bytes themselves: a form is split into its values, JSON into its strings and literals, and what
// is neither is one value. So a payload that no dialect knows is packed like any other.
package columns

import "errors"

// Limits of the format. Part of the file format; never change.
const (
	maxRecords   = 1 << 16
	maxTemplates = 1 << 16
	maxColumns   = 1 << 16
	maxNodes     = 1 << 17 // of a block, in all its columns
	maxDepth     = 8       // of a node in a node
	maxPieces    = 1 << 18 // of a block's templates
	maxNumbers   = 1 << 22 // numbers of a block that do not all have one value
	maxHeaders   = 10_000
	maxStatus    = 1<<16 - 1
	maxSpan      = 1<<62 - 1 // nanoseconds from a block's first record to its last
	maxPayload   = 16 << 20
	maxRecord    = 16 << 20 // bytes of one record
	maxOutput    = 1 << 30  // bytes of all records of a block
	maxWork      = 1 << 26  // values of all nodes of a block, and pieces of all its records
)

// How a column has its values. Part of the file format; never renumber.
const (
	opConst   = 0  // one text
	opConcat  = 1  // what other nodes have, one after another
	opCopy    = 2  // as another column of the record
	opForm    = 3  // another column of the record, decoded as a form's value
	opJSON    = 4  // another column of the record, decoded as a JSON string
	opLength  = 5  // how many bytes the body has
	opBytes   = 6  // lengths, and the bytes one after another
	opHex     = 7  // lower case
	opHEX     = 8  // upper case
	opUUID    = 9  // RFC 9562, lower case, any version
	opUUID4   = 10 // RFC 9562, lower case, version 4
	opBase64  = 11 // RFC 4648, section 4, with padding
	opDecimal = 12 // a number without leading zeros
	opPadded  = 13 // a number with leading zeros
	opDict    = 14 // a list of values, and the number of one of them
	opRecent  = 15 // the next value of a list, or one given before
	opKeyed   = 16 // as the last time that a part of another column was the same
	opChoice  = 17 // of several nodes, the one that a number says
	opTime    = 18 // a time, by how far it is from the record's
)

// ErrMalformed is why a block could not be used though its checksums are right: something else than an Encoder wrote it.
var ErrMalformed = errors.New("malformed columns")
