package cause

import "context"

// Attributes that change slowly, such as load or an hour of the recording, need care: the level of a run wanders as well, and few ups
// and downs agree by chance.

// largeEffect is a difference of logarithms that levels do not wander by: a factor of 1.6.
const largeEffect = 0.47

// slowP is the probability by chance up to which load, or what lasts, has an effect among requests of about the same time.
const slowP = 0.001

// slowOnes judges rules of load, and of what comes in stretches: they have to hold among requests of about the same time. A large
// effect is proven with the memory that scores have beside it: else what load does to scores would pass for a memory of theirs.
func (s *search) slowOnes(ctx context.Context, g *grid, cuts []cut, p *proof) error {
	batches := s.table.Traffic.kindsInBatches(s.table.Len())
	for a, c := range g.columns {
		in := g.mask(a, cuts[a])
		load := isLoad(c.Attribute) || c.Attribute == Watched
		if !load && !in.lasting() {
			continue
		}
		if !load && in.episodes() < fewEpisodes && !(c.Attribute == Kind && batches) {
			p.p[a] = 1 // it is no more than a time: changes over time are found apart
			continue
		}
		block := 0
		if cuts[a].gain > 0 && g.difference(in) >= largeEffect && (isLoad(c.Attribute) || c.Attribute == Kind && batches) {
			block = g.blockBeside(a)
			alone, err := s.apartIn(ctx, g, in, make([]uint8, len(in)), 1, block)
			if err != nil {
				return err
			}
			p.p[a] = min(p.p[a], alone*float64(len(g.columns)))
		}
		if p.p[a] > s.level || c.Attribute == Kind && batches && block > 0 {
			continue // of kinds that come in batches none can be compared at the same time: the test's fault, and told as that
		}
		apart, err := s.apartInTime(ctx, g, in, block)
		if err != nil {
			return err
		}
		if apart > slowP {
			p.p[a] = 1
		}
	}
	return nil
}

// blockBeside is the length of blocks for what scores are beside the means of a column's values.
func (g *grid) blockBeside(column int) int {
	w := len(g.columns)
	g.sums(g.score)
	b := &g.tallies[column]
	rest := make([]float32, len(g.score))
	for i, v := range g.score {
		code := g.codes[i*w+column]
		rest[i] = v - b.sum[code]/(b.count[code]+1)
	}
	return blockLength(rest)
}

// rises is the probability that scores grow with the number in flight by chance, among the requests of a rule at about the same time. Where
// load makes requests slow they do. Where a target stands still, those who came first wait longest, and the number in flight follows.
func (s *search) rises(ctx context.Context, g *grid, column int, c cut) (float64, error) {
	w := len(g.columns)
	var codes []float64
	var part grid
	var stratum []int
	for i, score := range g.score {
		if code := g.codes[i*w+column]; c.codes.has(code) {
			part.score, codes, stratum = append(part.score, score), append(codes, float64(code)), append(stratum, i*sameTime/len(g.score))
		}
	}
	var sum, sumCode, count [sameTime]float64
	for i, k := range stratum {
		sum[k] += float64(part.score[i])
		sumCode[k] += codes[i]
		count[k]++
	}
	for i, k := range stratum {
		part.score[i] -= float32(sum[k] / count[k])
		codes[i] -= sumCode[k] / count[k]
	}
	part.shuffled = make([]float32, len(part.score))
	slope := func(score []float32) (t float64) {
		for i, v := range score {
			t += float64(v) * codes[i]
		}
		return t
	}
	block := blockLength(part.score)
	return s.chance(ctx, slope(part.score), func() float64 { return slope(part.shuffle(s.random, block)) })
}

// lasting says that the group comes in stretches of the run, as an hour of the recording does, rather than here and there.
func (g group) lasting() bool {
	same, with := 0, 0
	for i, in := range g {
		if in {
			with++
			if i > 0 && g[i-1] {
				same++
			}
		}
	}
	share := float64(with) / float64(max(len(g), 1))
	follows := float64(same) / float64(max(with, 1)) // is followed by its like
	return with > 0 && (follows-share) > lastingPart*(1-share)
}

// fewEpisodes is how many times a group that lasts must begin, so that it is more than a time of the run.
const fewEpisodes = 4

// episodes is how many times the group begins.
func (g group) episodes() (n int) {
	for i, in := range g {
		if in && (i == 0 || !g[i-1]) {
			n++
		}
	}
	return n
}

// lastingPart is how far from chance to always a request of a group is followed by another of it, so that the group lasts.
const lastingPart = 0.5

// difference is by how much the mean score of a group is larger.
func (g *grid) difference(in group) float64 {
	var sum, count [2]float64
	for i, v := range g.score {
		k := side(in[i])
		sum[k] += float64(v)
		count[k]++
	}
	return sum[1]/max(count[1], 1) - sum[0]/max(count[0], 1)
}
