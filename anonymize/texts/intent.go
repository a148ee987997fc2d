package texts

import "strings"

// Intent is roughly what a text is about.
type Intent uint8

// The intents. Chat is everything that is none of the others.
const (
	Chat Intent = iota
	Coupon
	Order
	Love
	Complaint
	OptOut
	Product
	Hours
	WrongNumber
	Answer
	Greeting
	AutoReply
	OptIn   // a few words such as "start."
	AskHelp // a few words such as "help!!"
	intentCount
)

// intentWords maps a lower-case word without apostrophes to the intent that it speaks for.
var intentWords = wordIntents()

func wordIntents() map[string]Intent {
	lists := [intentCount]string{
		Coupon:      "coupon code codes discount promo voucher deal deals sale expired percent redeem checkout",
		Order:       "order orders ordered shipping shipped package parcel tracking delivery delivered deliver arrive arrived ship ups usps fedex dhl",
		Love:        "love loved loving thanks thank thx amazing awesome beautiful perfect obsessed adore excited",
		Complaint:   "refund broken terrible worst awful disappointed complaint complain damaged wrong ridiculous scam angry return",
		OptOut:      "stop unsubscribe remove spam quit texting optout cancel stopall end revoke",
		Product:     "size sizes color colour stock available restock price dress shoes jacket shirt pants product item items buy sell",
		Hours:       "open close closed closing hours location store today",
		WrongNumber: "who whos whose wrongnumber",
		Answer:      "yes no yep yeah nope nah ok okay sure fine maybe",
		Greeting:    "hi hello hey morning evening afternoon yo sup greetings",
		OptIn:       "start subscribe join unstop resubscribe signup",
		AskHelp:     "help info information",
		AutoReply:   "driving meeting autoreply vacation away",
	}
	words := make(map[string]Intent, 160)
	for in, list := range lists {
		for _, w := range strings.Fields(list) {
			words[w] = Intent(in)
		}
	}
	return words
}
