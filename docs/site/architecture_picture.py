"""Draw the packages of the product and who imports whom, from the imports themselves.

`python docs/site/architecture_picture.py docs/architecture.svg` writes the picture. Within a band
an arrow is left out where a longer way says the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from html import escape
from pathlib import Path

import attrs
import grimp

BANDS = {
    "Entrypoints: web pages, commands, the worker": "entrypoints",
    "Adapters: what fills the ports": "adapters",
    "Use cases: what people and the clock do": "core.use_cases",
    "Domain: types, rules and ports": "core",
}
WIDTH, BOX, ROW, MARGIN, LEFT = 1120, 30, 74, 16, 84

Uses = Mapping[str, frozenset[str]]


def package_of(module: str) -> str | None:
    """The box that a module belongs to, by its full name; None for the package of a band itself."""
    parts = module.split(".")
    depth = 3 if module.startswith("core.use_cases.") else 2
    return ".".join(parts[:depth]) if len(parts) >= depth and module != "core.use_cases" else None


def band_of(package: str) -> str:
    """The longest root of BANDS that a package is under."""
    return max((root for root in BANDS.values() if package.startswith(f"{root}.")), key=len)


def uses_of(imports: Iterable[tuple[str, str]]) -> Uses:
    """Which packages each package imports, of all pairs of importing and imported modules."""
    uses: dict[str, set[str]] = {}
    for importer, imported in imports:
        a, b = package_of(importer), package_of(imported)
        for each in (a, b):
            if each is not None:
                uses.setdefault(each, set())
        if a is not None and b is not None and a != b:
            uses[a].add(b)
    return {package: frozenset(used) for package, used in uses.items()}


def within(root: str, uses: Uses) -> Uses:
    """The packages of one band, and the imports among them."""
    own = {package for package in uses if band_of(package) == root}
    return {package: uses[package] & own for package in sorted(own)}


def rows_of(uses: Uses) -> list[list[str]]:
    """The packages in rows, each above all that it imports. Raises CycleError for a circle."""
    depth: dict[str, int] = {}
    for package in TopologicalSorter(uses).static_order():
        depth[package] = 1 + max((depth[used] for used in uses[package]), default=-1)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for package in sorted(depth):
        rows[-1 - depth[package]].append(package)
    return rows


def without_shortcuts(uses: Uses) -> Uses:
    """The imports without those that a longer way implies."""
    reached: dict[str, frozenset[str]] = {}
    for package in TopologicalSorter(uses).static_order():
        reached[package] = uses[package].union(*(reached[used] for used in uses[package]))
    return {
        package: frozenset(
            used for used in direct if not any(used in reached[other] for other in direct)
        )
        for package, direct in uses.items()
    }


@attrs.define
class Picture:
    """An SVG that grows downwards."""

    parts: list[str] = attrs.field(factory=list)
    arrows: list[str] = attrs.field(factory=list)
    boxes: list[str] = attrs.field(factory=list)
    places: dict[str, tuple[float, float]] = attrs.field(factory=dict)
    bands: dict[str, tuple[float, float]] = attrs.field(factory=dict)
    y: float = MARGIN

    def band(self, title: str, root: str, uses: Uses) -> None:
        own = within(root, uses)
        rows = rows_of(own)
        height = 34 + len(rows) * ROW - (ROW - BOX) + 14
        self.parts.append(
            f'<rect class="band" x="{LEFT}" y="{self.y:g}" width="{WIDTH - LEFT - MARGIN}" '
            f'height="{height:g}" rx="8"/>'
            f'<text class="title" x="{LEFT + 12}" y="{self.y + 20:g}">{escape(title)}</text>'
        )
        self.bands[root] = (self.y, height)
        for number, row in enumerate(rows):
            self._row(row, root, self.y + 34 + number * ROW)
        for package, used in without_shortcuts(own).items():
            for each in sorted(used):
                self._arrow(package, each)
        self.y += height + 22

    def _row(self, row: list[str], root: str, y: float) -> None:
        step = (WIDTH - LEFT - MARGIN - 24) / len(row)
        for column, package in enumerate(row):
            name = package.removeprefix(f"{root}.")
            width = min(step - 10, max(70.0, 8.0 * len(name) + 18))
            x = LEFT + 12 + column * step + (step - width) / 2
            self.places[package] = (x + width / 2, y)
            self.boxes.append(
                f'<rect class="box" x="{x:.1f}" y="{y:g}" width="{width:.1f}" '
                f'height="{BOX}" rx="5"/>'
                f'<text class="name" x="{x + width / 2:.1f}" y="{y + 20:g}">{escape(name)}</text>'
            )

    def _arrow(self, package: str, used: str) -> None:
        (x1, y1), (x2, y2) = self.places[package], self.places[used]
        middle = (y1 + BOX + y2) / 2
        self.arrows.append(
            f'<path class="arrow" marker-end="url(#head)" d="M{x1:.1f} {y1 + BOX:g} '
            f'C{x1:.1f} {middle:g} {x2:.1f} {middle:g} {x2:.1f} {y2 - 1:g}"/>'
        )

    def arrows_between_bands(self, uses: Uses) -> None:
        """An arrow from each band to each other that it imports, along the left side.

        Raises ValueError where a band imports one above it.
        """
        pairs = {(band_of(a), band_of(b)) for a, used in uses.items() for b in used}
        order = list(BANDS.values())
        between = sorted((order.index(a), order.index(b)) for a, b in pairs if a != b)
        for lane, (a, b) in enumerate(between):
            if b < a:
                raise ValueError(f"{order[a]} imports {order[b]}, which is above it")
            (top, height), (below, _) = self.bands[order[a]], self.bands[order[b]]
            x, start, end = LEFT - 12 - 12 * lane, top + height - 8 - 5 * b, below + 12 + 6 * a
            self.arrows.append(
                f'<path class="arrow" marker-end="url(#head)" '
                f'd="M{LEFT} {start:g} H{x} V{end:g} H{LEFT - 1}"/>'
            )

    def svg(self) -> str:
        style = (
            "svg{background:#fff;font-family:system-ui,sans-serif;font-size:13px}"
            ".band{fill:#f4f6fa;stroke:#c5cede}.title{font-weight:600;fill:#2b3a55}"
            ".box{fill:#fff;stroke:#5b6f95}.name{text-anchor:middle;fill:#14213d}"
            ".arrow{fill:none;stroke:#8896b3;stroke-width:1.1}.tip{fill:#8896b3}"
        )
        head = (
            '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker>'
        )
        body = "\n".join([*self.parts, *self.arrows, *self.boxes])
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.y:g}" '
            f'role="img">\n'
            f"<title>The packages of Coursetill and who imports whom</title>\n"
            f"<style>{style}</style><defs>{head}</defs>\n{body}\n</svg>\n"
        )


def picture(uses: Uses) -> str:
    """The picture of these imports. Raises CycleError where packages import in a circle."""
    drawn = Picture()
    for title, root in BANDS.items():
        drawn.band(title, root, uses)
    drawn.arrows_between_bands(uses)
    return drawn.svg()


def product_imports() -> list[tuple[str, str]]:
    """Every import between two modules of the product."""
    graph = grimp.build_graph("core", "adapters", "entrypoints", cache_dir=None)
    return [
        (module, used)
        for module in sorted(graph.modules)
        for used in sorted(graph.find_modules_directly_imported_by(module))
    ]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(uses_of(product_imports())), encoding="utf-8")
