"""Makes spending.json: the limits of looks that spend a level, computed in another way than the package does it.

The package integrates by Simpson's rule on an even grid of the sums; this does by Gauss and Legendre's on nodes of its own, and
finds the limits by secants. It needs Python's standard library alone. Run: python3 spending.py > spending.json
"""
import json, math
from statistics import NormalDist

N = NormalDist()
def survival(z): return 0.5 * math.erfc(z / math.sqrt(2))
def density(x, v): return math.exp(-x * x / (2 * v)) / math.sqrt(2 * math.pi * v)

def legendre(n):
    """Nodes and weights on -1 to 1."""
    out = []
    for i in range(n):
        x = math.cos(math.pi * (i + 0.75) / (n + 0.5))
        for _ in range(100):
            a, b = 1.0, x
            for k in range(2, n + 1):
                a, b = b, ((2 * k - 1) * x * b - (k - 1) * a) / k
            d = n * (x * b - a) / (x * x - 1)
            x, before = x - b / d, x
            if abs(x - before) < 1e-16:
                break
        out.append((x, 2 / ((1 - x * x) * d * d)))
    return out

NODES = legendre(120)

def nodes(low, high):
    return [((high - low) / 2 * x + (high + low) / 2, (high - low) / 2 * w) for x, w in NODES]

def secant(f, a, b):
    fa, fb = f(a), f(b)
    for _ in range(100):
        if fb == fa or abs(b - a) < 1e-15:
            break
        a, b, fa = b, b - fb * (b - a) / (fb - fa), fb
        fb = f(b)
    return b

def limits(shares, spent):
    z = [N.inv_cdf(1 - spent[0])]
    grid = [(s, w * density(s, shares[0])) for s, w in nodes(-9 * math.sqrt(shares[0]), z[0] * math.sqrt(shares[0]))]
    for i in range(1, len(shares)):
        t, step = shares[i], shares[i] - shares[i - 1]
        crossed = lambda z: sum(m * survival((z * math.sqrt(t) - s) / math.sqrt(step)) for s, m in grid) - (spent[i] - spent[i - 1])
        z.append(secant(crossed, 2.0, 2.2))
        grid = [(s, w * sum(m * density(s - before, step) for before, m in grid))
                for s, w in nodes(-9 * math.sqrt(t), z[-1] * math.sqrt(t))]
    return z

out = []
for first, most, total, power in [(3, 7, 0.05, 1), (3, 7, 0.035, 4), (2, 6, 0.05, 1), (5, 9, 0.05, 2), (3, 4, 0.05, 1), (4, 16, 0.05, 1)]:
    shares = [n / most for n in range(first, most + 1)]
    spent = [total * s ** power for s in shares]
    z = limits(shares, spent)
    out.append({"first": first, "most": most, "total": total, "power": power, "spent": spent, "limits": z, "tails": [survival(x) for x in z]})
print(json.dumps(out, indent=1))
