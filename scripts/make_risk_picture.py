"""Draw docs/pictures/risk.svg: how one report spreads at a junction. `make pictures` runs it.

The network and the report are those of the worked example in docs/risk.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from corridors.arrays import FloatArray
from corridors.model import Network
from corridors.risk.density import spread
from corridors.risk.lattice import build_lattice

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support_networks import make_network  # noqa: E402  # tests are no package

OUT = ROOT / "docs" / "pictures" / "risk.svg"
ARMS = {"North": (0, 200), "East": (200, 0), "South": (0, -200), "West": (-200, 0)}
REPORT_M, BANDWIDTH_M, CELL_M = 30.0, 50.0, 1.0
SHOWN_M = 80  # of each arm
_SHADES = ("#dfe3e6", "#9fda3a", "#35b779", "#31688e", "#440154")


def cross() -> Network:
    """Four streets of 200 m that meet; North Street is segment 0."""
    ends = [(0.0, 0.0), *((float(x), float(y)) for x, y in ARMS.values())]
    return make_network(ends, [(0, 1), (0, 2), (0, 3), (0, 4)], names=[f"{a} Street" for a in ARMS])


def density_along() -> FloatArray:
    """(4, 200) density per metre of one report on North Street, by arm and metre from its end."""
    lattice = build_lattice(cross(), CELL_M)
    mass = spread(lattice, np.array([0]), np.array([REPORT_M]), np.ones(1), bandwidth_m=BANDWIDTH_M)
    return mass[:, 0].reshape(4, -1) / CELL_M


def picture() -> str:
    """The drawing: streets from above, and the density along North and South Street."""
    found = density_along()
    parts = [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 340" role="img" '
            'aria-labelledby="t d" font-family="Arial, Helvetica, sans-serif" font-size="13">'
        ),
        '<title id="t">How one report spreads at a junction</title>',
        (
            '<desc id="d">Left: four streets from above; the darker, the denser. '
            "Right: the density along North Street and on into South Street. It is highest at the "
            "report, 30 m north of the junction, falls without a jump at the junction, and ends "
            "50 m from the report.</desc>"
        ),
        '<rect width="760" height="340" fill="#fff"/>',
        *_streets(found),
        *_curve(found),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _streets(found: FloatArray) -> list[str]:
    centre, scale = (160.0, 170.0), 1.7
    limits = found.max() * np.array([0.001, 0.1, 0.3, 0.6])
    parts = []
    for arm, (east, north) in zip(found, ARMS.values(), strict=True):
        for metre in range(0, SHOWN_M, 2):
            shade = _SHADES[int(np.searchsorted(limits, arm[metre : metre + 2].mean()))]
            a = [
                centre[0] + scale * metre * np.sign(east),
                centre[1] - scale * metre * np.sign(north),
            ]
            b = [a[0] + scale * 2 * np.sign(east), a[1] - scale * 2 * np.sign(north)]
            parts.append(
                f'<path d="M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" stroke="{shade}" '
                'stroke-width="14"/>'
            )
    at = centre[1] - scale * REPORT_M
    parts += [
        f'<circle cx="{centre[0]}" cy="{at:.1f}" r="5" fill="#fff" stroke="#000"/>',
        f'<text x="{centre[0] + 16}" y="{at + 4:.1f}">report, 30 m from the junction</text>',
        f'<text x="{centre[0] + 16}" y="22">North Street</text>',
        f'<text x="{centre[0] + 16}" y="328">South Street</text>',
    ]
    return parts


def _curve(found: FloatArray) -> list[str]:
    left, bottom, wide, high = 420.0, 290.0, 320.0, 230.0
    along = np.concatenate([found[0, :SHOWN_M][::-1], found[2, :SHOWN_M]])  # north to south
    at_m = np.arange(-SHOWN_M, SHOWN_M) + 0.5
    top = 0.02
    x = left + wide * (at_m + SHOWN_M) / (2 * SHOWN_M)
    y = bottom - high * along / top
    line = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
    middle = left + wide / 2
    parts = [
        (
            f'<path d="M{left} {bottom}H{left + wide}M{left} {bottom}V{bottom - high}" '
            'stroke="#505a5f" fill="none"/>'
        ),
        f'<path d="M{middle} {bottom}V{bottom - high}" stroke="#505a5f" stroke-dasharray="4 4"/>',
        f'<path d="M{line}" stroke="#440154" stroke-width="2.5" fill="none"/>',
        f'<text x="{middle}" y="{bottom + 18}" text-anchor="middle">junction</text>',
        f'<text x="{left}" y="{bottom + 18}">80 m north</text>',
        f'<text x="{left + wide}" y="{bottom + 18}" text-anchor="end">80 m south</text>',
        f'<text x="{left}" y="{bottom - high - 12}">density, in reports a metre</text>',
    ]
    for value in (0.005, 0.01, 0.015, 0.02):
        height = bottom - high * value / top
        parts.append(f'<text x="{left - 6}" y="{height + 4:.1f}" text-anchor="end">{value}</text>')
    return parts


if __name__ == "__main__":
    OUT.write_text(picture(), encoding="utf-8")
    print(OUT.name)
