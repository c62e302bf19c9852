"""The generated pages are those the code writes today; links and commands in the README work."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def generator():
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["components.md", "park-file.md", "kernels.md", "verdict.md"])
def test_page_is_what_the_code_says(name):
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == generator().PAGES[name]().rstrip() + "\n", "run python docs/generate.py"


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), target


def test_readme_says_of_yibin_what_the_run_says():
    pages = generator()
    block = pages.yibin_block(*pages.yibin_runs())
    assert block in (ROOT / "README.md").read_text(encoding="utf-8"), "run python docs/generate.py"


def test_readme_opens_with_the_two_commands():
    block = re.search(r"```[a-z]*\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    assert block[1].strip().splitlines() == [
        "pip install . && parksim run parks/yibin.toml",
        "pip install '.[test]' && pytest",
    ]
