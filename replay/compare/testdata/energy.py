"""Writes energy.json: where E-divisive's statistic parts a series best, by its definition, pair by pair.

Standard library alone, and nothing in common with the Go code: python3 energy.py > energy.json
Matteson and James 2014, J. Am. Stat. Assoc. 109:334, equation 7, with all pairs of a part counted (the energy distance), of which the
exponent 2 is twice the part of the sum of squares that the two means explain. The first three series and their change points are those that
Apache Otava (once Hunter) tests itself with.
"""
import json
import math
import random

LEAST = 4  # runs on either side


def mean_distance(x, y, exponent):
    return sum(abs(a - b) ** exponent for a in x for b in y) / (len(x) * len(y))


def energy(x, y, exponent):
    n, m = len(x), len(y)
    e = 2 * mean_distance(x, y, exponent) - mean_distance(x, x, exponent) - mean_distance(y, y, exponent)
    return n * m / (n + m) * e


def best(values, exponent):
    return max((energy(values[:k], values[k:], exponent), k) for k in range(LEAST, len(values) - LEAST + 1))


def simulated(seed, n, at, step):
    r = random.Random(seed)
    return [20 * math.exp(0.02 * r.gauss(0, 1)) * (1 + (step if i >= at else 0)) for i in range(n)]


SERIES = [
    ("otava 1", [1.02, 0.95, 0.99, 1.00, 1.12, 0.90, 0.50, 0.51, 0.48, 0.48, 0.55], [6]),
    ("otava 2", [2.02, 2.03, 2.01, 2.04, 1.82, 1.85, 1.79, 1.81, 1.80, 1.76, 1.78], [4]),
    ("otava 3", [1] * 5 + [5] * 8 + [9] * 8 + [3] * 9, [5, 13, 21]),
    ("a step of 7 %", simulated(1, 40, 25, 0.07), [25]),
    ("a step of 30 %", simulated(2, 12, 7, 0.3), [7]),
    ("flat", simulated(4, 30, 30, 0), []),
]

out = []
for name, values, changes in SERIES:
    logs = [math.log(v) for v in values]
    q2, at2 = best(logs, 2)
    _, at1 = best(logs, 1)
    out.append({"name": name, "values": values, "at": at2, "energy": q2, "at_exponent_1": at1, "changes": changes})
print(json.dumps(out, indent=1))
