"""Reference values for package cause's own statistics, from SciPy. Run by hand:

    python3 golden.py > golden.json

SciPy's version is in the output. What SciPy 1.10 does not have is computed here from its definition, with NumPy: the rising sequence
nearest by least squares (the max-min formula), discoveries of Benjamini and Hochberg (the definition of 1995), and the fit of a
generalized Pareto distribution by probability-weighted moments (Hosking and Wallis 1987, with plotting positions (i-0.35)/n).
"""

import json

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(16)


def floats(v):
    return [float(x) for x in v]


def pairs():
    """Values with and without ties, outliers and equal places."""
    x = np.arange(12.0)
    yield x, 3 - 0.5 * x
    yield x, rng.normal(size=12)
    yield rng.normal(size=25), rng.standard_cauchy(size=25)
    yield np.round(rng.normal(size=30), 1), np.round(rng.normal(size=30), 0)
    y = 0.3 * np.arange(40.0) + rng.normal(size=40)
    y[[3, 17, 31]] = 1e4
    yield np.arange(40.0), y
    yield np.array([1.0, 1, 2, 2, 3, 3]), np.array([5.0, 4, 4, 3, 3, 1])


def lines():
    out = []
    for x, y in pairs():
        r = stats.linregress(x, y)
        out.append({
            "x": floats(x), "y": floats(y),
            "theil_sen": float(stats.theilslopes(y, x).slope),
            "spearman": float(stats.spearmanr(x, y).statistic),
            "ranks": floats(stats.rankdata(y)),
            "slope": float(r.slope), "error": float(r.stderr), "explained": float(r.rvalue**2),
        })
    return out


def isotonic(y, w):
    n = len(y)
    mean = lambda a, b: np.average(y[a:b + 1], weights=w[a:b + 1])
    return [max(min(mean(a, b) for b in range(i, n)) for a in range(i + 1)) for i in range(n)]


def rising():
    out = []
    for n in (1, 2, 7, 30):
        load = np.round(rng.uniform(0, 10, size=n), 0 if n == 30 else 3)
        y = 0.2 * load + rng.normal(size=n)
        loads = np.unique(load)
        means = np.array([y[load == l].mean() for l in loads])
        weights = np.array([(load == l).sum() for l in loads])
        fit = dict(zip(loads, isotonic(means, weights)))
        out.append({"load": floats(load), "y": floats(y), "rest": floats(v - fit[l] for v, l in zip(y, load))})
    return out


def poisson():
    return [{"k": k, "mean": m, "at_least": float(stats.poisson.sf(k - 1, m))}
            for k, m in [(1, 1e-9), (1, 0.1), (2, 0.3), (3, 0.5), (10, 2), (40, 12.5), (200, 150), (7, 6.5)]]


def discoveries(p, level):
    n = len(p)
    passed = [v for i, v in enumerate(sorted(p)) if v <= level * (i + 1) / n]
    return [bool(passed and v <= max(passed)) for v in p]


def bh():
    lists = [[0.5], [0.0004], [0.04, 0.01, 0.03, 0.005, 0.6], [0.02, 0.02, 0.02], [1, 1, 1, 0.013, 0.2]]
    lists.append(floats(rng.uniform(size=20) ** 3))
    return [{"p": p, "level": 0.05, "is": discoveries(p, 0.05)} for p in lists]


def pareto():
    """Fits of drawn tails, and the probability of values by the fit."""
    out = []
    for shape, scale, n in [(0.3, 2, 60), (0.1, 1, 250), (-0.2, 1, 40)]:
        x = np.sort(stats.genpareto.rvs(shape, scale=scale, size=n, random_state=rng))
        a0 = x.mean()
        a1 = (x * (1 - (np.arange(1, n + 1) - 0.35) / n)).mean()
        k = 2 - a0 / (a0 - 2 * a1)
        s = 2 * a0 * a1 / (a0 - 2 * a1)
        k, s = (0.0, a0) if k < 0 else (min(k, 0.5), s)
        at = floats(np.array([1.0, 4, 9]) * scale)
        out.append({"sorted": floats(x), "shape": float(k), "scale": float(s), "at": at,
                    "above": floats(stats.genpareto.sf(at, k, scale=s))})
    return out


def exponential():
    """The tail beyond the largest twentieth, its mean excess enlarged by its standard error."""
    x = rng.logistic(size=200)
    s = np.sort(x)
    k = 10
    start = s[-k - 1]
    excess = (s[-k:] - start).mean() * (1 + 1 / np.sqrt(k))
    at = floats([start + 0.5, s[-1], s[-1] + 3])
    return {"drawn": floats(x), "at": at, "above": floats(k / 200 * stats.expon.sf(np.array(at), loc=start, scale=excess))}


print(json.dumps({
    "scipy": scipy.__version__, "lines": lines(), "rising": rising(), "poisson": poisson(), "discoveries": bh(), "pareto": pareto(),
    "exponential": exponential(),
}, indent=1))
