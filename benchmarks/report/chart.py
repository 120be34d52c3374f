"""One scenario as a picture: a horizontal bar a gateway, nginx = 1, in SVG.

Written by hand: rectangles and text need no plotting library, and the file is small and the same for the same numbers.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from benchmarks.peers.registry import OURS
from benchmarks.report.table import YARDSTICKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.report.table import Row

WIDTH, LEFT, RIGHT, TOP, STEP, BAR = 760, 170, 130, 64, 34, 22
OURS_FILL, PEER_FILL, INK, FAINT = "#4454c9", "#9aa5b1", "#1f2933", "#e4e7eb"
CUT = 12.0
"""A bar longer than this many nginxes is cut, or it would flatten all the others."""


def svg(title: str, subtitle: str, made: Sequence[Row]) -> str:
    """The chart of the rows that did not fail; the whisker of a bar is the spread of its rounds."""
    bars = [row for row in made if not row.failure and YARDSTICKS[0] in row.ratios]
    scale_end = max((min(row.ratios[YARDSTICKS[0]].high, CUT) for row in bars), default=1.0) * 1.05
    height = TOP + STEP * len(bars) + 30
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="{escape(title)}">'
    )
    parts = [
        head,
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(16, 26, title, size=16, weight=600),
        _text(16, 46, subtitle, fill="#616e7c"),
        *(part for index, row in enumerate(bars) for part in _bar(row, TOP + STEP * index, scale_end)),
        *_yardstick(TOP, height - 30, scale_end),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(row: Row, top: int, scale_end: float) -> list[str]:
    ratio = row.ratios[YARDSTICKS[0]]
    length = _length(min(ratio.middle, CUT), scale_end)
    middle = top + BAR / 2
    fill = OURS_FILL if row.peer == OURS else PEER_FILL
    parts = [
        _text(LEFT - 10, middle + 5, row.peer, anchor="end", weight=600 if row.peer == OURS else 400),
        f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2" fill="{fill}"/>',
    ]
    end = length
    if ratio.middle > CUT:
        gap = LEFT + length - 26
        parts.append(f'<path d="M{gap:.1f} {top - 2}l8 {BAR + 4}h6l-8 {-BAR - 4}z" fill="#ffffff"/>')
    else:
        low, end = _length(ratio.low, scale_end), _length(min(ratio.high, CUT), scale_end)
        parts.append(f'<path d="M{LEFT + low:.1f} {middle}H{LEFT + end:.1f}" stroke="{INK}" stroke-width="1.5"/>')
    parts.append(_text(LEFT + max(length, end) + 8, middle + 5, f"{ratio.middle:.2f}", weight=600))
    return parts


def _yardstick(top: int, bottom: int, scale_end: float) -> list[str]:
    x = LEFT + _length(1.0, scale_end)
    return [
        f'<path d="M{x:.1f} {top - 6}V{bottom + 4}" stroke="{INK}" stroke-dasharray="3 3"/>',
        _text(x, bottom + 20, f"{YARDSTICKS[0]} = 1, shorter is better", anchor="middle", fill="#616e7c"),
    ]


def _length(ratio: float, scale_end: float) -> float:
    return ratio / scale_end * (WIDTH - LEFT - RIGHT)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", fill: str = INK, size: int = 13, weight: int = 400
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )
