"""The energy flow as a Sankey diagram: plain SVG, laid out here, once for wide and once for narrow pages."""

from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.energy_flow import EnergyFlow, Link, Stop, energy_flow
from parksim.report.figures import Figure
from parksim.report.lines import shortened, width, wrapped
from parksim.report.svg import hatch, text_lines
from parksim.report.tables import energy_format, share_text
from parksim.report.view import SMALL, View
from parksim.report.words import say

SWEEPS = 8
"""Times that stops are moved towards what they are joined to."""

THIN = 1.5
"""Least thickness of what is drawn [px]."""

LIGHT, DARK = 0.42, 0.24
"""How strong ribbons are drawn, and those in ink."""

LETTER = 0.58
"""Width of a letter over the size of its font."""


@dataclass(frozen=True)
class Paper:
    """What a diagram is drawn on.

    Parameters
    ----------
    name
        Class of the image, and begin of the names inside it.
    width, margin
        Of the image, and of the labels beside it; without a margin labels stand above their stops [px].
    flows
        Height of all energy together [px].
    label
        Width of a label [px].
    bar, bus
        Width of a stop and of a node [px].
    font
        Size of letters [px].
    gap
        Between stops [px].
    first
        Where the first node stands, from sources to uses [1].
    bend
        How far sources lead straight on before they bend, so that labels stay clear [1].
    """

    name: str
    width: float
    margin: float
    flows: float
    label: float
    bar: float
    bus: float
    font: float
    gap: float
    first: float
    bend: float


WIDE = Paper("wide", width=1024, margin=205, flows=300, label=190, bar=9, bus=24, font=13, gap=12, first=0.31, bend=0.5)
NARROW = Paper(
    "narrow", width=358, margin=0, flows=250, label=150, bar=7, bus=20, font=12, gap=9, first=0.47, bend=0.72
)


@dataclass
class _Place:
    """Where a stop, or a link on its way past a layer, is drawn."""

    key: str
    layer: int
    high: float
    above: float
    slot: float
    lines: list[str]
    y: float = 0.0

    @property
    def top(self) -> float:
        """Upper end of what is drawn [px]."""
        return self.y + self.above

    @property
    def middle(self) -> float:
        """Middle of what is drawn [px]."""
        return self.top + self.high / 2


class _Layout:
    """Places of all stops and ways of all links on a paper."""

    def __init__(self, graph: EnergyFlow, paper: Paper, told: dict[str, list[str]]) -> None:
        self.graph, self.paper, self.told = graph, paper, told
        self.last = max(stop.layer for stop in graph.stops.values())
        self.layers: list[list[_Place]] = [[] for _ in range(self.last + 1)]
        self.ways: list[list[_Place]] = []
        weights = [0.0] * (self.last + 1)
        for stop in graph.stops.values():
            weights[stop.layer] += stop.mwh
        for link in graph.links:
            for layer in range(graph.stops[link.source].layer + 1, graph.stops[link.target].layer):
                weights[layer] += link.mwh
        self.px = paper.flows / max(weights)
        places = {key: self._place(stop) for key, stop in graph.stops.items()}
        for link in graph.links:
            first, second = places[link.source], places[link.target]
            passed = [self._passing(link, layer) for layer in range(first.layer + 1, second.layer)]
            self.ways.append([first, *passed, second])
        self._sort()
        self.high = max(self._total(layer) for layer in self.layers)
        self._settle()

    def _place(self, stop: Stop) -> _Place:
        paper, high = self.paper, max(stop.mwh * self.px, THIN)
        beside = paper.margin > 0 and stop.layer in {0, self.last}
        tall = len(self.told[stop.key]) * paper.font * 1.3
        bare = stop.sort == "bus" or (paper.margin == 0 and 0 < stop.layer < self.last)
        if bare:
            tall = 0.0
        above = max((tall - high) / 2, 0.0) if beside else tall
        slot = max(tall, high) if beside else tall + high
        place = _Place(stop.key, stop.layer, high, above, slot, [] if bare else self.told[stop.key])
        self.layers[stop.layer].append(place)
        return place

    def _passing(self, link: Link, layer: int) -> _Place:
        high = max(link.mwh * self.px, THIN)
        place = _Place("", layer, high, 0.0, high, [])
        self.layers[layer].append(place)
        return place

    def _sort(self) -> None:
        """Order each layer so that ways cross little: what stays unused lies below all else."""
        unused = {id(p) for link, way in self._ways() if self._stays_unused(link) for p in way[1:]}
        sources = {link.source for link in self.graph.links if self._stays_unused(link)}
        reach = {link.source: self.graph.stops[link.target].layer for link in reversed(self.graph.links)}
        self.layers[0].sort(key=lambda p: (p.key in sources, reach[p.key]))
        rank = {id(place): float(at) for at, place in enumerate(self.layers[-1])}
        for layer in reversed(self.layers[1:-1]):
            for place in layer:
                ahead = [(way[at + 1], link.mwh) for link, way in self._ways() for at in _at(way[:-1], place)]
                whole = sum(mwh for _, mwh in ahead)
                rank[id(place)] = sum(rank[id(p)] * mwh for p, mwh in ahead) / whole if whole else 0.0
            layer.sort(key=lambda p: (id(p) in unused, rank[id(p)]))

    def _stays_unused(self, link: Link) -> bool:
        return self.graph.stops[link.target].sort == "unused"

    def _ways(self) -> list[tuple[Link, list[_Place]]]:
        return list(zip(self.graph.links, self.ways, strict=True))

    def _total(self, layer: list[_Place]) -> float:
        return sum(place.slot for place in layer) + self.paper.gap * max(len(layer) - 1, 0)

    def _settle(self) -> None:
        """Move stops towards what they are joined to, keeping their order."""
        for layer in self.layers:
            y = (self.high - self._total(layer)) / 2
            for place in layer:
                place.y, y = y, y + place.slot + self.paper.gap
        for sweep in range(SWEEPS):
            for layer in self.layers[1:] if sweep % 2 == 0 else self.layers[-2::-1]:
                for place in layer:
                    side = -1 if sweep % 2 == 0 else 1
                    near = [
                        (way[at + side].middle, link.mwh)
                        for link, way in self._ways()
                        for at in _at(way, place)
                        if 0 <= at + side < len(way)
                    ]
                    if near:
                        place.y += sum(y * mwh for y, mwh in near) / sum(mwh for _, mwh in near) - place.middle
                self._apart(layer)

    def _apart(self, layer: list[_Place]) -> None:
        least = 0.0
        for place in layer:
            place.y = max(place.y, least)
            least = place.y + place.slot + self.paper.gap
        most = self.high
        for place in reversed(layer):
            place.y = min(place.y, most - place.slot)
            most = place.y - self.paper.gap

    def x(self, layer: int) -> tuple[float, float]:
        """Left and right end of a layer [px]."""
        paper = self.paper
        bus = any(self.graph.stops[p.key].sort == "bus" for p in self.layers[layer] if p.key)
        wide = paper.bus if bus else paper.bar
        room = paper.width - 2 * paper.margin - paper.bar
        part = 0.0 if layer == 0 else paper.first + (1.0 - paper.first) * (layer - 1) / max(self.last - 1, 1)
        middle = paper.margin + paper.bar / 2 + room * part
        return middle - wide / 2, middle + wide / 2

    def ribbons(self) -> list[tuple[Link, str]]:
        """Outline of each link, as a path."""
        steps = [(index, at) for index, way in enumerate(self.ways) for at in range(len(way) - 1)]
        leaves, enters = self._heights(steps, 0), self._heights(steps, 1)
        found = []
        for index, (link, way) in enumerate(self._ways()):
            points = []
            for at in range(len(way) - 1):
                points.append((self.x(way[at].layer)[1], leaves[index, at]))
                points.append((self.x(way[at + 1].layer)[0], enters[index, at]))
            bends = [self.paper.bend if place.layer == 0 else 1.0 - self.paper.bend for place in way[:-1]]
            found.append((link, _band(points, bends, max(link.mwh * self.px, THIN))))
        return found

    def _heights(self, steps: list[tuple[int, int]], end: int) -> dict[tuple[int, int], float]:
        """Upper edge of each step of each way where it leaves (0) or enters (1), in the order of its other end [px]."""
        taken: dict[int, float] = {}
        found = {}
        for index, at in sorted(steps, key=lambda step: self.ways[step[0]][step[1] + 1 - end].middle):
            place = self.ways[index][at + end]
            down = taken.get(id(place), 0.0)
            taken[id(place)] = down + self.graph.links[index].mwh * self.px
            found[index, at] = place.top + down
        return found


def _at(way: list[_Place], place: _Place) -> list[int]:
    return [at for at, passed in enumerate(way) if passed is place]


def _band(points: list[tuple[float, float]], bends: list[float], thick: float) -> str:
    """Outline of a band through points: curves between layers, straight on where it passes one."""
    ways = [bend for bend in bends for _ in range(2)][:-1]

    def along(ends: list[tuple[float, float]], parts: list[float]) -> str:
        curves = []
        for (x0, y0), (x1, y1), part in zip(ends[:-1], ends[1:], parts, strict=True):
            turn = x0 + (x1 - x0) * part
            curves.append(f"C{turn:.1f} {y0:.1f} {turn:.1f} {y1:.1f} {x1:.1f} {y1:.1f}")
        return "".join(curves)

    low = [(x, y + thick) for x, y in reversed(points)]
    (x0, y0), (x1, y1) = points[0], low[0]
    back = [1.0 - part for part in reversed(ways)]
    return f"M{x0:.1f} {y0:.1f}{along(points, ways)}L{x1:.1f} {y1:.1f}{along(low, back)}Z"


def _draw(graph: EnergyFlow, paper: Paper, told: dict[str, list[str]], hover: dict[str, str]) -> str:
    """Draw the graph on a paper, as an ``svg`` element."""
    layout = _Layout(graph, paper, told)
    fills: dict[theme.Style, str] = {}
    ribbons, bars, labels = [], [], []
    for link, path in layout.ribbons():
        look = f'fill="{link.style.colour}" fill-opacity="{DARK if link.style.colour == theme.INK else LIGHT}"'
        if graph.stops[link.target].sort in {"unused", "lost"}:
            name = fills.setdefault(link.style, f"{paper.name}-hatch-{len(fills)}")
            look = f'fill="url(#{name})"'
        ends = f"{graph.stops[link.source].name} → {graph.stops[link.target].name}"
        said = say("chart.point", name=ends, value=hover[_key(link)])
        data = f'data-from="{escape(link.source)}" data-to="{escape(link.target)}" data-mwh="{link.mwh!r}"'
        ribbons.append(f'<path d="{path}" {look} {data}><title>{escape(said)}</title></path>')
    patterns = [hatch(name, style.colour) for style, name in fills.items()]
    for layer in layout.layers:
        for place in layer:
            if place.key:
                bars.append(_bar(layout, place, hover))
                labels.append(_label(layout, place))
    body = "\n".join((f"<defs>{''.join(patterns)}</defs>", *ribbons, *bars, *labels))
    high = layout.high + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sankey {paper.name}" viewBox="0 0 {paper.width} {high:.0f}" '
        f'aria-hidden="true" font-size="{paper.font}">\n{body}\n</svg>'
    )


def _key(link: Link) -> str:
    return f"{link.source} > {link.target}"


def _bar(layout: _Layout, place: _Place, hover: dict[str, str]) -> str:
    stop = layout.graph.stops[place.key]
    left, right = layout.x(place.layer)
    said = say("chart.point", name=stop.name, value=hover[place.key])
    return (
        f'<rect x="{left:.1f}" y="{place.top:.1f}" width="{right - left:.1f}" height="{place.high:.1f}" '
        f'fill="{stop.style.colour}" data-stop="{escape(place.key)}" data-mwh="{stop.mwh!r}">'
        f"<title>{escape(said)}</title></rect>"
    )


def _label(layout: _Layout, place: _Place) -> str:
    paper, stop = layout.paper, layout.graph.stops[place.key]
    left, right = layout.x(place.layer)
    if stop.sort == "bus":
        name, value = " ".join(layout.told[place.key][:-1]), layout.told[place.key][-1]
        middle, size = (left + right) / 2, paper.font
        fits = (width(f"{name}  {value}") * LETTER * size) < place.high
        if fits:
            turned = f'transform="translate({middle + size * 0.36:.1f} {place.middle:.1f}) rotate(-90)"'
            return f'<text {turned} text-anchor="middle" fill="{theme.PAPER}">{escape(f"{name}  {value}")}</text>'
        return text_lines(middle, place.top - 5, [name, value], size=size, anchor="middle", upwards=True)
    if not place.lines:
        return ""
    if paper.margin and place.layer == 0:
        return text_lines(left - 8, place.middle, place.lines, size=paper.font, anchor="end")
    if paper.margin and place.layer == layout.last:
        return text_lines(right + 8, place.middle, place.lines, size=paper.font)
    if place.layer == layout.last:
        return text_lines(right, place.top - 5, place.lines, size=paper.font, anchor="end", upwards=True)
    return text_lines(left, place.top - 5, place.lines, size=paper.font, upwards=True)


def _told(view: View, graph: EnergyFlow, paper: Paper) -> dict[str, list[str]]:
    """Lines of each label, the last with the energy and its share of supply."""
    scale, unit, decimals = energy_format(view)
    whole = supply_mwh(view)
    found = {}
    for key, stop in graph.stops.items():
        mwh = _passing_nodes(graph, stop)
        value = f.united(f.fixed(mwh / scale, decimals), unit)
        if stop.sort != "bus":
            value += f" · {share_text(mwh, whole)}"
        found[key] = [*_short_lines(stop.name, int(paper.label / paper.font / LETTER)), value]
    return found


def _passing_nodes(graph: EnergyFlow, stop: Stop) -> float:
    """Energy of a stop as the energy table has it: what a source fed, what a store was charged with [MWh]."""
    if stop.sort == "source":
        return stop.mwh - sum(x.mwh for x in graph.outgoing(stop.key) if graph.stops[x.target].sort == "unused")
    if stop.sort == "store":
        return sum(x.mwh for x in graph.incoming(stop.key) if graph.stops[x.source].sort == "bus")
    return stop.mwh


def _short_lines(name: str, columns: int) -> list[str]:
    """Break a name into at most two lines."""
    first, *rest = wrapped(name, columns=columns)
    return [shortened(line, columns) for line in ([first, name[len(first) :].strip()] if rest else [first])]


def supply_mwh(view: View) -> float:
    """Energy that fed the nodes of electricity: what shares are of [MWh]."""
    return sum(float(view.power[flow.row].sum()) for flow in view.flows if flow.feeds) * view.step_h


def flow_title(view: View, graph: EnergyFlow) -> str:
    """Say what reaches demand, what is lost and what stays unused."""
    demand = f.energy(view.served_mwh)
    lost, unused = graph.mwh("lost"), graph.mwh("unused")
    least = SMALL * max(view.load_mwh, 1.0)
    key = "flow.title" + (".lost" if lost > least else "") + (".unused" if unused > least else "")
    return say(key, demand=demand, lost=f.energy(lost), unused=f.energy(unused))


def flow_figure(view: View) -> Figure | None:
    """Draw where the energy comes from and where it goes; nothing where nothing moves."""
    graph = energy_flow(view)
    if not graph.links:
        return None
    full = {key: f.united(f.fixed(stop.mwh, 3), "MWh") for key, stop in graph.stops.items()}
    full |= {_key(link): f.united(f.fixed(link.mwh, 3), "MWh") for link in graph.links}
    drawn = [_draw(graph, paper, _told(view, graph, paper), full) for paper in (WIDE, NARROW)]
    title = flow_title(view, graph)
    names = {key: stop.name for key, stop in graph.stops.items()}
    lines = [
        say("flow.alt.line", source=names[link.source], target=names[link.target], energy=f.energy(link.mwh))
        for link in graph.links
    ]
    rows = [[names[link.source], names[link.target], link.mwh] for link in graph.links]
    spec = {"table": {"head": [say("flow.col.from"), say("flow.col.to"), say("flow.col.energy")], "rows": rows}}
    return Figure(
        "flow",
        title,
        say("flow.alt", title=title, lines=f.points(lines)),
        spec,
        caption=say("flow.caption"),
        markup=Markup("\n".join(drawn)),
    )
