"""The tutorial, followed to the letter by a newcomer in an empty folder."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[1] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^\[components\.load\].*?(?=^# ----)", re.MULTILINE | re.DOTALL)


def run(command, folder):
    """Run a command of the page; give all it prints."""
    program, *arguments = command.split()
    assert program == "parksim"
    done = subprocess.run(
        [sys.executable, "-m", "parksim", *arguments], cwd=folder, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


def assert_shown(expected, printed):
    """Hold what is printed to what the page shows; ``...`` stands for any text."""
    pieces = [re.escape(" ".join(piece.split())) for piece in expected.split("...")]
    assert re.search(".*".join(pieces), " ".join(printed.split())), f"{expected}\n--- was ---\n{printed}"


@pytest.fixture(scope="module")
def blocks():
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def test_the_tutorial_is_true(blocks, tmp_path):
    park = tmp_path / "my-park.toml"
    toml = iter([text for sort, text in blocks if sort == "toml"])
    printed, failed = "", False
    for sort, text in blocks:
        if sort == "sh":
            ended = [run(command, tmp_path) for command in text.strip().splitlines()]
            printed = "\n".join(said for _, said in ended)
            failed = any(code for code, _ in ended)
            if "eff_in: got 94" in printed:
                assert failed
                park.write_text(park.read_text(encoding="utf-8").replace("eff_in = 94", "eff_in = 0.94"), "utf-8")
            else:
                assert not failed, printed
        elif sort == "text":
            assert_shown(text, printed)
        elif sort == "py":
            subprocess.run([sys.executable, "-c", text], cwd=tmp_path, check=True)
        elif sort == "toml":
            own = next(toml)
            if own.startswith("base"):
                (tmp_path / "big-battery.toml").write_text(own, "utf-8")
                continue
            changed, count = LINE.subn(own + "\n", park.read_text(encoding="utf-8"))
            assert count == 1
            # Section 3 asks for a mistake before its command.
            park.write_text(changed.replace("eff_in = 0.94", "eff_in = 94"), "utf-8")
    for name in ("report.html", "result.xlsx", "result.nc", "summary.json", "worth.html"):
        assert (tmp_path / "my-park-results" / name).stat().st_size > 1000
