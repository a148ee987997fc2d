package session

import (
	"fmt"
	"strconv"

	"reprise/replay"
	"reprise/replay/results"
)

// refusal says that nearly all requests of a step failed: how most of them did, by a status or a reason, and whether all did; or that nearly
// all of the last ones did. The zero value says that they did not.
type refusal struct {
	most string
	all  bool
	late bool
}

// refusedBy says whether nearly all requests of a step failed, and how.
func refusedBy(step *results.CapacityStep, sum *results.Summary) (r refusal) {
	sent := step.OK + step.Failed
	if sent == 0 || float64(step.OK) >= fewestGood*float64(sent) {
		return r
	}
	n := int64(0)
	for _, counts := range []map[string]int64{sum.Status, sum.Errors} {
		for name, k := range counts {
			if code, err := strconv.Atoi(name); err == nil && code >= 200 && code < 400 {
				continue
			}
			if k > n || k == n && name < r.most {
				r.most, n = name, k
			}
		}
	}
	r.all = step.OK == 0
	return r
}

// advice says what helps where the first step broke: a lower tempo, or what makes the target answer at all.
func (x *search) advice() string {
	name := x.Session.o.name
	lower := fmt.Sprintf("Begin lower, as with %s %s.", name("TimeScale"), factor(x.Session.o.TimeScale/4))
	first := fmt.Sprintf("%s 10 without %s shows whether it works.", name("Limit"), name("Shape"))
	code, _ := strconv.Atoi(x.refused.most)
	switch {
	case x.refused.late:
		return "The target may have died in it: see that it runs. " + lower
	case x.refused.most == "", code == 429:
		return lower
	case code == 401 || code == 403:
		return fmt.Sprintf("No lower tempo helps against answers of %d: sign the requests (%s), or give what the target asks for (%s); %s", code, name("Keys"), name("Headers"), first)
	case code >= 300 && code < 500 && code != 408 && code != 425:
		return fmt.Sprintf("No lower tempo helps against answers of %d: look at the address of the target, its paths and its host (%s, %s); %s", code, name("PathRewrite"), name("Host"), first)
	case code == 0 && replay.Reason(x.refused.most).Class() == replay.ClassTimeout:
		return lower
	case code == 0 && replay.Reason(x.refused.most).Class() == replay.ClassOwn:
		return fmt.Sprintf("These requests failed on this machine (%s), and not at the target.", x.refused.most)
	case code == 0 && replay.Reason(x.refused.most).Class() != replay.ClassBroken:
		return fmt.Sprintf("The target took no connection: see that it runs, and that this is its address; %s", first)
	case x.refused.all:
		return fmt.Sprintf("Not one answer was good, which is seldom a matter of tempo: look at the target's log; %s", first)
	}
	return lower
}
