"""Makes golden.json: what SciPy says of the statistics of this package. Run: python3 golden.py > golden.json"""
import json, math
import numpy as np
import scipy
from scipy import optimize, stats

def ppf(q, df):
    """stats.t.ppf is true to 1e-8 alone: it is where the search begins."""
    x = stats.t.ppf(q, df)
    return optimize.brentq(lambda y: stats.t.sf(y, df) - (1 - q), x - 1e-3, x + 1e-3, xtol=1e-15)

rng = np.random.default_rng(20221125)
out = {"scipy": scipy.__version__, "t": [], "adjust": [], "moderate": [], "wilson": [], "variance": [], "newcombe": [], "quantile": []}
for df in [1, 2, 4, 6, 8, 13.5, 40]:
    for x in [-9.25, -2.1, -0.3, 0, 0.7, 1.96, 4.4, 30]:
        out["t"].append({"df": df, "x": x, "survival": float(stats.t.sf(x, df))})
    for q in [0.6, 0.8, 0.95, 0.975, 0.999]:
        out["t"].append({"df": df, "q": q, "quantile": float(ppf(q, df))})
for n in [1, 2, 7, 36]:
    p = np.sort(rng.random(n) ** 3)
    rng.shuffle(p)
    order = np.argsort(p, kind="stable")
    ranked = p[order] * n / np.arange(1, n + 1)
    q = np.empty(n)
    q[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1)
    out["adjust"].append({"p": p.tolist(), "q": q.tolist()})
for r in [2, 3, 5]:
    for prior in [0.0001, 0.0025]:
        d = (rng.normal(0.1, 0.03, r)).tolist()
        d0, own = 4.0, r - 1.0
        v = (d0 * prior + own * np.var(d, ddof=1)) / (d0 + own)
        se = math.sqrt(v / r)
        floor = math.log1p(0.05)
        tail = ppf(0.975, d0 + own) * se
        out["moderate"].append({"d": d, "prior": prior, "floor": floor,
            "p": float(stats.t.sf((np.mean(d) - floor) / se, d0 + own)),
            "fall": float(stats.t.sf((-np.mean(d) - floor) / se, d0 + own)),
            "low": float(np.mean(d) - tail), "high": float(np.mean(d) + tail)})
for k, n in [(0, 10), (1, 10), (5, 200), (199, 200), (12, 4000)]:
    i = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    out["wilson"].append({"k": k, "n": n, "low": float(i.low), "high": float(i.high)})
for n in [2, 3, 50]:
    x = rng.lognormal(0, 1, n)
    out["variance"].append({"x": x.tolist(), "mean": float(np.mean(x)), "variance": float(np.var(x, ddof=1))})

def newcombe(a, b, c, d, level):
    """Method 10 of Newcombe 1998 for theta = (a+b)/n - (a+c)/n, by the roots of the score equation instead of the formula."""
    n, z = a + b + c + d, stats.norm.ppf(0.5 + level / 2)
    def score(k):
        p = k / n
        low, high = sorted(np.roots([1 + z * z / n, -(2 * p + z * z / n), p * p]).real)
        return p, max(low, 0), min(high, 1)
    p1, l1, u1 = score(a + b)
    p2, l2, u2 = score(a + c)
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    num = a * d - b * c
    num = num - n / 2 if num > n / 2 else 0 if num >= 0 else num
    phi = num / math.sqrt(margins) if margins else 0
    side = lambda x, y: math.sqrt(max(x * x - 2 * phi * x * y + y * y, 0))
    theta = p1 - p2
    return theta - side(p1 - l1, u2 - p2), theta + side(u1 - p1, p2 - l2)

for a, b, c, d in [(36, 12, 2, 0), (20, 12, 2, 16), (0, 5, 0, 9995), (3, 100, 7, 4601), (54, 0, 0, 0), (0, 0, 0, 1479), (10, 40, 40, 10)]:
    for level in [0.9, 0.95]:
        low, high = newcombe(a, b, c, d, level)
        out["newcombe"].append({"both": a, "candidate": b, "base": c, "neither": d, "level": level, "low": low, "high": high})
own = np.random.default_rng(20221128)
for n in [1, 2, 19, 20, 21, 200, 1999]:
    x = own.integers(1, 1 << 40, n)
    at = [0.025, 0.05, 0.5, 0.9, 0.95, 0.975, 0.99]
    out["quantile"].append({"x": x.tolist(), "q": at, "value": [int(np.quantile(x, q, method="inverted_cdf")) for q in at]})
print(json.dumps(out, indent=1))
