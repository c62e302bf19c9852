"""An engineer's slips, one by one: each is told once, with file, field, value and what to do, and exit code 2 or 3."""

import re
import tomllib
from copy import deepcopy
from datetime import date

import pandas as pd
import pytest
import tomli_w

from parksim import cli

TOML = """
[park]
name = "small"

[site]
latitude_deg = 28.8
longitude_deg = 104.6
[site.sources]
default = "a map"

[time]
year = 2025
first_day = "07-14"
days = 1

[seasons]
wet = [6, 7, 8, 9, 10]
flat = [5, 11]
dry = [12, 1, 2, 3, 4]

[components.load]
kind = "demand"
power_mw = 8.0
[components.load.sources]
default = "the meter of 2024"

[components.roof]
kind = "pv"
power_max_mw = 4.0
available = 0.5
[components.roof.sources]
default = "assumption: half of the roofs"

[components.battery]
kind = "battery"
power_max_mw = 3.0
energy_max_mwh = 6.0
eff_in = 0.94
eff_out = 0.94
[components.battery.sources]
default = "an offer of 2025"

[components.hydro]
kind = "direct_supply"
delivery = "line"
technology = "hydro"
plant = "existing"
certificate = "none"
power_max_mw = 3.0
available = 0.6
price_cny_per_mwh = { wet = 160.0, flat = 240.0, dry = 320.0 }
[components.hydro.sources]
default = "the contract of 2025"

[components.grid]
kind = "grid"
tariff = "bill"
import_max_mw = 12.0
[components.grid.sources]
default = "the contract of 2020"

[tariffs.bill]
energy_cny_per_mwh = { wet = 200.0, flat = 300.0, dry = 400.0 }
demand_cny_per_mw_month = 36000.0
[tariffs.bill.sources]
default = "the bill of June 2025"

[yardsticks.sichuan]
title = "Sichuan"
factor_t_per_mwh = 0.1564
year = 2023
source = "Announcement 2025 No. 47"

[claims.green]
title = "20 GWh of green electricity"
figure = "green_supply_mwh"
value = 20000.0
source = "the park's brochure"
"""
PARK = tomllib.loads(TOML)
GONE = object()
"""Value of a field that is taken out."""

JARGON = re.compile(
    r"[Ii]nput should|valid (dict|list|string|number|integer)|instance of|Traceback|pydantic|valid(ation|ator)|union"
    r"|type expected|<class|\bdict\b|\bNone\b|Value error|\bTrue\b|\bFalse\b|ndarray|object at 0x|\\x\d"
)


def changed(*changes):
    """Give the small park with fields changed: pairs of dotted path and value."""
    table = deepcopy(PARK)
    for path, value in changes:
        *inner, last = path.split("/")
        here = table
        for name in inner:
            here = here.setdefault(name, {})
        if value is GONE:
            del here[last]
        else:
            here[last] = value
    return table


def run(folder, capsys, table, command="check", code=2):
    """Run a command on a park file that must be refused; give what it says, without the file's name."""
    file = folder / "park.toml"
    text = table if isinstance(table, str | bytes) else tomli_w.dumps(table)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SystemExit) as left:
        cli.main([command, str(file)])
    said = capsys.readouterr()
    assert left.value.code == code, said.err
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines
    assert not JARGON.search(said.err), said.err
    assert len(lines) == len(set(lines)), said.err
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(("park", "."))) == ["park.toml"]
    if code == 2:
        for line in lines:
            assert line.startswith(f"{file}: "), line
            assert len(line) < 700, line
    return [line.removeprefix(f"{file}: ") for line in lines]


def test_the_park_these_tests_break_is_sound(tmp_path, capsys):
    (tmp_path / "park.toml").write_text(TOML, encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        cli.main(["check", str(tmp_path / "park.toml")])
    assert left.value.code == 0
    assert "is a valid park" in capsys.readouterr().out


NO_TOML = "Write lines as key = value, text in quotes, and tables as [name]."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty; a park has [park], [site], [time] and [components.NAME]. `parksim new` writes one."),
        (
            "# nothing yet\n",
            "is empty; a park has [park], [site], [time] and [components.NAME]. `parksim new` writes one.",
        ),
        (
            "the park of Yibin",
            "line 1: is not valid TOML: Expected '=' after a key in a key/value pair, in 'the park of Yibin'. "
            + NO_TOML,
        ),
        (
            TOML.replace('kind = "pv"', "kind = pv"),
            "line 28: is not valid TOML: Invalid value, in 'kind = pv'. " + NO_TOML,
        ),
        (
            TOML + "[components.grid]\nkind = 'grid'\n",
            f"line {TOML.count(chr(10)) + 1}: is not valid TOML: the table [components.grid] stands twice, in "
            "'[components.grid]'. Join the two, or rename one.",
        ),
        (
            TOML.replace("eff_in = 0.94", "eff_in = 0.94\neff_in = 0.9"),
            "line 39: is not valid TOML: a key stands twice in one table, in 'eff_in = 0.9'. Remove one of the two.",
        ),
        (
            TOML.replace("available = 0.5", r'available = { file = "data\meter.csv" }'),
            None,
        ),
        (TOML.replace("[park]", "[park"), None),
        ('name = "', None),
        ("﻿[park]\n".encode("utf-16"), "is not UTF-8 text (byte 1). Save it as UTF-8."),
        (TOML.replace("small", "宜宾").encode("gb18030"), "is not UTF-8 text (byte 17). Save it as UTF-8."),
        (b"\x00\x01", None),
    ],
)
def test_files_that_are_no_park(content, message, tmp_path, capsys):
    lines = run(tmp_path, capsys, content)
    assert len(lines) == 1
    if message is not None:
        assert lines == [message]
    else:
        assert "is not valid TOML: " in lines[0]


def test_paths_of_windows_are_told_to_use_slashes(tmp_path, capsys):
    text = TOML.replace("available = 0.5", r'available = { file = "data\meter.csv" }')
    assert run(tmp_path, capsys, text)[0].endswith('Write paths with /, such as "data/meter.csv".')


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path, capsys):
    (tmp_path / "park.toml").write_bytes(b"\xef\xbb\xbf" + TOML.replace("\n", "\r\n").encode())
    with pytest.raises(SystemExit) as left:
        cli.main(["check", str(tmp_path / "park.toml"), "--quiet"])
    assert left.value.code == 0
    assert capsys.readouterr() == ("", "")


KINDS = "pv, wind, run_of_river, reservoir, battery, grid, direct_supply, demand, shortfall"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("park", GONE, "park: is missing. Name and purpose. Add a table [park]."),
        ("site", GONE, "site: is missing. Where the park stands. Add a table [site]."),
        ("time", GONE, "time: is missing. Clock, year and step. Add a table [time]."),
        ("components", GONE, "components: is missing. Components by name. Add tables [components.NAME]."),
        ("components", {}, "components: is empty. Add tables [components.NAME], each with a `kind`."),
        ("site", 3, "site: got 3, must be a table. Where the park stands."),
        ("nodes", "electricity", "nodes: got 'electricity', must be a table. Node to carrier."),
        ("componets", {}, "componets: unknown key. Did you mean 'components'?"),
        (
            "file",
            "park.toml",
            "file: unknown key. Known keys: base, remove, park, site, time, nodes, seasons, weather, tariffs, "
            "yardsticks, claims, other_energy, verdict, sizing, limits, components.",
        ),
        ("park/name", GONE, "park.name: is missing. Short name, used for folders and titles."),
        ("park/name", "", "park.name: is empty. Short name, used for folders and titles."),
        ("components/roof", 3, "components.roof: got 3, must be a table."),
        (
            "components/roof",
            [{"kind": "pv"}],
            "components.roof: got a list of 1, must be a table. Write [components.roof], in single brackets.",
        ),
        (
            "claims",
            [{"title": "much"}],
            "claims: got a list of 1, must be a table. Write [claims.NAME], in single brackets.",
        ),
        ("components/roof/kind", GONE, f"components.roof.kind: is missing. Say what the component is: {KINDS}."),
        (
            "components/roof/kind",
            "PVs",
            f"components.roof.kind: got 'PVs', must be one of {KINDS}. Did you mean 'pv'?",
        ),
        ("components/roof/kind", 3, f"components.roof.kind: got 3, must be one of {KINDS}."),
        (
            "components/roof/kind",
            "nuclear",
            f"components.roof.kind: got 'nuclear', must be one of {KINDS}.",
        ),
        (
            "components/battery/name",
            "lithium",
            "components.battery.name: unknown key. A component's name is that of its table, here 'battery'.",
        ),
        (
            "components/Roof.East",
            {"kind": "shortfall", "price_cny_per_mwh": 5e4, "sources": {"default": "a guess of the board"}},
            "components: got the name 'Roof.East', must have small letters, digits and underscores and start with a "
            "letter, such as 'roof_east'. Its `title` may have any letters.",
        ),
        (
            "components/屋顶",
            {"kind": "shortfall", "price_cny_per_mwh": 5e4, "sources": {"default": "a guess of the board"}},
            "components: got the name '屋顶', must have small letters, digits and underscores and start with a letter. "
            "Its `title` may have any letters.",
        ),
        (
            "tariffs/Flat",
            {"energy_cny_per_mwh": 400.0, "sources": {"default": "a bill"}},
            "tariffs: got the name 'Flat', must have small letters, digits and underscores and start with a letter, "
            "such as 'flat'. Its `title` may have any letters.",
        ),
    ],
)
def test_tables_and_names(path, value, message, tmp_path, capsys):
    assert run(tmp_path, capsys, changed((path, value))) == [message]


def test_a_name_that_is_wrong_is_told_beside_other_problems(tmp_path, capsys):
    table = changed(("components/Store", deepcopy(PARK["components"]["battery"])), ("site/latitude_deg", 128.8))
    lines = run(tmp_path, capsys, table)
    assert [line.split(":")[0] for line in lines] == ["components", "site.latitude_deg"]


BATTERY_KEYS = (
    "title, title_zh, sources, size, kind, electricity, power_max_mw, energy_max_mwh, eff_in, eff_out, loss_per_h, "
    "level_min_fraction, level_max_fraction, auxiliary_fraction, wear_cny_per_mwh, energy_start_fraction, "
    "energy_end_fraction."
)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("battery/power_max_mw", "3 MW", "got '3 MW', must be a number. Write 3, without quotes; its unit is MW."),
        (
            "battery/power_max_mw",
            "3000 kW",
            "got '3000 kW', must be a number. Write 3, without quotes; its unit is MW.",
        ),
        ("battery/power_max_mw", "3", "got '3', must be a number. Write 3, without quotes; its unit is MW."),
        ("battery/power_max_mw", "a lot", "got 'a lot', must be a number. Write a bare number; its unit is MW."),
        ("battery/power_max_mw", "3 MWh", "got '3 MWh', must be a number. Write a bare number; its unit is MW."),
        ("battery/eff_in", "94 %", "got '94 %', must be a number. Write 0.94, without quotes."),
        ("battery/power_max_mw", True, "got true, must be a number."),
        ("battery/power_max_mw", date(2025, 1, 1), "got the date or time 2025-01-01, must be a number."),
        ("battery/power_max_mw", [3.0, 4.0], "got [3.0, 4.0], must be a number."),
        ("battery/power_max_mw", [3.0] * 8760, "got a list of 8760, must be a number."),
        ("battery/power_max_mw", {"wet": 3.0}, "got a table, must be a number."),
        ("battery/power_max_mw", -3.0, "got -3.0, must be at least 0 MW."),
        ("battery/power_max_mw", float("nan"), "got nan, must be a finite number."),
        ("battery/power_max_mw", float("inf"), "got inf, must be a finite number."),
        ("battery/eff_in", 95, "got 95, must lie in (0, 1]. Write a fraction, e.g. 0.95."),
        ("battery/eff_in", 1.2, "got 1.2, must lie in (0, 1]."),
        ("battery/eff_in", 0.0, "got 0.0, must lie in (0, 1]."),
        ("battery/eff_in", GONE, "is missing [1]. Efficiency of charging."),
        ("battery/eff_inn", 0.9, "unknown key. Did you mean 'eff_in'?"),
        ("battery/power", 0.9, "unknown key. Did you mean 'power_max_mw'?"),
        ("battery/wear", 0.9, "unknown key. Did you mean 'wear_cny_per_mwh'?"),
        ("battery/level_max", 0.9, "unknown key. Did you mean 'level_max_fraction'?"),
        ("battery/colour", "red", f"unknown key. Known keys: {BATTERY_KEYS}"),
        ("battery/title", 3, "got 3, must be text in quotes. Name shown in reports; the key where left out."),
        ("hydro/delivery", "cable", "got 'cable', must be one of line, local_network, grid."),
        ("hydro/plant", "exsting", "got 'exsting', must be one of new, existing. Did you mean 'existing'?"),
        ("hydro/power_max_mw", GONE, "is missing [MW]. Contracted power at the plant."),
        ("hydro/take_or_pay_fraction", 80, "got 80, must lie in [0, 1]. Write a fraction, e.g. 0.8."),
        ("hydro/available", 60, "got 60, must lie in [0, 1]. Write a fraction, e.g. 0.6."),
        (
            "hydro/available",
            [0.5] * 22 + [1.2, 1.3],
            "got 1.2 at 2025-07-14T22:00, must lie in [0, 1]; 2 of 24 values lie outside.",
        ),
        ("hydro/available", [-0.1] + [0.5] * 23, "got -0.1 at 2025-07-14T00:00, must lie in [0, 1]."),
        (
            "hydro/available",
            [0.5] * 3,
            "got 3 numbers, must be 24 (one per step of 60 min from 2025-07-14T00:00), or a single number.",
        ),
        ("hydro/available", [0.5, "0.5"], "got '0.5' as number 2 of the list, must be a finite number."),
        ("hydro/price_cny_per_mwh", -5.0, "got -5, must be at least 0 CNY MWh-1."),
        ("hydro/price_cny_per_mwh", [200.0] * 11, "got 11 numbers, must be 12 (January to December)."),
        ("hydro/price_cny_per_mwh", [200.0] * 11 + [-5.0], "got -5 for month 12, must be at least 0 CNY MWh-1."),
        ("hydro/price_cny_per_mwh", [-5.0] * 12, "got -5 for month 1, must be at least 0 CNY MWh-1."),
        (
            "hydro/price_cny_per_mwh",
            "0.2 CNY/kWh",
            "got '0.2 CNY/kWh', must be a number, twelve numbers (January to December), or one per season such as "
            "{ wet = 1.0, dry = 2.0 }. Write 200, without quotes; its unit is CNY MWh-1.",
        ),
        ("hydro/price_cny_per_mwh", float("nan"), "got nan, must be a finite number."),
        (
            "hydro/price_cny_per_mwh",
            {"wet": 160.0, "dry": 320.0},
            "has no value for the months 5, 11. Give one for every season (wet, flat, dry).",
        ),
        ("grid/export_above_import", "yes", None),
        ("grid/export_above_import", 1, None),
        ("grid/tariff", 3, "got 3, must be text in quotes. Name of a table of [tariffs]."),
        ("grid/tariff", "bil", "unknown tariff 'bil'. Did you mean 'bill'? Tariffs: bill."),
        (
            "grid/electricity",
            "electricty",
            "unknown node 'electricty'. Did you mean 'electricity'? Nodes: electricity.",
        ),
        ("grid/demand_floor_fraction", 0.4, "is a share of `transformer_mva`, which is missing; add it."),
    ],
)
def test_fields_of_components(path, value, message, tmp_path, capsys):
    name = f"components.{path.replace('/', '.')}"
    lines = run(tmp_path, capsys, changed((f"components/{path}", value)))
    assert len(lines) == 1
    if message is None:
        message = (
            f"got {'1' if value == 1 else repr(value)}, must be true or false. Says that an export price above the "
            "import price is meant; refused otherwise."
        )
    assert lines == [f"{name}: {message}"]


@pytest.mark.parametrize(
    ("path", "value", "messages"),
    [
        (
            "tariffs/bill/energy_cny_per_mwh",
            {"wet": 200.0, "flatt": 300.0, "dri": 400.0},
            [
                "tariffs.bill.energy_cny_per_mwh.flatt: unknown season. Did you mean 'flat'? Seasons: wet, flat, dry.",
                "tariffs.bill.energy_cny_per_mwh.dri: unknown season. Did you mean 'dry'? Seasons: wet, flat, dry.",
            ],
        ),
        (
            "tariffs/bill/energy_cny_per_mwh",
            {"wet": -200.0, "flat": 300.0, "dry": "400"},
            ["tariffs.bill.energy_cny_per_mwh.dry: got '400', must be a number. Write 400, without quotes."],
        ),
        (
            "tariffs/bill/energy_cny_per_mwh",
            {"wet": 200.0, "flat": 300.0, "dry": -400.0},
            ["tariffs.bill.energy_cny_per_mwh.dry: got -400, must be at least 0 CNY MWh-1."],
        ),
        (
            "tariffs/bill/demand_cny_per_mw_month",
            [36000.0] * 11 + ["36000"],
            [
                "tariffs.bill.demand_cny_per_mw_month[11]: got '36000', must be a number. Write 36000, without quotes.",
            ],
        ),
        (
            "tariffs/bill/energy_cny_per_mwh",
            GONE,
            [
                "tariffs.bill.energy_cny_per_mwh: is missing [CNY MWh-1]. Give it, or the whole price as "
                "`price_cny_per_mwh`."
            ],
        ),
        (
            "tariffs/bill/price_cny_per_mwh",
            400.0,
            ["tariffs.bill.price_cny_per_mwh: is the whole price; leave it out, or energy_cny_per_mwh."],
        ),
        (
            "tariffs/bill/table",
            "prices.csv",
            None,
        ),
        (
            "tariffs/bill/periods",
            [{"name": "valley", "ratio": -0.4, "hours": ["22:30-8"], "month": [1]}],
            [
                "tariffs.bill.periods[0].ratio: got -0.4, must be at least 0.",
                "tariffs.bill.periods[0].hours: got '22:30-8', must be whole hours as 'from-to' between 0 and 24, such "
                "as '10-12' or '22-8'.",
                "tariffs.bill.periods[0].month: unknown key. Did you mean 'months'?",
            ],
        ),
        (
            "tariffs/bill/periods",
            [{"name": "valley", "ratio": 0.4, "hours": ["5-5"], "months": []}],
            [
                "tariffs.bill.periods[0].hours: got '5-5', which is no hour or all of them; write '0-24' for the whole "
                "day.",
                "tariffs.bill.periods[0].months: is empty; list months 1 to 12, or leave it out for the whole year.",
            ],
        ),
        (
            "tariffs/bill/periods",
            [{"name": "valley", "ratio": 0.4, "hours": [], "months": [13]}],
            [
                "tariffs.bill.periods[0].hours: is empty; list hours such as '10-12', or remove the period.",
                "tariffs.bill.periods[0].months: got month 13, must lie in [1, 12].",
            ],
        ),
        ("seasons/wet", [6, 7, 8, 13], ["seasons.wet: got month 13, must lie in [1, 12]."]),
        ("seasons/wet", [], ["seasons.wet: is empty. List its months, such as [6, 7, 8], or remove it."]),
        ("seasons/wet", [5, 6, 7, 8, 9, 10], ["seasons.flat: month 5 stands in wet already; remove one."]),
        ("seasons/wet", [6.0], ["seasons.wet[0]: got 6.0, must be a whole number."]),
        ("seasons/wet", "6-10", ["seasons.wet: got '6-10', must be a list in square brackets."]),
        (
            "seasons/flat",
            GONE,
            [
                "tariffs.bill.energy_cny_per_mwh.flat: unknown season. Seasons: wet, dry.",
                "components.hydro.price_cny_per_mwh.flat: unknown season. Seasons: wet, dry.",
            ],
        ),
        ("yardsticks/sichuan/factor_t_per_mwh", -0.1, None),
        (
            "yardsticks/sichuan/factor_t_per_mwh",
            156.4,
            [
                "yardsticks.sichuan.factor_t_per_mwh: got 156.4, must lie in [0, 2] t MWh-1. This looks like kg MWh-1 "
                "(g kWh-1): write 0.1564.",
            ],
        ),
        (
            "claims/green/figure",
            "green_suply_mwh",
            [
                "claims.green.figure: got 'green_suply_mwh', must be one of green_supply_mwh, avoided_co2_t, "
                "green_share, self_use_share, load_mwh. Did you mean 'green_supply_mwh'?",
            ],
        ),
        ("claims/green/value", 0.0, ["claims.green.value: got 0.0, must be above 0."]),
        ("time/year", 2025.0, ["time.year: got 2025.0, must be a whole number."]),
        ("time/year", 1066, ["time.year: got 1066, must lie in [1950, 2100]."]),
        ("time/step_minutes", 7, ["time.step_minutes: got 7, must be one of 15, 20, 30, 60."]),
        (
            "time/first_day",
            "02-29",
            ["time.first_day: got '02-29', must be a day of 2025 as MM-DD, such as '07-14'."],
        ),
        (
            "time/first_day",
            date(2025, 7, 14),
            [
                "time.first_day: got the date or time 2025-07-14, must be text in quotes. First day as MM-DD for a "
                "horizon shorter than a year, with `days`.",
            ],
        ),
        (
            "time/days",
            GONE,
            ["time: a horizon shorter than a year is `first_day` with `days` (or `hours`); give both or neither."],
        ),
        (
            "time/clock",
            "Asia/Shanghai",
            [
                "time.clock: got 'Asia/Shanghai', must be a fixed offset from UTC such as '+08:00' (China Standard "
                "Time).",
            ],
        ),
        ("site/latitude_deg", 104.6, ["site.latitude_deg: got 104.6, must lie in [-90, 90] deg."]),
        ("nodes", {"electricity": "power"}, None),
        (
            "nodes",
            {"electricity": "electricity", "heat": "heat"},
            ["nodes.heat: nothing is joined to this heat node. Remove it."],
        ),
        (
            "nodes",
            {"electricity": "electricity", "grid": "electricity"},
            ["nodes.grid: a component has this name too; labels would mix them up. Rename one of them."],
        ),
        ("weather", {"sources": {"default": "a year"}}, None),
    ],
)
def test_other_tables(path, value, messages, tmp_path, capsys):
    lines = run(tmp_path, capsys, changed((path, value)))
    if messages is None:
        assert len(lines) == 1
        assert lines[0].startswith(path.replace("/", ".").split(".")[0])
    else:
        assert lines == messages


def test_a_share_claimed_in_percent(tmp_path, capsys):
    table = changed(("claims/green/figure", "green_share"), ("claims/green/value", 95.0))
    assert run(tmp_path, capsys, table) == [
        "claims.green.value: got 95, a share must lie in (0, 1]. Write a fraction, e.g. 0.95.",
    ]


def test_a_claim_on_co2_needs_a_yardstick(tmp_path, capsys):
    table = changed(("claims/green/figure", "avoided_co2_t"), ("yardsticks", {}))
    assert run(tmp_path, capsys, table) == [
        "claims.green.figure: CO2 avoided needs a yardstick. Add a table [yardsticks.NAME].",
    ]


ADD = 'a source, or "assumption: " and its reason.'


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "components/battery/sources",
            {"power_max_mw": "an offer of 2025"},
            "components.battery: no source for eff_in, eff_out, energy_max_mwh. Add to a table "
            f'[components.battery.sources] each of them, or default = "..." for all: {ADD}',
        ),
        (
            "tariffs/bill/sources",
            GONE,
            "tariffs.bill: no source for demand_cny_per_mw_month, energy_cny_per_mwh. Add to a table "
            f'[tariffs.bill.sources] each of them, or default = "..." for all: {ADD}',
        ),
        (
            "components/roof/sources/default",
            "assumption",
            'components.roof.sources.default: says "assumption" without a reason; add it, such as "assumption: a mixed '
            'park of this size".',
        ),
        (
            "components/roof/sources/default",
            "[assumption] - ",
            'components.roof.sources.default: says "assumption" without a reason; add it, such as "assumption: a mixed '
            'park of this size".',
        ),
        (
            "components/roof/sources/default",
            " ",
            'components.roof.sources.default: is empty; name a source, or write "assumption: " and the reason.',
        ),
        ("components/roof/sources/default", 3, "components.roof.sources.default: got 3, must be text in quotes."),
        (
            "components/roof/sources/power_mx",
            "a plan of the park",
            "components.roof.sources.power_mx: [components.roof] has no field of that name. Did you mean "
            "'power_max_mw'?",
        ),
        (
            "yardsticks/sichuan/source",
            GONE,
            'yardsticks.sichuan.source: is empty; name a source, or write "assumption: " and the reason.',
        ),
        (
            "claims/green/source",
            "assumption",
            'claims.green.source: says "assumption" without a reason; add it, such as "assumption: a mixed park of '
            'this size".',
        ),
        (
            "weather",
            {"file": "builtin:yibin-weather.csv"},
            'weather: no source for file. Add to a table [weather.sources] each of them, or default = "..." for all: '
            f"{ADD}",
        ),
        (
            "components/load",
            {
                "kind": "demand",
                "shapes": {"continuous": 1.0},
                "peak_mw": 8.0,
                "sources": {"peak_mw": "the meter of 2024"},
            },
            "components.load: no source for shapes. Add to a table [components.load.sources] each of them, or "
            f'default = "..." for all: {ADD}',
        ),
    ],
)
def test_sources(path, value, message, tmp_path, capsys):
    assert run(tmp_path, capsys, changed((path, value))) == [message]


def test_a_reason_in_chinese_is_a_reason(tmp_path, capsys):
    table = changed(("components/roof/sources/default", "assumption: 同类园区"))
    (tmp_path / "park.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        cli.main(["check", str(tmp_path / "park.toml"), "--quiet"])
    assert left.value.code == 0, capsys.readouterr().err


def test_problems_of_one_phase_come_together_and_each_once(tmp_path, capsys):
    lines = run(
        tmp_path,
        capsys,
        changed(
            ("time/year", GONE),
            ("site/latitude_deg", 200.0),
            ("components/battery/eff_in", 95),
            ("components/battery/eff_out", "0.9"),
            ("components/battery/power_max_mw", -1.0),
            ("components/grid/tarif", "bill"),
            ("tariffs/bill/energy_cny_per_mwh", [1.0] * 3),
        ),
    )
    assert sorted(line.split(": ")[0] for line in lines) == [
        "components.battery.eff_in",
        "components.battery.eff_out",
        "components.battery.power_max_mw",
        "components.grid.tarif",
        "site.latitude_deg",
        "tariffs.bill.energy_cny_per_mwh",
        "time.year",
    ]


def test_problems_of_profiles_tariffs_and_weather_come_together(tmp_path, capsys):
    lines = run(
        tmp_path,
        capsys,
        changed(
            ("tariffs/bill/table", "hours.csv"),
            ("weather", {"file": "weather.csv", "sources": {"default": "a station"}}),
            ("components/load/power_mw", {"file": "meter.csv"}),
            ("components/roof/available", [0.5] * 3),
            ("components/hydro/available", 60),
        ),
    )
    assert [line.split(": ")[0] for line in lines] == [
        "tariffs.bill.table",
        "weather.file",
        "components.load.power_mw.file",
        "components.roof.available",
        "components.hydro.available",
    ]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("month,hour,ratio\n1,0,1\n", "has no column 'period'"),
        ("month,hour,period,ratio\n1,0,flat,1\n", "288 rows; it has 1. Month 1, hour 1 stands 0 times."),
        ("month,hour,period,ratio\nJan,0,flat,1\n", "288 rows; it has 1. Month 1, hour 0 stands 0 times."),
        (None, "Month 3, hour 4 stands 2 times."),
        ("low", "has period valley and ratio low for month 2, hour 1; each needs a name and a ratio of 0 or more."),
        ("", "cannot be read as CSV in UTF-8"),
    ],
)
def test_time_of_use_tables(rows, words, tmp_path, capsys):
    lines = [f"{month},{hour},valley,0.4" for month in range(1, 13) for hour in range(24)]
    if rows is None:
        lines[2 * 24 + 5] = lines[2 * 24 + 4]
    if rows == "low":
        lines[24 + 1] = "2,1,valley,low"
    text = rows if rows not in {None, "low"} else "month,hour,period,ratio\n" + "\n".join(lines) + "\n"
    (tmp_path / "hours.csv").write_text(text, encoding="utf-8")
    (line,) = run(tmp_path, capsys, changed(("tariffs/bill/table", "hours.csv")))
    assert line.startswith("tariffs.bill.table: hours.csv ")
    assert words in line


STAMPS = pd.date_range("2025-07-14", periods=24, freq="h").strftime("%Y-%m-%dT%H:%M").tolist()
ROWS = [f"{stamp},{5 + at % 4}" for at, stamp in enumerate(STAMPS)]


@pytest.mark.parametrize(
    ("head", "rows", "words"),
    [
        ("# clock: +08:00\ntime,load [MW]", ROWS[:9] + ROWS[11:], ["gap: 2 stamps are missing", "2025-07-14T09:00"]),
        ("# clock: +08:00\ntime,load [MW]", ROWS[:20], ["wrong length", "4 of 24 stamps are missing"]),
        ("# clock: +08:00\ntime,load [MW]", ROWS[:9] + ROWS[8:], ["duplicate stamp", "line 11 (2025-07-14T08:00)"]),
        (
            "# clock: +08:00\ntime,load [MW]",
            [*ROWS[:9], f"{STAMPS[9]},NaN", *ROWS[10:]],
            ["column 'load': line 12 (2025-07-14T09:00)", "no finite number"],
        ),
        ("# clock: +08:00\ntime,load [degC]", ROWS, ["unit 'degC' measures 'degC', not 'MW'"]),
        ("# clock: +08:00\ntime,load", ROWS, ["states no unit", "load [MW]"]),
        ("time,load [MW]", ROWS, ["clock: the file states none", 'clock = "+08:00"']),
        ("# clock: +00:00\ntime,load [MW]", ROWS, ["clock: ", "8 of 24 stamps are missing"]),
        (
            "# clock: +08:00\ntime,load [MW]",
            [*ROWS[:9], f"{STAMPS[9]},-3", *ROWS[10:]],
            ["got -3 at 2025-07-14T09:00, must be at least 0 MW."],
        ),
    ],
    ids=["gap", "short", "duplicate", "nan", "unit", "no unit", "no clock", "other clock", "negative"],
)
def test_profiles(head, rows, words, tmp_path, capsys):
    (tmp_path / "meter.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (line,) = run(tmp_path, capsys, changed(("components/load/power_mw", {"file": "meter.csv"})))
    assert line.startswith("components.load.power_mw: ")
    for word in words:
        assert word in line


HYDRO = "components/hydro"


@pytest.mark.parametrize(
    ("outages", "start"),
    [
        (
            [{"start": "2025-08-15T00:00", "end": "2025-08-20T00:00"}],
            "components.hydro.outages[0]: 2025-08-15T00:00 to",
        ),
        ([{"start": "2025-07-14T09:00", "end": "2025-07-14T06:00"}], "components.hydro.outages[0]: got"),
        ([{"start": "tomorrow", "end": "2025-07-14T06:00"}], "components.hydro.outages[0]: got 'tomorrow'"),
        ([{"start": "2025-07-14T06:00"}], "components.hydro.outages[0].end: is missing"),
        (
            [{"start": "2025-07-14T06:00", "end": "2025-07-14T09:00", "available": 50}],
            "components.hydro.outages[0].available: got 50, must lie in [0, 1]. Write a fraction, e.g. 0.5.",
        ),
        (
            [{"start": "2025-07-14T06:00", "end": "2025-07-14T09:00", "availabel": 0.5}],
            "components.hydro.outages[0].availabel: unknown key. Did you mean 'available'?",
        ),
    ],
    ids=["outside", "reversed", "no moment", "no end", "percent", "unknown"],
)
def test_outages(outages, start, tmp_path, capsys):
    (line,) = run(tmp_path, capsys, changed((f"{HYDRO}/outages", outages)))
    assert line.startswith(start)


def test_a_price_of_energy_not_taken_needs_its_share(tmp_path, capsys):
    (line,) = run(tmp_path, capsys, changed((f"{HYDRO}/take_or_pay_cny_per_mwh", 60.0)))
    assert line == "components.hydro.take_or_pay_cny_per_mwh: needs `take_or_pay_fraction`, the share it applies to."


def test_exports_above_the_import_price_name_the_hours_and_the_way_out(tmp_path, capsys):
    """The valley from 22 to 8 costs 80 CNY/MWh: ten hours below the 150 CNY/MWh paid for exports."""
    periods = [{"name": "valley", "ratio": 0.4, "hours": ["22-8"]}]
    table = changed(
        ("tariffs/bill/periods", periods),
        ("components/grid/export_max_mw", 2.0),
        ("components/grid/export_price_cny_per_mwh", 150.0),
    )
    (line,) = run(tmp_path, capsys, table)
    assert line.startswith("components.grid.export_price_cny_per_mwh: ")
    for word in ("10 steps", "2025-07-14T00:00, 2025-07-14T01:00", "export_above_import = true"):
        assert word in line
    table["components"]["grid"]["export_above_import"] = True
    (tmp_path / "park.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        cli.main(["check", str(tmp_path / "park.toml"), "--quiet"])
    assert left.value.code == 0, capsys.readouterr().err


def test_exports_above_what_another_connection_pays_are_refused_too(tmp_path, capsys):
    cheap = {"energy_cny_per_mwh": 100.0, "sources": {"default": "an old contract"}}
    second = PARK["components"]["grid"] | {"tariff": "old"}
    table = changed(
        ("tariffs/old", cheap),
        ("components/old_line", second),
        ("components/grid/export_max_mw", 2.0),
        ("components/grid/export_price_cny_per_mwh", 150.0),
    )
    (line,) = run(tmp_path, capsys, table)
    assert line.startswith("components.grid.export_price_cny_per_mwh: is above the import price in 24 steps")


@pytest.mark.parametrize(
    ("step", "ratio", "least"),
    [
        # 200 CNY/MWh of energy; 36,000 CNY/MW and month, one day of July's 31, over one step of an hour
        (60, 1.0, 200 + 36000 / 31),
        # the same over a quarter of an hour
        (15, 1.0, 200 + 36000 / 31 * 4),
        # an hour's quarter-hour peak is 1.3 times its mean; with steps of 15 minutes the peak is in the steps
        (60, 1.3, 200 + 36000 / 31 * 1.3),
        (15, 1.3, 200 + 36000 / 31 * 4),
    ],
)
def test_a_shortfall_must_cost_more_than_energy_and_demand_charge(step, ratio, least, tmp_path, capsys):
    shortfall = {
        "kind": "shortfall",
        "price_cny_per_mwh": least * 0.999,
        "sources": {"default": "a guess of the board"},
    }
    changes = [
        ("components/shortfall", shortfall),
        ("components/grid/quarter_hour_peak_ratio", ratio),
        ("time/step_minutes", step),
    ]
    (line,) = run(tmp_path, capsys, changed(*changes))
    assert line == (
        f"components.shortfall.price_cny_per_mwh: got {least * 0.999:g}, must be above {least:.6g} CNY MWh-1, the "
        f"energy price of grid and its month's demand charge spread over one step of {step} min. Below it the cheapest "
        "plan sheds load. Raise it."
    )
    shortfall["price_cny_per_mwh"] = least * 1.001
    (tmp_path / "park.toml").write_text(tomli_w.dumps(changed(*changes)), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        cli.main(["check", str(tmp_path / "park.toml"), "--quiet"])
    assert left.value.code == 0, capsys.readouterr().err


def test_nodes_that_nobody_feeds_or_draws_from(tmp_path, capsys):
    only_load = changed(*[(f"components/{name}", GONE) for name in ("roof", "battery", "hydro", "grid")])
    assert run(tmp_path, capsys, only_load) == [
        "nodes.electricity: nobody feeds this electricity node, and load would draw from it. Join a source or a grid "
        "to it.",
    ]
    only_sun = changed(*[(f"components/{name}", GONE) for name in ("load", "battery", "hydro", "grid")])
    assert run(tmp_path, capsys, only_sun) == [
        "nodes.electricity: nobody draws from this electricity node, and roof would feed it. Join a demand or a grid "
        "to it.",
    ]


INFEASIBLE = "has no solution: its limits contradict each other (infeasible)."


def test_an_infeasible_park_names_what_fights_by_component_and_month(tmp_path, capsys):
    """8 MW of load for two hours of 31 July and two of 1 August; 4 MW at most from the grid, 1.8 MW from the river."""
    table = changed(
        ("time", {"year": 2025, "first_day": "07-31", "days": 2}),
        ("components/load/power_mw", [0.0] * 22 + [8.0] * 4 + [0.0] * 22),
        ("components/grid/import_max_mw", 4.0),
        ("components/battery", GONE),
        ("components/roof", GONE),
    )
    lines = run(tmp_path, capsys, table, command="run", code=3)
    assert lines == [
        INFEASIBLE,
        # (8 - 4 - 1.8) MW * 1 h in each of four hours
        "  load.use falls short by 8.8 MWh (2025-07: 4.4 MWh in 2 steps; 2025-08: 4.4 MWh in 2 steps).",
        "  At their limit: hydro.take (deliverable_fraction, power_max_mw) in 4 of 48 steps; "
        "grid.buy (import_available, import_max_mw) in 4 of 48 steps.",
        "  Loosen one of these limits, or add a component of kind 'shortfall' to see hour by hour what is missing.",
    ]


def test_an_infeasible_year_of_bought_energy_names_its_cap(tmp_path, capsys):
    """24 h of 8 MW need 192 MWh; the river gives 43.2, the roof 48, the grid 50 MWh."""
    table = changed(("components/grid/import_energy_max_mwh", 50.0), ("components/battery", GONE))
    lines = run(tmp_path, capsys, table, command="run", code=3)
    assert lines[0] == INFEASIBLE
    assert lines[1].startswith("  load.use falls short by 50.8 MWh (2025-07: 50.8 MWh in ")
    assert "grid.import_energy_limit" in lines[2]


def test_an_infeasible_store_names_its_content(tmp_path, capsys):
    """From 1 of 6 MWh, 3 MW for 24 h at an efficiency of 0.0094 leave at most 1.6768 MWh, not 6."""
    store = PARK["components"]["battery"] | {
        "eff_in": 0.0094,
        "energy_start_fraction": 1 / 6,
        "energy_end_fraction": 1.0,
    }
    lines = run(tmp_path, capsys, changed(("components/battery", store)), command="run", code=3)
    assert lines[0] == INFEASIBLE
    assert lines[1] == (
        "  battery.held stays below the least asked (level_min_fraction, energy_max_mwh) by at most 4.323 MWh "
        "(2025-07: 4.323 MWh in 1 step)."
    )
    assert "battery.charge (power_max_mw) in 24 of 24 steps" in lines[2]


def test_a_shortfall_is_not_advised_where_there_is_one(tmp_path, capsys):
    shortfall = {"kind": "shortfall", "price_cny_per_mwh": 5e4, "sources": {"default": "a guess of the board"}}
    store = PARK["components"]["battery"] | {"power_max_mw": 0.0, "loss_per_h": 0.01, "level_min_fraction": 0.5}
    table = changed(("components/shortfall", shortfall), ("components/battery", store))
    lines = run(tmp_path, capsys, table, command="run", code=3)
    assert lines[-1] == "  Loosen one of these limits."
    assert "battery.charge would have to exceed its limit (power_max_mw)" in lines[1]


def test_an_unbounded_park_names_what_grows(tmp_path, capsys):
    table = changed(
        ("components/grid/import_max_mw", 1e30),
        ("components/grid/export_max_mw", 1e30),
        ("components/grid/export_price_cny_per_mwh", 40_000.0),
        ("components/grid/export_above_import", True),
    )
    assert run(tmp_path, capsys, table, command="run", code=3) == [
        "has no solution: its cost has no bottom (unbounded).",
        "  Without end, earning money on the way: grid.buy, grid.sell, grid.peak.",
        "  Give one of them a limit below 1e+20, or mend the price that pays for it.",
    ]


def test_numbers_beyond_the_solver_end_in_a_message(tmp_path, capsys):
    (line,) = run(tmp_path, capsys, changed(("components/load/power_mw", 1e200)), command="run", code=3)
    assert line.startswith("has no solution: the solver gave up (")
    assert line.endswith("look for numbers of impossible size.")


LEAP = {"year": 2024, "first_day": "02-28", "days": 3}
SUN = {"kind": "pv", "power_max_mw": 4.0, "tilt_deg": 15.0, "azimuth_deg": 180.0, "dc_ac_ratio": 1.1}
WEATHER = {"file": "builtin:yibin-weather.csv", "sources": {"default": "synthetic"}}


def test_a_leap_day_without_weather_names_the_way_out(tmp_path, capsys):
    sun = SUN | {"sources": {"default": "a plan"}}
    changes = [("time", LEAP), ("weather", dict(WEATHER)), ("components/roof", sun)]
    (line,) = run(tmp_path, capsys, changed(*changes))
    assert "another year" in line
    assert "Write map_year = true" in line
    table = changed(*changes, ("weather/map_year", True))
    (tmp_path / "park.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        cli.main(["check", str(tmp_path / "park.toml")])
    assert left.value.code == 0
    assert "29 February" in " ".join(capsys.readouterr().out.split())


def test_pv_without_weather_says_what_is_missing(tmp_path, capsys):
    table = changed(("components/roof", SUN | {"sources": {"default": "a plan"}}))
    (line,) = run(tmp_path, capsys, table)
    assert line.startswith("components.roof: needs ghi_w_per_m2 of the weather, and the park file gives none.")


FUELS = "natural_gas, raw_coal, diesel, gasoline, biomass, hydrogen, steam, district_heat, other"
GAS = {"fuel": "natural_gas", "amount_m3": 1e6, "sources": {"default": "the gas bills of 2024"}}


def energy(**fields):
    """Other energy with fields changed; GONE takes one out."""
    return ("other_energy", {"gas": {k: v for k, v in {**GAS, **fields}.items() if v is not GONE}})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            energy(fuel="natural gas"),
            f"other_energy.gas.fuel: got 'natural gas', must be one of {FUELS}. Did you mean 'natural_gas'?",
        ),
        (energy(fuel="petrol"), f"other_energy.gas.fuel: got 'petrol', must be one of {FUELS}."),
        (energy(fuel=GONE), "other_energy.gas.fuel: is missing. What it is; `other` needs both factors."),
        (energy(amount_m3=-1.0), "other_energy.gas.amount_m3: got -1.0, must be at least 0 m3."),
        (
            energy(amount_m3="24 000 000 m3"),
            "other_energy.gas.amount_m3: got '24 000 000 m3', must be a number. Write a bare number; its unit is m3.",
        ),
        (energy(amount_kg=1.0), "other_energy.gas.amount_kg: unknown key. Did you mean 'amount_gj'?"),
        (
            energy(amount_m3=GONE),
            "other_energy.gas: has no amount; give one of amount_t, amount_m3, amount_gj.",
        ),
        (
            energy(amount_gj=1.0),
            "other_energy.gas: has amount_m3 and amount_gj; give one of amount_t, amount_m3, amount_gj.",
        ),
        (
            energy(amount_m3=GONE, amount_t=1.0),
            "other_energy.gas.amount_t: natural_gas has no usual heat content for it; add heat_gj_per_t, or give "
            "amount_m3 or amount_gj.",
        ),
        (
            energy(heat_gj_per_t=50.0),
            "other_energy.gas.heat_gj_per_t: is not read, for the year is given as amount_m3; remove it.",
        ),
        (
            energy(heat_gj_per_m3=38.9),
            "other_energy.gas.heat_gj_per_m3: got 38.9, must lie in (0, 0.2] GJ m-3. This looks like MJ m-3: write "
            "0.0389.",
        ),
        (
            energy(co2_t_per_gj=55.5),
            "other_energy.gas.co2_t_per_gj: got 55.5, must lie in [0, 0.5] t GJ-1. This looks like kg GJ-1 (g MJ-1): "
            "write 0.0555.",
        ),
        (
            energy(fuel="other", amount_m3=GONE, amount_gj=1.0),
            "other_energy.gas.co2_t_per_gj: is missing [t GJ-1]; other has no usual one.",
        ),
        (
            energy(sources=GONE),
            "other_energy.gas: no source for amount_m3. Add to a table [other_energy.gas.sources] each of them, or "
            'default = "..." for all: a source, or "assumption: " and its reason.',
        ),
        (
            ("other_energy", {"Gas": GAS}),
            "other_energy: got the name 'Gas', must have small letters, digits and underscores and start with a "
            "letter, such as 'gas'. Its `title` may have any letters.",
        ),
        (
            ("verdict", {"equal_value_tce_per_mwh": 300.0, "sources": {"default": "the notice"}}),
            "verdict.equal_value_tce_per_mwh: got 300.0, must lie in [0.2, 0.5] tce MWh-1. This looks like kgce MWh-1 "
            "(gce kWh-1): write 0.3.",
        ),
        (
            ("verdict", {"certificate_price_min_cny_per_mwh": 0.005, "sources": {"default": "a broker"}}),
            "verdict.certificate_price_min_cny_per_mwh: got 0.005 CNY MWh-1, which looks like CNY per kWh. Write 5, "
            "per MWh.",
        ),
        (
            ("verdict", {"certificate_price_min_cny_per_mwh": 8.0, "sources": {"default": "a broker"}}),
            "verdict.certificate_price_min_cny_per_mwh: got 8, must be at most the highest price (5.66).",
        ),
        (
            ("verdict", {"process_co2_t": 8.0}),
            "verdict: no source for process_co2_t. Add to a table [verdict.sources] each of them, or "
            'default = "..." for all: a source, or "assumption: " and its reason.',
        ),
        (("verdict", {"method": "national"}), None),
    ],
)
def test_other_energy_and_the_terms_of_the_verdict(change, message, tmp_path, capsys):
    found = run(tmp_path, capsys, changed(change))
    if message is None:
        assert found[0].startswith("verdict.method: unknown key. Known keys: ")
    else:
        assert found == [message]


def test_a_park_is_not_all_electric_and_burns_gas(tmp_path, capsys):
    table = changed(energy(), ("verdict", {"all_electric": True}))
    assert run(tmp_path, capsys, table) == [
        "verdict.all_electric: got true, and [other_energy] has gas. Remove one of the two."
    ]
