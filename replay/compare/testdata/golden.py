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
out = {"scipy": scipy.__version__, "t": [], "adjust": [], "moderate": [], "wilson": [], "variance": []}
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
print(json.dumps(out, indent=1))
