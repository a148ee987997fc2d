package dialect

import (
	"regexp"
	"strings"
	"time"
)

// SendAPI is a vendor's API that sends messages, as a stand-in answers it that sends nothing.
type SendAPI struct {
	// Create and Get are patterns of net/http.ServeMux: of the request that sends a message, and of the one that asks for it
	// again.
	Create, Get string
	// Prefix is how the paths of the API begin: what is asked for under it, and is neither, is refused in the vendor's words.
	Prefix string
	// Send makes the message that a request asks for.
	Send func(r *SendRequest) (SendResult, *Refusal)
	// Refuse returns the body of an answer of that status, to be written as JSON.
	Refuse func(status int, why Refusal) any
	// InAnswer returns the messages that a good answer to a webhook itself sends; nil for a vendor that takes none there.
	InAnswer func(mediaType string, body []byte) []AnswerMessage
}

// AnswerMessage is a message that an answer to a webhook sends. From and To are "" where it does not say them: then it goes from the number
// that the webhook's message was to, to the person that this was from.
type AnswerMessage struct{ From, To string }

// Request is the request that sends a message, for people: Create, its wildcards in capitals.
func (a *SendAPI) Request() string {
	return regexp.MustCompile(`{\w+}`).ReplaceAllStringFunc(a.Create, strings.ToUpper)
}

// SendRequest is a request to send a message.
type SendRequest struct {
	// Path returns what a wildcard of the pattern stands for.
	Path func(name string) string
	// MediaType is the Content-Type, and Body the whole body; Cut says that it could not be read to its end.
	MediaType string
	Body      []byte
	Cut       bool
	// ID is 32 random hex digits.
	ID  string
	Now time.Time
}

// SendResult is what became of a request to send.
type SendResult struct {
	Status int
	// Body is the answer, to be written as JSON, and Path where it can be asked for again.
	Body any
	Path string
	// From is the platform's number, "" where a service chooses it, and To are the people.
	From string
	To   []string
}

// Refusal is why a request is refused. Its zero value is no reason; NoCredentials and NotFound are for every API, Number and Code
// say the others as vendors number or code them.
type Refusal struct {
	Cause  RefusalCause
	Number int
	Code   string
	Text   string
}

// RefusalCause is what is wrong with a request to a SendAPI. Its zero value is what Number, Code and Text say.
type RefusalCause uint8

// The causes that every API knows.
const (
	NoCredentials RefusalCause = iota + 1
	NotFound
)
