// Package twilio is a receiver of Twilio's webhooks, built on twilio-go, that webhooktest tests. It is a module of its own, so
// that who uses reprise does not depend on twilio-go.
package twilio

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/twilio/twilio-go/client"
	"github.com/twilio/twilio-go/twiml"
)

// Receiver answers people's messages. It is an http.Handler.
type Receiver struct {
	validator client.RequestValidator
	url       string // that Twilio calls and signs, without a query

	mu      sync.Mutex // guards stopped
	stopped map[string]bool
}

// New returns a receiver that Twilio calls at a URL, and that takes only what is signed with the auth token.
func New(authToken, url string) *Receiver {
	return &Receiver{validator: client.NewRequestValidator(authToken), url: url, stopped: make(map[string]bool)}
}

func (h *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	signed := h.url
	if r.URL.RawQuery != "" {
		signed += "?" + r.URL.RawQuery
	}
	if !h.validator.ValidateBody(signed, body, r.Header.Get("X-Twilio-Signature")) {
		http.Error(w, "the signature does not match", http.StatusForbidden)
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "the body is no form", http.StatusBadRequest)
		return
	}
	if form.Has("MessageStatus") { // a receipt
		w.WriteHeader(http.StatusNoContent)
		return
	}
	var reply []twiml.Element
	if text := h.reply(form.Get("From"), form.Get("Body")); text != "" {
		reply = append(reply, &twiml.MessagingMessage{Body: text})
	}
	xml, err := twiml.Messages(reply)
	if err != nil {
		http.Error(w, "no answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, xml)
}

// reply returns what to say to a person, who is told nothing after STOP.
func (h *Receiver) reply(from, text string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT": // Twilio itself says good-bye
		h.stopped[from] = true
		return ""
	case "START", "YES", "UNSTOP":
		delete(h.stopped, from)
		return "Welcome back. Reply STOP to leave."
	case "HELP", "INFO":
		return "Four messages a month. Reply STOP to leave."
	}
	if h.stopped[from] {
		return ""
	}
	return "Thank you, we read this."
}
