package ingest

import (
	"maps"
	"slices"

	"reprise/capture"
	"reprise/capture/source/logs"
	"reprise/capture/source/messages"
	"reprise/capture/source/packet"
	"reprise/capture/source/traces"
)

// Cause is the likeliest reason for which nothing of an input was kept.
type Cause string

// The causes. Those of a log are CauseNotJSON, CauseMap and CauseNoLine.
const (
	CauseMethod    Cause = "method"     // Options.Methods leaves out what there is
	CausePath      Cause = "path"       // Options.Paths leaves out what there is
	CauseOutbound  Cause = "outbound"   // an export has no message that came in, and Options.Receipts is not set
	CauseHole      Cause = "hole"       // packets, or parts of them, are not in the recording
	CauseMalformed Cause = "malformed"  // the first problems say what is wrong with the first requests
	CauseNotJSON   Cause = "not JSON"   // a line is no JSON object
	CauseMap       Cause = "map"        // the lines have no request where the map looks for one
	CauseWhere     Cause = "where"      // the map of a log leaves out what there is
	CauseNoBody    Cause = "no body"    // the log holds no bodies
	CauseNoLine    Cause = "no line"    // the log is empty
	CauseNoEntry   Cause = "no entry"   // the recording of another tool is empty
	CauseTLS       Cause = "TLS"        // the traffic is encrypted
	CauseHTTP2     Cause = "HTTP/2"     // the traffic is HTTP/2
	CauseOneWay    Cause = "one way"    // there are answers without their requests
	CauseNoPacket  Cause = "no packet"  // the recording holds no packet
	CauseNoTCP     Cause = "no TCP"     // none of its packets is of TCP
	CauseDamage    Cause = "damage"     // nothing whole is left of a damaged file
	CausePort      Cause = "port"       // no request was found on the ports that were asked for
	CauseNoRequest Cause = "no request" // no request was found at all
)

// WhyNothing says by its account why a capture kept nothing. as is what was read, as Options.As has it; ports that only some ports of a
// packet capture were looked at.
func WhyNothing(a *capture.Account, as string, ports bool) Cause {
	_, preset := logs.Preset(as)
	log := preset || as == AsLogs
	most, n := "", int64(0)
	for _, reason := range slices.Sorted(maps.Keys(a.Skipped)) {
		if a.Skipped[reason] > n {
			most, n = reason, a.Skipped[reason]
		}
	}
	switch most {
	case "":
		if as == AsHAR || as == AsGoReplay || slices.Contains(traces.Formats(), as) || isExport(as) {
			return whyNoEntry(a)
		}
		return whyUnread(a, log, ports)
	case messages.LeftOutOutbound:
		return CauseOutbound
	case LeftOutByMethod:
		return CauseMethod
	case LeftOutByPath:
		return CausePath
	case packet.ReasonHole:
		return CauseHole
	case logs.LeftOutByWhere:
		return CauseWhere
	case logs.ReasonNoBody:
		return CauseNoBody
	case logs.ReasonNotJSON:
		return CauseNotJSON
	}
	if log {
		return CauseMap
	}
	return CauseMalformed
}

// whyNoEntry is WhyNothing of another tool's recording in which no request was found.
func whyNoEntry(a *capture.Account) Cause {
	if a.Damaged {
		return CauseDamage
	}
	return CauseNoEntry
}

// whyUnread is WhyNothing where not even a request was read.
func whyUnread(a *capture.Account, log, ports bool) Cause {
	switch {
	case log:
		return CauseNoLine
	case a.Noted[packet.ReasonTLS] > 0:
		return CauseTLS
	case a.Noted[packet.ReasonHTTP2] > 0:
		return CauseHTTP2
	case a.Missing > 0:
		return CauseOneWay
	case a.Damaged:
		return CauseDamage
	case a.Traffic != nil && a.Traffic.Packets == 0:
		return CauseNoPacket
	case a.Traffic != nil && a.Traffic.TCP == 0:
		return CauseNoTCP
	case ports:
		return CausePort
	}
	return CauseNoRequest
}
