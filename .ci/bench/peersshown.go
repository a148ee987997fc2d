package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// clientFigures is what all repetitions showed of one client.
type clientFigures struct {
	client
	median   cost
	leastCPU float64
	cpu      map[string]spread // by the client that it is beside
	rate     map[string]spread
}

// besides are the clients that others are compared with.
func besides() []string { return []string{"wrk", "vegeta", "vegeta JSON targets"} }

// peersOf compares the clients, each repetition with the same repetition of another.
func peersOf(all []client, costs [][]cost) []clientFigures {
	shown := make([]clientFigures, len(all))
	for i, c := range all {
		shown[i] = clientFigures{client: c, cpu: make(map[string]spread), rate: make(map[string]spread)}
		measured := slices.DeleteFunc(slices.Clone(costs[i]), func(c cost) bool { return c == cost{} })
		if len(measured) == 0 {
			continue
		}
		shown[i].median = medianCost(measured)
		shown[i].leastCPU = slices.MinFunc(measured, func(a, b cost) int { return cmp.Compare(a.cpu, b.cpu) }).cpu
		for _, name := range besides() {
			j := slices.IndexFunc(all, func(c client) bool { return c.name == name })
			if j < 0 {
				continue
			}
			shown[i].cpu[name] = spreadOf(costs[i], costs[j], func(c cost) float64 { return c.cpu })
			shown[i].rate[name] = spreadOf(costs[i], costs[j], func(c cost) float64 { return c.perSecond })
		}
	}
	return shown
}

// peerJSON is a client as -json prints it. A ratio is the median of the pairs' own ratios, and null where there is no pair.
type peerJSON struct {
	Client           string   `json:"client"`
	Rate             float64  `json:"rate"` // requests/s
	CPU              float64  `json:"cpu_us"`
	CPUOverWrk       *float64 `json:"cpu_over_wrk"`
	RateOverWrk      *float64 `json:"rate_over_wrk"`
	CPUOverWrkLeast  *float64 `json:"cpu_over_wrk_least"`
	CPUOverWrkMost   *float64 `json:"cpu_over_wrk_most"`
	RateOverWrkLeast *float64 `json:"rate_over_wrk_least"`
	RateOverWrkMost  *float64 `json:"rate_over_wrk_most"`
	Pairs            int      `json:"pairs"`
	Sends            string   `json:"sends"`
}

// printPeersJSON prints the clients that were measured. It fails where reprise was not.
func (b *bench) printPeersJSON(shown []clientFigures) error {
	all := []peerJSON{}
	var failed error
	for _, p := range shown {
		if p.median == (cost{}) {
			b.say("peers: %s: %s", p.name, p.note)
			if strings.HasPrefix(p.name, "reprise") {
				failed = errors.Join(failed, fmt.Errorf("%s: %s", p.name, p.note))
			}
			continue
		}
		cpu, rate := p.cpu["wrk"], p.rate["wrk"]
		all = append(all, peerJSON{
			Client: p.name, Rate: rounded(p.median.perSecond, 0), CPU: rounded(p.median.cpu, 3), Pairs: cpu.n, Sends: p.note,
			CPUOverWrk: cpu.known(cpu.median), CPUOverWrkLeast: cpu.known(cpu.least), CPUOverWrkMost: cpu.known(cpu.most),
			RateOverWrk: rate.known(rate.median), RateOverWrkLeast: rate.known(rate.least), RateOverWrkMost: rate.known(rate.most),
		})
	}
	return errors.Join(json.NewEncoder(b.out).Encode(all), failed)
}

func (b *bench) peersAbout() string {
	return fmt.Sprintf("Plain HTTP on loopback, 64 connections, client on CPU 0, a fasthttp target on CPU 1, %d interleaved repetitions of %v. "+
		"CPU: user and system time of the client's whole process, from its start to its end, by the requests that the target "+
		"served; requests/s between the target's first and last. A ratio is that of each repetition, the median and the least and the most.", b.reps, b.length)
}

// publishPeers puts the clients that were measured into the documents. It fails where reprise or wrk were not.
func (b *bench) publishPeers(shown []clientFigures) error {
	t := figureTable{About: b.peersAbout(), Head: []string{"client", "sends", "requests/s", "CPU µs a request", "CPU ÷ wrk", "CPU ÷ vegeta", "rate ÷ wrk"}}
	of := make(map[string]clientFigures)
	for _, c := range shown {
		if c.median == (cost{}) {
			continue
		}
		of[c.name] = c
		t.Rows = append(t.Rows, []string{
			c.name, c.note, thousands(int64(c.median.perSecond)), fmt.Sprintf("%.2f", c.median.cpu), c.cpu["wrk"].String(), c.cpu["vegeta"].String(), c.rate["wrk"].String(),
		})
	}
	plain, signed := of["reprise"], of["reprise --sign"]
	if b.write && (plain.cpu["wrk"].n == 0 || signed.cpu["wrk"].n == 0) {
		return errors.New("peers: reprise and wrk must both be measured for the documents")
	}
	return b.publish("peers", [][2]string{
		{"CPU time a request, as fast as possible, by wrk's", plain.cpu["wrk"].String() + "; signed " + signed.cpu["wrk"].String()},
		{"the same by vegeta's", plain.cpu["vegeta"].String() + "; signed " + signed.cpu["vegeta"].String()},
		{"throughput of that run", thousands(int64(plain.median.perSecond)) + " requests/s, " + plain.rate["wrk"].String() + " of wrk's"},
	}, t)
}

func (b *bench) printPeers(shown []clientFigures) {
	b.title("Cost of a request", b.peersAbout())
	t := table{head: []string{
		"client", "requests/s", "CPU µs median", "min", "user µs", "CPU ÷ wrk", "÷ vegeta", "÷ vegeta JSON", "rate ÷ wrk", "÷ vegeta", "sends",
	}}
	for _, p := range shown {
		if p.median == (cost{}) {
			t.add(p.name, "–", "–", "–", "–", "–", "–", "–", "–", "–", p.note)
			continue
		}
		two := func(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }
		t.add(p.name, fmt.Sprintf("%.0f", p.median.perSecond), two(p.median.cpu), two(p.leastCPU), two(p.median.user),
			p.cpu["wrk"].String(), p.cpu["vegeta"].String(), p.cpu["vegeta JSON targets"].String(), p.rate["wrk"].String(), p.rate["vegeta"].String(), p.note)
	}
	fmt.Fprint(b.out, t.String())
}

func medianCost(all []cost) cost {
	of := func(f func(cost) float64) float64 {
		var v []float64
		for _, c := range all {
			v = append(v, f(c))
		}
		return median(v)
	}
	return cost{
		of(func(c cost) float64 { return c.perSecond }), of(func(c cost) float64 { return c.cpu }), of(func(c cost) float64 { return c.user }),
	}
}
