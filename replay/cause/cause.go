// Package cause says why requests of a run were slow: it searches what each is known by for the few rules that tell the slow ones
// apart.
//
// The one idea: a rule (one attribute or two, thresholds from the data) counts only if so strong a one is not found when the outcomes
// are shuffled in blocks of time, over everything that was tried; the next rule is searched in what the first leaves over, so that one
// cause is told once. Its input is a [Table]; what it finds is a [Report] of codes and numbers, which package report words. It does
// no I/O and starts no goroutine; its results depend on its input alone.
package cause
