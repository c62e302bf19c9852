"""Texts and the code that asks for them: no key without a text, no text without a use."""

import ast
import re
from importlib.resources import files
from io import BytesIO

import pytest
from babel.messages.pofile import read_po

from parksim.errors import InputError
from parksim.report import catalogue as catalogues
from parksim.report.catalogue import LANGUAGES, read
from parksim.report.words import count, say, term

FOLDER = files("parksim.report")
ASKING = {"say", "term", "text", "beside"}
"""Functions whose first argument is a key, or the begin of one."""

FIELD = re.compile(r"\{([^{}]*)\}")


def entries(name):
    """Key to its texts, one per plural form."""
    found = read_po(BytesIO((FOLDER / "texts" / f"{name}.po").read_bytes()), locale=name, abort_invalid=True)
    texts = {}
    for message in found:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts[key] = [message.string] if isinstance(message.string, str) else list(message.string)
    return texts


ENTRIES = {name: entries(name) for name in LANGUAGES}


def pattern_of(node):
    """Pattern of the keys an expression may be, None where the code alone does not tell."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [re.escape(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = pattern_of(node.left), pattern_of(node.right)
        return [a + b for a in left for b in right] if left and right else None
    if isinstance(node, ast.IfExp):
        parts = [pattern_of(node.body), pattern_of(node.orelse)]
        return [pattern for part in parts if part for pattern in part] or None
    return None


def asked_for():
    """Patterns of all keys that code and templates name, with the place of each."""
    found = {}
    for entry in FOLDER.iterdir():
        source = entry.read_text(encoding="utf-8") if entry.name.endswith((".py", ".j2")) else ""
        if entry.name.endswith(".j2"):
            for quoted, tail in re.findall(r"""(?:say|beside)\(["']([\w.-]+)["'](\s*~)?""", source):
                found.setdefault(re.escape(quoted) + (".+" if tail else ""), entry.name)
            continue
        for node in ast.walk(ast.parse(source or "")):
            name = getattr(getattr(node, "func", None), "id", getattr(getattr(node, "func", None), "attr", ""))
            if isinstance(node, ast.Call) and name in ASKING and node.args:
                for pattern in pattern_of(node.args[0]) or []:
                    found.setdefault(pattern, f"{entry.name}:{node.lineno}")
    return found


def named_anywhere():
    """Patterns of every literal in code and templates, since keys also stand in tables and variables."""
    found = set(asked_for())
    for entry in FOLDER.iterdir():
        if entry.name.endswith(".py"):
            for node in ast.walk(ast.parse(entry.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp | ast.IfExp):
                    found |= set(pattern_of(node) or [])
        elif entry.name.endswith(".j2"):
            found |= {re.escape(quoted) for quoted in re.findall(r"""["']([\w.-]+)["']""", entry.read_text("utf-8"))}
    return {pattern for pattern in found if pattern.replace(".+", "")}


def test_every_key_asked_for_has_a_text():
    keys = [*ENTRIES["en"], *(f"calendar.{name}" for name in ("month.1", "month_short.1", "weekday.0"))]
    missing = {p: at for p, at in asked_for().items() if not any(re.fullmatch(p, key) for key in keys)}
    assert missing == {}


def test_every_text_is_asked_for():
    asked = [re.compile(pattern) for pattern in named_anywhere()]
    assert [key for key in ENTRIES["en"] if not any(pattern.fullmatch(key) for pattern in asked)] == []


@pytest.mark.parametrize("name", LANGUAGES)
def test_gaps_are_plain_names_and_keys_stand_once(name):
    for key, texts in ENTRIES[name].items():
        assert "." in key, key
        for text in texts:
            assert all(gap.isidentifier() for gap in FIELD.findall(text)), key
            assert text not in {"", key}
    source = (FOLDER / "texts" / f"{name}.po").read_text(encoding="utf-8")
    keys = re.findall(r'^msgid "(.+)"$', source, flags=re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(ENTRIES[name])


def test_a_missing_text_names_catalogue_and_key():
    with pytest.raises(InputError, match=r"^en\.po: has no text for the key 'no\.such\.key'\. Add an entry"):
        say("no.such.key")
    assert term("no.such.key", otherwise="a word") == "a word"


def test_a_gap_left_open_names_catalogue_key_and_gaps():
    with pytest.raises(InputError, match=r"^en\.po: the text of 'date.long' .*: 'month'\. .*: {day}\.$"):
        say("date.long", day=1)


@pytest.mark.parametrize("source", [b"title = 1", b'msgid "a.b"\n', b'msgid "a.b"\nmsgstr "\xff"\n'])
def test_a_file_that_is_no_catalogue_says_so(source):
    with pytest.raises(InputError, match=r"^en\.po: is no gettext catalogue: .* Write lines as"):
        read(source, "en")


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
