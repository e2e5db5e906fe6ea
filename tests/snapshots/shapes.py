"""The picture of the three shapes in which a server can be hosted, drawn from boxes and lines."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from .drawing import FONTS

WIDTH, HEIGHT = 1220, 420
BACKGROUND, INK, DIM, LINE = "#11151c", "#e6e9ef", "#8b94a5", "#5b6577"
COLORS = {"people": "#11151c", "proxy": "#2b3242", "gateway": "#1d4a63", "api": "#4a3a6e", "file": "#2f4a35"}


@dataclass(frozen=True)
class Box:
    """A program or a file, by its middle, its size and what stands in it."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    lines: tuple[str, ...]

    @property
    def top(self) -> tuple[float, float]:
        """The middle of its upper edge."""
        return self.x, self.y - self.height / 2

    @property
    def bottom(self) -> tuple[float, float]:
        """The middle of its lower edge."""
        return self.x, self.y + self.height / 2

    def draw(self) -> list[str]:
        """Return it as SVG."""
        left, top = self.x - self.width / 2, self.y - self.height / 2
        edge = f' stroke="{LINE}" stroke-dasharray="3 3"' if self.kind == "people" else ""
        drawn = [
            f'<rect x="{left:g}" y="{top:g}" width="{self.width:g}" height="{self.height:g}" rx="6"'
            f' fill="{COLORS[self.kind]}"{edge}/>'
        ]
        first = self.y - (len(self.lines) - 1) * 9 + 5
        for number, line in enumerate(self.lines):
            drawn.append(_text(self.x, first + number * 18, line, INK if not number else DIM))
        return drawn


def _text(x: float, y: float, words: str, color: str, *, bold: bool = False, anchor: str = "middle") -> str:
    weight = ' class="b"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{color}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def _line(start: tuple[float, float], end: tuple[float, float], *, link: bool = False) -> str:
    style = ' stroke="#d9a441" stroke-width="2.5"' if link else f' stroke="{LINE}" stroke-width="1.5"'
    return f'<line x1="{start[0]:g}" y1="{start[1]:g}" x2="{end[0]:g}" y2="{end[1]:g}"{style}/>'


def _machine(left: float, top: float, width: float, height: float, name: str) -> list[str]:
    return [
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="10" fill="none" stroke="{LINE}"/>',
        _text(left + 10, top + height - 9, name, DIM, anchor="start"),
    ]


def _one_process(middle: float) -> list[str]:
    people = Box(middle, 80, 150, 34, "people", ("people",))
    gateway = Box(middle, 190, 250, 34, "gateway", ("gateway",))
    api = Box(middle, 226, 250, 34, "api", ("API, HTTP",))
    file = Box(middle, 340, 120, 34, "file", ("SQLite",))
    return [
        *_machine(middle - 165, 120, 330, 280, "one machine"),
        _line(people.bottom, gateway.top),
        _line(api.bottom, file.top),
        *(part for box in (people, gateway, api, file) for part in box.draw()),
        _text(middle - 125, 164, "asnity-server", DIM, anchor="start"),
    ]


def _divided(middle: float, *, machines: bool) -> list[str]:
    people = Box(middle, 80, 150, 34, "people", ("people",))
    proxy = Box(middle, 148, 100, 30, "proxy", ("nginx",))
    first = Box(middle - 119, 216, 110, 46, "gateway", ("gateway", "g1"))
    second = Box(middle, 216, 110, 46, "gateway", ("gateway", "g2"))
    api = Box(middle + 80, 298, 170, 34, "api", ("API, HTTP",))
    file = Box(middle + 80, 352, 120, 30, "file", ("SQLite",))
    reach = (middle + 130, api.top[1])
    if machines:
        frames = [
            *_machine(middle - 60, 122, 120, 50, ""),
            *_machine(middle - 179, 186, 120, 60, ""),
            *_machine(middle - 57, 186, 116, 60, ""),
            *_machine(middle - 20, 272, 200, 128, "a machine each"),
        ]
    else:
        frames = _machine(middle - 185, 120, 370, 280, "one machine")
    return [
        *frames,
        _line(people.bottom, proxy.top),
        _line(proxy.bottom, first.top),
        _line(proxy.bottom, second.top),
        _line((middle + 50, 148), (reach[0], 148)),
        _line((reach[0], 148), reach),
        _line(first.bottom, (middle + 20, api.top[1]), link=True),
        _line(second.bottom, (middle + 60, api.top[1]), link=True),
        _line(api.bottom, file.top),
        *(part for box in (people, proxy, first, second, api, file) for part in box.draw()),
        _text(middle - 178, 312, "links: TLS 1.3" if machines else "links: a Unix", "#d9a441", anchor="start"),
        _text(middle - 178, 330, "" if machines else "socket", "#d9a441", anchor="start"),
        _text(middle + 136, 182, "HTTP", DIM, anchor="start"),
    ]


async def shapes() -> str:
    """One process, several on one machine, and several on machines of their own."""
    middles = (205, 600, 1000)
    titles = ("One process (the default)", "API and gateways", "Gateways on machines of their own")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
            f"<style>text {{ font: 14px {FONTS}; white-space: pre }} .b {{ font-weight: bold }}</style>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="{BACKGROUND}"/>',
            *(_text(middle, 36, title, INK, bold=True) for middle, title in zip(middles, titles, strict=True)),
            *_one_process(middles[0]),
            *_divided(middles[1], machines=False),
            *_divided(middles[2], machines=True),
            "</svg>",
            "",
        ]
    )
