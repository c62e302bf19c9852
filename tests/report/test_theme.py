from parksim.report import theme

LOOK = {
    "pv": "#E3B505",
    "wind": "#5FA8D3",
    "hydro": "#1F6FB2",
    "direct": "#0B4F8A",
    "storage": "#4C9F70",
    "import": "#7A7A7A",
    "export": "#B8B8B8",
    "demand": "#222222",
    "unserved": "#C8102E",
    "heat": "#D1603D",
    "hydrogen": "#7B5EA7",
    "cold": "#69B7B2",
    "biomass": "#8A9A5B",
}


def test_colours_are_those_agreed_on():
    assert {name: theme.COLOURS[name] for name in LOOK} == LOOK


def test_kinds_and_roles_find_their_colour():
    found = theme.styles(
        [
            ("renewable", "pv", "electricity"),
            ("renewable", "reservoir", "electricity"),
            ("direct", "direct_supply", "electricity"),
            ("discharge", "battery", "electricity"),
            ("charge", "battery", "electricity"),
            ("renewable", "unheard_of", "heat"),
        ]
    )
    # charging at 45 %: 0x4C + (0xFF - 0x4C) * 0.55 = 174 = 0xAE
    assert [style.colour for style in found] == ["#E3B505", "#1F6FB2", "#0B4F8A", "#4C9F70", "#AED4BF", "#D1603D"]


def test_many_of_one_kind_stay_distinguishable():
    found = theme.styles([("renewable", "pv", "electricity")] * 9)
    assert theme.distinct(found)
    assert {style.pattern for style in found[:3]} == {""}
    assert all(style.pattern for style in found[3:])


def test_a_pattern_reaches_bar_and_legend():
    style = theme.hatched(theme.Style("#0B4F8A"))
    assert theme.fill(style, hollow=True)["pattern"]["shape"] == "/"
    assert theme.swatch(style, hollow=True) == {"colour": "#0B4F8A", "sort": "hatch hollow"}
