import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

from parksim import api
from parksim.accounts.summary import summarise
from parksim.components._cases import demand, grid, micro, shortfall
from parksim.park import read_park
from parksim.questions.compare import compare
from parksim.questions.references import run
from parksim.report import html as render

HOSTILE = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">'
YARDSTICKS = {
    "low": {"title": "Low average", "factor_t_per_mwh": 0.15, "year": 2023, "source": "assumption: for a test"},
    "high": {"title": "High factor", "factor_t_per_mwh": 0.8, "year": 2022, "source": "a table, page 3"},
}


def direct(name, available, *, plant, power_mw=10.0, price=50.0, **fields):
    return {
        "name": name, "kind": "direct_supply", "delivery": "line", "technology": "hydro", "plant": plant,
        "certificate": "none", "power_max_mw": power_mw, "available": available, "price_cny_per_mwh": price, **fields,
    }  # fmt: skip


def river(name, power_mw, **fields):
    top = float(np.max(power_mw))
    return {"name": name, "kind": "run_of_river", "power_max_mw": top, "available": (power_mw / top).tolist(), **fields}


def battery(name="battery", **fields):
    plain = {"power_max_mw": 4.0, "energy_max_mwh": 8.0, "eff_in": 0.95, "eff_out": 0.95, "wear_cny_per_mwh": 20.0}
    return {"name": name, "kind": "battery", **plain, **fields}


def claim(figure, value, title="A claim"):
    return {"title": title, "figure": figure, "value": value, "source": "a speech"}


def solved(table):
    ds = api.solve(read_park(table))
    return ds, summarise(ds)


def two_days():
    hours = np.arange(48) % 24
    return micro(
        river("stream", np.where((hours > 8) & (hours < 18), 6.0, 1.0)),
        grid(
            price_cny_per_mwh=np.where(hours < 8, 200.0, 600.0).tolist(), demand_cny_per_mw_month=30_000.0,
            export_max_mw=1.0, export_price_cny_per_mwh=50.0,
        ),
        demand(power_mw=(3.0 + np.sin(hours / 24 * 2 * np.pi)).tolist()),
        battery(),
        yardsticks=YARDSTICKS,
        claims={"co2": claim("avoided_co2_t", 40.0)},
    )  # fmt: skip


def bare():
    return micro(grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=[2.0, 5.0]), yardsticks={})


def short():
    return micro(
        grid(price_cny_per_mwh=[100.0] * 24, import_max_mw=3.0),
        demand(power_mw=[2.0] * 12 + [5.0] * 12),
        shortfall(price_cny_per_mwh=10_000.0),
    )


def year(**tables):
    """A year with two of each source, two demands, two stores and a shortfall."""
    rng = np.random.default_rng(7)
    hour = np.arange(8760)
    sun = np.clip(np.sin((hour % 24 - 6) / 12 * np.pi), 0, None) * rng.uniform(0.2, 1.0, 8760)
    wet = np.clip(0.55 - 0.4 * np.cos((hour / 8760 - 0.05) * 2 * np.pi), 0, 1)
    price = np.where(hour % 24 < 8, 200.0, np.where((hour % 24 > 17) & (hour % 24 < 22), 700.0, 450.0))
    return micro(
        direct("old_hydro", wet.tolist(), plant="existing", power_mw=60.0, price=260.0),
        direct("new_hydro", (wet * rng.uniform(0.9, 1.0, 8760)).tolist(), plant="new", power_mw=20.0, price=300.0),
        river("stream", 8.0 * wet),
        river("brook", 30.0 * sun),
        battery(power_max_mw=10.0, energy_max_mwh=20.0),
        battery("second", power_max_mw=5.0, energy_max_mwh=20.0, loss_per_h=0.0001),
        grid(price_cny_per_mwh=price.tolist(), demand_cny_per_mw_month=30_000.0),
        demand(power_mw=(70 + 20 * sun + rng.uniform(-5, 5, 8760)).tolist()),
        demand(power_mw=[3.0] * 8760, name="offices"),
        shortfall(price_cny_per_mwh=50_000.0),
        yardsticks=YARDSTICKS,
        claims={
            "green": claim("green_supply_mwh", 900_000.0, "0.9 TWh of green power"),
            "co2": claim("avoided_co2_t", 500_000.0, "half a million tonnes avoided"),
        },
        **tables,
    )


def hostile():
    """A park whose every word tries to break out of the page."""
    table = two_days()
    table["park"] = {"name": "case", "title": f"Title {HOSTILE}", "note": f"Note {HOSTILE}"}
    table["site"]["name"] = f"Site {HOSTILE}"
    for component in table["components"].values():
        component["title"] = f"Part {HOSTILE}"
        component["sources"] = {"default": f"[assumption] source {HOSTILE}"}
    table["claims"] = {"co2": claim("avoided_co2_t", 40.0, f"Claim {HOSTILE}")}
    table["yardsticks"] = {
        "odd": {"title": f"Yardstick {HOSTILE}", "factor_t_per_mwh": 0.5, "year": 2023, "source": HOSTILE}
    }
    return table


class Page(HTMLParser):
    """What a test asks of a page: elements with their texts, scripts, tiles, tables."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.scripts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])
        if tag not in {"meta", "link", "input", "br", "img"}:
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for element in self.open:
            if element[0] not in {"html", "body"}:
                element[2] += data

    def of(self, tag, **attrs):
        keys = {key.rstrip("_").replace("_", "-"): value for key, value in attrs.items()}
        return [e for e in self.elements if e[0] == tag and all(e[1].get(k) == v for k, v in keys.items())]

    @property
    def data(self):
        return json.loads(self.of("script", id="page-data")[0][2], parse_constant=pytest.fail)


@pytest.fixture(scope="session")
def of_hostile():
    return solved(hostile())


@pytest.fixture(scope="session")
def of_two_days():
    return solved(two_days())


@pytest.fixture(scope="session")
def of_bare():
    return solved(bare())


@pytest.fixture(scope="session")
def of_short():
    return solved(short())


@pytest.fixture(scope="session")
def of_year():
    return solved(year())


def held():
    """A year with other energy, a second tariff and a claim, held against rules and references."""
    table = year(
        other_energy={"gas": {"fuel": "natural_gas", "amount_m3": 2e6, "sources": {"amount_m3": "gas bills"}}},
        verdict={"certificates_mwh": 1_000.0, "sources": {"certificates_mwh": "a ledger"}},
    )
    table["tariffs"]["other"] = {"title": f"Other {HOSTILE}", "energy_cny_per_mwh": 500.0}
    return table


@pytest.fixture(scope="session")
def of_held():
    ds = run(read_park(held()))
    return ds, summarise(ds)


@pytest.fixture(scope="session")
def of_comparison():
    """Three parks side by side: one whose words try to break out, a dearer one, one without a solution."""
    odd, dear, broken = hostile(), hostile(), hostile()
    for name, table in (("odd", odd), ("dear", dear), ("broken", broken)):
        table["park"]["name"] = name
    tariff = next(iter(dear["tariffs"].values()))
    tariff["price_cny_per_mwh"] = [2.0 * price for price in tariff["price_cny_per_mwh"]]
    dear["components"]["battery"]["energy_max_mwh"] = 5.0
    broken["components"]["grid"]["import_max_mw"] = 0.1
    return compare([read_park(table) for table in (odd, dear, broken)]).ds


@pytest.fixture(scope="session")
def parks():
    """Builders, for tests that make a park of their own."""
    return SimpleNamespace(
        direct=direct, river=river, battery=battery, claim=claim, solved=solved, YARDSTICKS=YARDSTICKS
    )


@pytest.fixture(scope="session")
def pages(request):
    made = {}

    def page(name):
        if name not in made:
            ds, summary = request.getfixturevalue(name)
            text = render(ds, summary)
            made[name] = (text, Page(text), ds, summary)
        return made[name]

    return page


@pytest.fixture(scope="session")
def read_page():
    """What reads a page."""
    return Page


# pages in a browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--virtual-time-budget=60000",
    "--dump-dom",
)
ASK_EACH = """
const found = [];
const frames = Array.from(document.querySelectorAll("iframe"));
window.onload = () => setTimeout(async () => {
  for (const frame of frames) {
    try { found.push(await ask(frame)); } catch (error) { found.push({ thrown: error.stack }); }
    frame.remove();
  }
  const told = document.createElement("pre");
  told.id = "told";
  told.textContent = JSON.stringify(found);
  document.body.appendChild(told);
}, 2000);
"""


@pytest.fixture(scope="session")
def browser():
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        pytest.skip("no Chromium on this machine; install the package chromium to render pages in tests")
    return found


@pytest.fixture(scope="session")
def framed(browser, tmp_path_factory):
    """What asks pages in frames of one document: page and width of each, and a script with a function ``ask(frame)``.

    Gives what each answers, and what the console said.
    """

    def asked(pages, script):
        folder = tmp_path_factory.mktemp("browser")
        frames = "".join(
            f'<iframe style="border:0;width:{width}px;height:900px" srcdoc="{html.escape(page)}"></iframe>'
            for page, width in pages
        )
        harness = folder / "harness.html"
        text = f"<!doctype html><meta charset=utf-8><body>{frames}<script>{script}{ASK_EACH}</script>"
        harness.write_text(text, encoding="utf-8")
        run = subprocess.run(
            [browser, *SWITCHES, f"--user-data-dir={folder / 'profile'}", harness.as_uri()],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        told = re.search(r'<pre id="told">(.*?)</pre>', run.stdout, flags=re.DOTALL)
        assert told, run.stderr[-2000:]
        answers = json.loads(html.unescape(told[1]))
        assert [answer["thrown"] for answer in answers if "thrown" in answer] == []
        return answers, [line for line in run.stderr.splitlines() if "CONSOLE" in line]

    return asked


@pytest.fixture(scope="session")
def on_paper(browser, tmp_path_factory):
    """What prints a page."""

    def printed(text):
        folder = tmp_path_factory.mktemp("printed")
        page, paper = folder / "page.html", folder / "page.pdf"
        page.write_text(text, encoding="utf-8")
        command = [browser, *(switch for switch in SWITCHES if switch != "--dump-dom"), "--no-pdf-header-footer"]
        command += [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={paper}", page.as_uri()]
        subprocess.run(command, capture_output=True, timeout=300, check=True)
        return paper.read_bytes()

    return printed
