"""The generated pages are those the code writes today; links lead somewhere, and examples give what they say."""

import doctest
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


@pytest.mark.parametrize("name", ["components.md", "park-file.md", "kernels.md", "verdict.md", "studies.md"])
def test_page_is_what_the_code_says(name):
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == generator().PAGES[name]().rstrip() + "\n", "run python docs/generate.py"


PAGES = ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), target


def examples(page):
    """Python blocks of a page, one behind the other."""
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)])
def test_examples_give_what_they_say(page, monkeypatch):
    """Blocks with prompts are held to their answers, plain ones run; all blocks of a page share their names."""
    monkeypatch.chdir(ROOT)
    names, parser = {}, doctest.DocTestParser()
    for block in examples(page):
        test = parser.get_doctest(block, names, page, page, 0)
        if not test.examples:
            exec(compile(block, page, "exec"), names)
            continue
        said = []
        runner = doctest.DocTestRunner(verbose=False)
        assert runner.run(test, out=said.append, clear_globs=False).failed == 0, "".join(said)
        names |= test.globs


def test_every_question_has_a_page_with_an_example():
    assert {page for page in PAGES if examples(page)} >= {
        "README.md",
        *(f"docs/{name}.md" for name in ("what-if", "solving", "why", "worth", "sizing", "studies", "questions")),
    }


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
