"""Energy over the horizon as a graph, from sources through nodes, stores and converters to uses and losses.

At every node of the graph what comes in goes out. A store is drawn as charged on one side; what it gives back returns
as a source on the other, so that the graph has no circles whatever the park. A converter stands between the two nodes
it joins; one that would close a circle is drawn as a use here and a source there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from parksim.report import theme
from parksim.report.tables import unused_name
from parksim.report.theme import Style
from parksim.report.view import SMALL, Flow, View
from parksim.report.words import say, term

Sort = Literal["source", "bus", "converter", "store", "use", "lost", "unused"]

_ORDER = ("unserved", "import", "discharge", "convert", "renewable", "direct")
_USES = ("demand", "export", "charge", "convert")


Converters = dict[str, tuple[list[Flow], list[Flow]]]
"""Component to what it draws and what it feeds."""


@dataclass(frozen=True)
class Stop:
    """One node of the graph.

    Parameters
    ----------
    key
        Name inside the graph.
    name
        Name for readers.
    sort
        What it is.
    layer
        Column it stands in, from the left.
    mwh
        What passes through [MWh].
    style
        How it is drawn.
    """

    key: str
    name: str
    sort: Sort
    layer: int
    mwh: float
    style: Style


@dataclass(frozen=True)
class Link:
    """Energy that goes from one node of the graph to another."""

    source: str
    target: str
    mwh: float
    style: Style


@dataclass
class EnergyFlow:
    """The graph: stops in the order of drawing, from above, and links between them."""

    stops: dict[str, Stop] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    def put(self, key: str, name: str, sort: Sort, layer: int, style: Style) -> str:
        """Add a stop, unless it is there."""
        self.stops.setdefault(key, Stop(key, name, sort, layer, 0.0, style))
        return key

    def join(self, source: str, target: str, mwh: float, style: Style) -> None:
        """Let energy go from one stop to another; what is too little to be told is left out."""
        if mwh > SMALL:
            self.links.append(Link(source, target, mwh, style))

    def incoming(self, key: str) -> list[Link]:
        """Links that end at a stop."""
        return [link for link in self.links if link.target == key]

    def outgoing(self, key: str) -> list[Link]:
        """Links that begin at a stop."""
        return [link for link in self.links if link.source == key]

    def settled(self) -> "EnergyFlow":
        """Weigh the stops, and leave out those that nothing passes."""
        found = EnergyFlow(links=self.links)
        for key, stop in self.stops.items():
            mwh = max(sum(link.mwh for link in side) for side in (self.incoming(key), self.outgoing(key)))
            if mwh > 0.0:
                found.stops[key] = replace(stop, mwh=mwh)
        layers = sorted({stop.layer for stop in found.stops.values()})
        found.stops = {key: replace(stop, layer=layers.index(stop.layer)) for key, stop in found.stops.items()}
        return found

    def mwh(self, *sorts: Sort) -> float:
        """Energy of all stops of some sorts together [MWh]."""
        return sum(stop.mwh for stop in self.stops.values() if stop.sort in sorts)


def node_name(node: str, carrier: str) -> str:
    """Name a node: the word for its carrier where it is called so, else its key in words."""
    words = node.replace("_", " ")
    return term(f"carrier.{carrier}", otherwise=carrier) if node == carrier else words[:1].upper() + words[1:]


def _converters(flows: Iterable[Flow]) -> Converters:
    """Find the components that turn what they draw into what they feed."""
    found: Converters = {}
    for flow in flows:
        if flow.role == "convert":
            found.setdefault(flow.component, ([], []))[int(flow.feeds)].append(flow)
    return {name: both for name, both in found.items() if all(both)}


def _ranks(nodes: Iterable[str], converters: Converters) -> tuple[dict[str, int], set[str]]:
    """Rank each node behind those that feed it, and name the converters that would close a circle."""
    rank = dict.fromkeys(nodes, 0)
    after: dict[str, set[str]] = {node: {node} for node in rank}
    split, whole = set(), []
    for name, (draws, feeds) in converters.items():
        pairs = [(draw.node, feed.node) for draw in draws for feed in feeds]
        if any(first in after[second] for first, second in pairs):
            split.add(name)
            continue
        whole += pairs
        for first, second in pairs:
            for reached in after.values():
                if first in reached:
                    reached |= after[second]
    for _ in rank:
        for first, second in whole:
            rank[second] = max(rank[second], rank[first] + 1)
    return rank, split


def energy_flow(view: View) -> EnergyFlow:
    """Make the graph of a run, over all carriers.

    Parameters
    ----------
    view
        The run.
    """
    flows = [flow for flow in view.joined if view.moves(flow)]
    sums = {flow.row: float(view.power[flow.row].sum()) * view.step_h for flow in flows}
    converters = _converters(flows)
    rank, split = _ranks(dict.fromkeys(flow.node for flow in flows), converters)
    inline = {name: both for name, both in converters.items() if name not in split}
    last = 2 * max(rank.values(), default=0) + 3
    graph = EnergyFlow()
    inner = [flow for flow in flows if flow.component not in inline]
    for flow in _by(_ORDER, [flow for flow in inner if flow.feeds]):
        graph.put(flow.label, flow.name, "source", 0, flow.style)
    for node in rank:
        carrier = next(flow.carrier for flow in flows if flow.node == node)
        colour = theme.COLOURS.get(carrier, theme.INK)
        graph.put(node, node_name(node, carrier), "bus", 1 + 2 * rank[node], Style(colour))
    for flow in inner:
        if flow.feeds:
            graph.join(flow.label, flow.node, sums[flow.row], flow.style)
    for name, both in inline.items():
        _convert(graph, view, name, both, sums, layer=2 + 2 * max(rank[flow.node] for flow in both[0]), last=last)
    for flow in _by(_USES, [flow for flow in inner if not flow.feeds]):
        if flow.role == "charge":
            _store(graph, view, flow, sums[flow.row], layer=2 + 2 * rank[flow.node], last=last)
        else:
            graph.put(flow.label, flow.name, "use", last, flow.style)
            graph.join(flow.node, flow.label, sums[flow.row], flow.style)
    _unused(graph, view, last)
    return graph.settled()


def _by(order: tuple[str, ...], flows: list[Flow]) -> list[Flow]:
    return sorted(flows, key=lambda flow: order.index(flow.role) if flow.role in order else len(order))


def _convert(
    graph: EnergyFlow,
    view: View,
    name: str,
    both: tuple[list[Flow], list[Flow]],
    sums: dict[int, float],
    *,
    layer: int,
    last: int,
) -> None:
    """Put a converter between its nodes; what it loses goes out, what it takes from around comes in."""
    key = graph.put(name, view.name(name), "converter", layer, both[0][0].style)
    for flow in both[0]:
        graph.join(flow.node, key, sums[flow.row], flow.style)
    for flow in both[1]:
        graph.join(key, flow.node, sums[flow.row], flow.style)
    gap = sum(sums[flow.row] for flow in both[0]) - sum(sums[flow.row] for flow in both[1])
    muted = Style(theme.MUTED, "/")
    if gap > SMALL:
        graph.put(f"{name} lost", say("flow.lost", name=view.name(name)), "lost", last, muted)
        graph.join(key, f"{name} lost", gap, muted)
    elif gap < -SMALL:
        graph.put(f"{name} around", say("flow.around", name=view.name(name)), "source", 0, muted)
        graph.join(f"{name} around", key, -gap, muted)


def _store(graph: EnergyFlow, view: View, charge: Flow, charged: float, *, layer: int, last: int) -> None:
    """Split what a store was charged with: given back, lost, kept; what it held beforehand comes in."""
    name, told = view.name(charge.component), view.summary["storage"][charge.component]
    given, lost = float(told["discharge_mwh"]), max(float(told["loss_mwh"]), 0.0)
    more = charged - given - lost
    key = graph.put(f"{charge.component} store", name, "store", layer, charge.style)
    graph.join(charge.node, key, charged, charge.style)
    known = theme.base_colour(role="discharge", kind=charge.kind)
    parts: tuple[tuple[str, float, Sort, Style], ...] = (
        ("returned", given, "use", Style(known)),
        ("lost", lost, "lost", Style(theme.MUTED, "/")),
        ("kept", more, "use", charge.style),
    )
    for word, mwh, sort, style in parts:
        end = graph.put(f"{key} {word}", say(f"flow.{word}", name=name), sort, last, style)
        graph.join(key, end, mwh, style)
    begin = graph.put(f"{key} before", say("flow.before", name=name), "source", 0, charge.style)
    graph.join(begin, key, -more, charge.style)


def _unused(graph: EnergyFlow, view: View, last: int) -> None:
    """Lead what was there and not used from its source past all nodes."""
    for flow in view.joined:
        power = view.unused(flow)
        if power is None:
            continue
        style = theme.hatched(flow.style)
        graph.put(flow.label, flow.name, "source", 0, flow.style)
        end = graph.put(f"{flow.label} unused", unused_name(flow), "unused", last, style)
        graph.join(flow.label, end, float(power.sum()) * view.step_h, style)
