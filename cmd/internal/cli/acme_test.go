package cli

import (
	"math/rand/v2"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/signature"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// acme is a vendor that reprise does not know, as its folder would state it: everything else about it follows from this value.
func acme(signer *signature.Signer) *dialect.Vendor {
	fields := dialect.Fields{
		"acme_id": dialect.ID, "who": dialect.Person, "us": dialect.Business, "say": dialect.Text, "state": dialect.Keep,
	}
	return dialect.New(dialect.Vendor{
		Name: "acme", Title: "Acme",
		FormerNames: []string{"ajax"},
		Agents:      []string{"AcmeHook/3"},
		HeaderWords: []string{"roadrunner"},
		Detect: func(r *capture.Record) dialect.Confidence {
			var s payload.Scanner
			for s.Reset(r); s.Next(); {
				if string(s.Name()) == "acme_id" {
					return dialect.ByShape
				}
			}
			return dialect.No
		},
		Parse: func(r *capture.Record) (e dialect.Event, err error) {
			e.Type = dialect.Inbound
			var us, who string
			var s payload.Scanner
			for s.Reset(r); s.Next(); {
				switch string(s.Name()) {
				case "acme_id":
					s.First(&e.Message.ID)
				case "who":
					s.First(&who)
				case "us":
					s.First(&us)
				case "say":
					s.First(&e.Message.Text)
				case "state":
					e.Type = dialect.Receipt
					s.First(&e.State)
				}
			}
			e.Person, e.Message.From, e.Message.To = who, who, us
			if e.Type == dialect.Receipt {
				e.Message.From, e.Message.To = us, who
			}
			return e, s.Err()
		},
		Layout: dialect.Layout{
			Headers:  dialect.Fields{"acme-delivery": dialect.ID, "acme-zone": dialect.Keep},
			Variants: []dialect.Fields{fields},
		},
		Scheme:   signer,
		Keywords: &sms.Words{Stop: []string{"MEEP"}},
		Retries:  dialect.Retries{Delays: []time.Duration{time.Second, time.Minute}, Token: "Acme-Delivery"},
		Answer:   dialect.Answer{MediaType: "text/acme", Body: "beep"},
		Maker: &dialect.Maker{
			Order: 99, Weight: 5, MediaType: "application/x-www-form-urlencoded", States: [2][]string{{"arrived"}, {"lost"}},
			Account: func(random *rand.Rand) (account, profile string) { return dialect.UUIDAccount(random) },
			Message: func(b []byte, d *dialect.Draft) ([]byte, int, int) {
				b = append(b, "acme_id="...)
				at := len(b)
				b = dialect.AppendUUID(b, d.Random)
				b = dialect.AppendForm(append(b, "&who="...), d.From)
				b = dialect.AppendForm(append(b, "&us="...), d.To)
				return dialect.AppendForm(append(b, "&say="...), d.Text), at, 36
			},
			ID: func(b []byte, d *dialect.Draft) []byte { return dialect.AppendUUID(b, d.Random) },
			Receipt: func(b []byte, d *dialect.Draft) []byte {
				b = append(append(b, "acme_id="...), d.ID...)
				b = dialect.AppendForm(append(b, "&who="...), d.From)
				b = dialect.AppendForm(append(b, "&us="...), d.To)
				return append(append(b, "&state="...), d.State...)
			},
		},
		Exports: []dialect.Export{{
			Name: "acme-list", Title: "a list of messages", Docs: "https://acme.example/docs", Marks: []string{"acme_id", "who", "us"}, Inbound: []string{"in"},
			Columns: map[string]dialect.Column{
				"acme_id": dialect.ColumnID, "who": dialect.ColumnFrom, "us": dialect.ColumnTo, "said": dialect.ColumnText, "at": dialect.ColumnTime, "way": dialect.ColumnDirection,
			},
		}},
		SendAPI: &dialect.SendAPI{
			Create: "POST /acme/send", Get: "GET /acme/sent/{id}", Prefix: "/acme/",
			Send: func(r *dialect.SendRequest) (dialect.SendResult, *dialect.Refusal) {
				return dialect.SendResult{Status: 202, Body: "sent", Path: "/acme/sent/" + r.ID, To: []string{string(r.Body)}}, nil
			},
			Refuse: func(int, dialect.Refusal) any { return "no" },
		},
	})
}
