"""Texts and the code that asks for them: no key without a text, no text without a use, both languages whole."""

import ast
import re
from contextlib import nullcontext
from importlib.resources import files
from io import BytesIO
from threading import Barrier, Thread

import pytest
from babel.messages.pofile import read_po

from parksim.accounts.rules import BANDS, CALORIFIC, CLAUSES, MISSING, OUTSIDE
from parksim.component import Site
from parksim.components import KINDS
from parksim.errors import InputError
from parksim.fields import fields_of
from parksim.fuels import FUELS
from parksim.lp.contest import CONTESTANTS
from parksim.notes import Note, from_parts, joined, parts, placed
from parksim.other_energy import USUAL, OtherEnergy, Verdict
from parksim.park import Claim, Yardstick
from parksim.report import catalogue as catalogues
from parksim.report.catalogue import LANGUAGES
from parksim.report.words import beside, count, language, say, speaking, tell, template, term
from parksim.tariffs import Period, Tariff
from parksim.timeaxis import TimeAxis
from parksim.weather import Weather

PACKAGE = files("parksim")
FOLDER = files("parksim.report")
ASKING = {"say", "term", "beside", "template", "tile", "_section"}
"""Functions whose first argument is a key."""

CHINESE = "\u4e00-\u9fff"
GAP = re.compile(r"\{([^{}]*)\}")

LATIN = {
    "CO", "CSV", "HiGHS", "HiPO", "IPX", "JavaScript", "MB", "MIT", "MW", "MWh", "PDLP", "UTC", "kWh", "kgCO", "km",
    "W", "m", "s", "C", "nc", "result", "js", "plotly", "basic", "parksim", "run", "time", "limit", "power_max_mw",
    "demand_floor_fraction", "tCO", "tC", "kg", "t", "GB", "GJ", "T", "IPCC", "other_energy", "verdict", "all_electric",
    "retry", "true", "process_co", "_t", "continuous_spot", "Collares", "Pereira", "Rabl", "Liu", "Jordan", "Erbs",
}  # fmt: skip
"""Letters that stand in Chinese texts: units, proper names, names of fields and files."""

SEASONS = {"wet", "flat", "dry"}
"""Names of seasons in the shipped parks."""

UNTOLD = {"sources", "size"}
"""Fields that no page tells of: their parts stand for themselves."""

CODES = ("date.chart", "date.axis.", "page.locale", "term.")
"""Begins of keys of which the English text is no prose, or holds a Chinese term that stands for itself."""


def entries(name):
    """Context and key to its texts, one per plural form."""
    found = read_po(BytesIO((FOLDER / "texts" / f"{name}.po").read_bytes()), locale=name, abort_invalid=True)
    texts = {}
    for message in found:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts[message.context, key] = [message.string] if isinstance(message.string, str) else list(message.string)
    return texts


def keys(name):
    """Key to its texts, without those that come in English from outside the report."""
    return {key: texts for (context, key), texts in entries(name).items() if context is None}


ENGLISH, IN_CHINESE = keys("en"), keys("zh")
TOLD = {key: texts for (context, key), texts in entries("zh").items() if context is not None}


def trees(folder):
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from trees(entry)
        elif entry.name.endswith(".py"):
            yield entry.name, ast.parse(entry.read_text(encoding="utf-8"))


def patterns_of(node):
    """Patterns of the keys an expression may be; none where the code alone does not tell."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [re.escape(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [a + b for a in patterns_of(node.left) for b in patterns_of(node.right)]
    if isinstance(node, ast.IfExp):
        return [*patterns_of(node.body), *patterns_of(node.orelse)]
    return []


def in_templates():
    """Patterns of the keys that the page templates name."""
    found = set()
    for entry in FOLDER.iterdir():
        if entry.name.endswith(".j2"):
            source = entry.read_text(encoding="utf-8")
            for key, more in re.findall(r"""(?:say|beside)\(["']([\w.-]+)["'](\s*~)?""", source):
                found.add(re.escape(key) + (".+" if more else ""))
            found |= {re.escape(key) for key in re.findall(r'heading\("[\w-]+", "([\w.-]+)"\)', source)}
    return found


def asked_for():
    """Pattern of all keys that are asked for by name to the place where they are."""
    found = dict.fromkeys(in_templates(), "templates")
    for name, tree in trees(FOLDER):
        for node in ast.walk(tree):
            called = getattr(node, "func", None)
            if (
                isinstance(node, ast.Call)
                and getattr(called, "id", getattr(called, "attr", "")) in ASKING
                and node.args
            ):
                found |= dict.fromkeys(patterns_of(node.args[0]), f"{name}:{node.lineno}")
    return found


def named():
    """Patterns of all keys that are asked for, or stand in a table or a variable of the code."""
    found = set(asked_for())
    for _, tree in trees(FOLDER):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr | ast.IfExp):
                found |= {pattern for pattern in patterns_of(node) if re.match(r"[a-z_]+\\\.", pattern)}
    return found


def test_every_key_asked_for_has_a_text():
    known = [*ENGLISH, *(f"calendar.{name}.1" for name in ("month", "month_short", "weekday", "weekday_wide"))]
    missing = {p: place for p, place in asked_for().items() if not any(re.fullmatch(p, key) for key in known)}
    assert missing == {}
    assert len(asked_for()) > 300


def test_every_text_is_asked_for():
    patterns = [re.compile(pattern) for pattern in named()]
    assert [key for key in ENGLISH if not any(pattern.fullmatch(key) for pattern in patterns)] == []


def test_the_checks_see_a_key_without_text_and_a_text_without_use():
    asked = [
        pattern for node in ast.walk(ast.parse("say(f'a.{x}' if y else 'no.such')")) for pattern in patterns_of(node)
    ]
    assert r"no\.such" in asked
    assert r"a\..+" in asked
    assert not any(re.fullmatch(pattern, "unused.key") for pattern in named())


def test_both_catalogues_have_the_same_keys_in_the_same_order():
    assert list(IN_CHINESE) == list(ENGLISH)
    assert not [key for context, key in entries("en") if context is not None]


@pytest.mark.parametrize("key", ENGLISH)
def test_both_texts_have_the_same_gaps(key):
    gaps = [{gap for text in texts[key] for gap in GAP.findall(text)} for texts in (ENGLISH, IN_CHINESE)]
    assert gaps[0] == gaps[1]
    assert all(gap.isidentifier() for gap in gaps[0])


@pytest.mark.parametrize("key", TOLD)
def test_told_texts_have_the_gaps_of_their_english(key):
    assert {*GAP.findall(TOLD[key][0])} == {*GAP.findall(key)}


def untranslated(text):
    """Latin words of a Chinese text that are no unit, name or code."""
    bare = re.sub(r"%[-\w]+", "", GAP.sub("", text))
    return set(re.findall(r"[A-Za-z_]+", bare)) - LATIN


def test_no_english_is_left_in_chinese_texts():
    left = {key: untranslated(text) for key, texts in IN_CHINESE.items() for text in texts}
    left |= {key: untranslated(text) for key, texts in TOLD.items() for text in texts}
    assert {key: words for key, words in left.items() if words and not key.startswith(CODES)} == {}
    prose = [key for key, texts in ENGLISH.items() if re.search(r"[a-z]{3}", GAP.sub("", texts[0]))]
    same = [key for key in prose if not re.search(f"[{CHINESE}]", IN_CHINESE[key][0]) and not key.startswith(CODES)]
    assert [key for key in same if untranslated(ENGLISH[key][0]) - {"t"}] == []


def test_chinese_texts_use_full_marks_and_no_spaces_between_signs():
    for key, texts in [*IN_CHINESE.items(), *TOLD.items()]:
        for text in texts:
            half = re.search(rf"[{CHINESE}}}][,;:?!()](?!\d)|[{CHINESE}] +[{CHINESE}{{]", text)
            assert half is None or key.startswith("unit."), key


def test_chinese_beside_english_words_is_that_of_the_chinese_text():
    for key, texts in ENGLISH.items():
        for term_zh in re.findall(f"[{CHINESE}]+", "".join(texts)):
            assert term_zh in "".join(IN_CHINESE[key]), key


@pytest.mark.parametrize("name", LANGUAGES)
def test_keys_stand_once_and_texts_are_no_keys(name):
    for (context, key), texts in entries(name).items():
        assert context or "." in key, key
        assert not {"", key} & set(texts), key
    source = (FOLDER / "texts" / f"{name}.po").read_text(encoding="utf-8")
    assert len(re.findall(r'^msgid "', source, flags=re.MULTILINE)) == len(entries(name)) + 1


def notes_of_the_code():
    """Templates of all notes in the package."""
    found = set()
    for _, tree in trees(PACKAGE):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Note":
                assert isinstance(node.args[0], ast.Constant | ast.Subscript | ast.Attribute), ast.unparse(node)
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return found


def meanings():
    """What fields say of themselves, which parksim worth and the differences of a variant tell of."""
    tables = [*KINDS.values(), Tariff, Period, Weather, Yardstick, Claim, OtherEnergy, Verdict, Site, TimeAxis]
    return {doc.meaning for table in tables for name, doc in fields_of(table).items() if name not in UNTOLD}


def of_the_rules():
    """What the rules say of themselves, and of the energy they count."""
    found = set(MISSING.values()) | {CALORIFIC} | {says for _, _, says, _ in OUTSIDE.values()}
    for clause in CLAUSES.values():
        found |= {clause.says, clause.source, *clause.doubts}
    found |= {doubt for band in BANDS for doubt in band.doubts} | set(USUAL.values())
    return found | {text for fuel in FUELS.values() for text in (fuel.title, fuel.co2_source) if text}


def words_of_results():
    """Names that results hold in English: solvers, how they count and how they end, seasons."""
    ways = {text for way in CONTESTANTS.values() for text in (way.title, way.about)}
    counted = {"pieces", "simplex", "interior", "crossover", "first-order", "HiGHS dual simplex"}
    ended = {"optimal", "time limit", "failed", "not in this build", "did not end"}
    return ways | counted | ended | SEASONS | {"the horizon is too short for pieces: solved as a whole"}


def test_all_that_comes_in_english_from_elsewhere_is_told_in_chinese():
    assert set(TOLD) == notes_of_the_code() | meanings() | of_the_rules() | words_of_results()


def test_a_missing_text_names_catalogue_and_key():
    with pytest.raises(InputError, match=r"^en\.po: has no text for the key 'no\.such\.key'\. Add an entry"):
        say("no.such.key")
    with speaking("zh"), pytest.raises(InputError, match=r"^zh\.po: has no text for the key 'no\.such\.key'\."):
        say("no.such.key")
    assert term("no.such.key", otherwise="a word") == "a word"


def test_a_gap_left_open_names_catalogue_key_and_gaps():
    with pytest.raises(InputError, match=r"^en\.po: the text of 'date.long' .*: 'month'\. .*: {day}\.$"):
        say("date.long", day=1)


@pytest.mark.parametrize("source", [b"title = 1", b'msgid "a.b"\n', b'msgid "a.b"\nmsgstr "\xff"\n'])
def test_a_file_that_is_no_catalogue_says_so(source):
    with pytest.raises(InputError, match=r"^en\.po: is no gettext catalogue: .* Write lines as"):
        catalogues._compiled(source, "en")


def test_a_catalogue_is_kept_compiled_until_its_file_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues.sys, "dont_write_bytecode", False)
    first, second = (f'msgid "a.b"\nmsgstr "{word}"\n'.encode() for word in ("one", "two"))

    def got(source):
        return catalogues._translations(source, "en", kept=tmp_path / "cache").gettext("a.b")

    assert got(first) == "one"
    compiled = catalogues._compiled
    monkeypatch.setattr(catalogues, "_compiled", pytest.fail)
    assert got(first) == "one"
    monkeypatch.setattr(catalogues, "_compiled", compiled)
    assert got(second) == "two"
    kept = tmp_path / "cache" / "texts.en.mo"
    whole = kept.read_bytes()
    for damaged in (b"", b"damaged", whole[:10], whole[: len(whole) // 2], whole[:-30] + b"\xff" * 30):
        kept.write_bytes(damaged)
        assert got(second) == "two"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["texts.en.mo"]


def test_numbers_of_things_choose_singular_and_plural():
    assert [count(n, "day") for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert count(8760, "hour") == "8\u202f760 hours"
    with speaking("zh"):
        assert [count(n, "day") for n in (1, 2)] == ["1天", "2天"]
        assert count(8760, "hour") == "8,760小时"


def test_the_language_is_that_of_the_innermost_block_and_comes_back_after_a_mistake():
    assert language() == "en"
    with speaking("zh"):
        with speaking("en"):
            assert say("tile.bought") == "Bought"
        with pytest.raises(InputError), speaking("en"):
            say("no.such.key")
        assert say("tile.bought") == "网购电量"
        assert beside("tile.bought") == ""
    assert beside("tile.bought") == "网购电量"
    assert template("page.days") == "{first} – {last}"


def test_a_language_that_there_is_not_says_which_there_are():
    with pytest.raises(InputError, match=r"language: got 'fr', must be en or zh\."), speaking("fr"):
        pass


def test_threads_speak_each_their_own_language():
    """Two threads speak at once, many times over; neither hears the other."""
    both, heard = Barrier(2), {"en": set(), "zh": set()}

    def talk(name):
        for _ in range(200):
            with speaking(name) if name == "zh" else nullcontext():
                both.wait()
                heard[name].add(say("tile.bought"))

    threads = [Thread(target=talk, args=(name,)) for name in heard]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {"en": {"Bought"}, "zh": {"网购电量"}}


def test_notes_keep_their_parts_and_are_told_in_chinese():
    note = placed(
        "weather",
        joined(Note("{file}, column {column}", file="a.csv", column="ghi"), Note("wrapped at the year's end")),
    )
    assert note == "weather: a.csv, column ghi; wrapped at the year's end"
    again = from_parts(parts(note))
    assert (again, again.template, again.values) == (note, note.template, note.values)
    assert tell(note) == note
    with speaking("zh"):
        assert tell(again) == "weather：a.csv，ghi列；跨年部分首尾相接"
        assert tell(Note("{file}, column {column}", file="wet", column="flat")) == "wet，flat列", "names are no words"
        assert tell("a text of another's component") == "a text of another's component"
        assert tell(Note("{n} things of {whose} own", n=2, whose="another's")) == "2 things of another's own"
