#!/usr/bin/env python3
"""Fits the polynomials of Sources/KernelSources/ElementaryFunctions.swift and prints them as Swift literals.

Needs mpmath and numpy. Each fit is a weighted minimax (Lawson's iteration); coefficients are rounded to Float one
after the other, lowest power first, and the rest is fitted again, so that the rounding is compensated.
"""
import mpmath as mp
import numpy as np

mp.mp.dps = 40
POINTS = 2000


def minimax(basis, target, weight, rounds=400):
    """Coefficients that make the largest |weight * (basis @ c - target)| small."""
    lawson = np.full(len(target), 1.0 / len(target))
    best, best_error = None, np.inf
    for _ in range(rounds):
        scale = weight * np.sqrt(lawson)
        coefficients = np.linalg.lstsq(basis * scale[:, None], target * scale, rcond=None)[0]
        error = np.abs(weight * (basis @ coefficients - target))
        if error.max() < best_error:
            best, best_error = coefficients, error.max()
        lawson *= error + 1e-300
        lawson /= lawson.sum()
    return best


def fit(name, function, low, high, degree, weight):
    """Fits function(x) on [low, high] and prints the coefficients, lowest power first."""
    nodes = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    target = np.array([float(function(mp.mpf(x))) for x in nodes])
    weights = np.array([float(weight(mp.mpf(x))) for x in nodes])
    powers = nodes[:, None] ** np.arange(degree + 1)
    fixed = []
    for power in range(degree + 1):
        rest = target - powers[:, :power] @ np.array(fixed, dtype=float)
        fixed.append(float(np.float32(minimax(powers[:, power:], rest, weights)[0])))
    error = np.abs(weights * (powers @ np.array(fixed) - target)).max()
    print(f"// {name}: weighted error {error:.2e} = {error * 2**24:.3f} half-ulps of 1")
    print("[" + ", ".join(swift_hex(c) for c in fixed) + "]")


def swift_hex(value):
    """A hexadecimal float literal without needless zeros."""
    mantissa, exponent = float(value).hex().split("p")
    return mantissa.rstrip("0").rstrip(".") + "p" + str(int(exponent))


def main():
    half_ln2 = float(mp.log(2)) / 2 * 1.001
    # e^r = 1 + r + r^2 q(r); the weight |r| makes e^r - 1 as good relatively as e^r.
    fit("exp", lambda r: (mp.expm1(r) - r) / r**2, -half_ln2, half_ln2, 4, abs)
    # log(1 + f) = f - f^2 / 2 + f^3 q(f), relative to log(1 + f).
    fit("log", lambda f: (mp.log1p(f) - f + f * f / 2) / f**3, 2**-0.5 - 1, 2**0.5 - 1, 7,
        lambda f: abs(f**3 / mp.log1p(f)))
    # erf(x) = x + x p(x^2) for |x| < 1.
    fit("erf, small", lambda s: mp.erf(mp.sqrt(s)) / mp.sqrt(s) - 1, 0.0, 1.0, 6,
        lambda s: mp.sqrt(s) / mp.erf(mp.sqrt(s)))
    # erf(x) = 1 - exp(-g(x)) with g(x) = -log(erfc(x)) for 1 <= x <= 4.
    fit("erf, large", lambda x: -mp.log(mp.erfc(x)), 1.0, 4.0, 6, lambda x: mp.erfc(x))
    ln2 = mp.log(2)
    high = float(np.float32(float(ln2)))
    print("ln2", swift_hex(high), swift_hex(np.float32(float(ln2 - high))))
    print("log2e", swift_hex(np.float32(float(1 / ln2))))


main()
