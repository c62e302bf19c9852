"""The page's template is kept compiled: found again, never stale, and never needed."""

import sys
from importlib import import_module

import jinja2
import pytest

pages = import_module("parksim.report.pages")


def written(folder, text):
    loader = jinja2.DictLoader({"page": text})
    environment = jinja2.Environment(
        loader=loader, bytecode_cache=pages._Compiled(str(folder), "%s.jinja"), **pages.OPTIONS
    )
    return environment.get_template("page").render()


@pytest.fixture
def keeps(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.mark.usefixtures("keeps")
def test_a_kept_template_is_not_compiled_again(tmp_path, monkeypatch):
    assert written(tmp_path, "{{ 1 + 1 }}") == "2"
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.setattr(jinja2.Environment, "compile", None)
    assert written(tmp_path, "{{ 1 + 1 }}") == "2"


@pytest.mark.usefixtures("keeps")
def test_a_changed_template_or_option_is_compiled_again(tmp_path, monkeypatch):
    assert written(tmp_path, "{{ '<' }}") == "&lt;"
    assert written(tmp_path, "{{ '<<' }}") == "&lt;&lt;"
    monkeypatch.setattr(pages, "OPTIONS", pages.OPTIONS | {"autoescape": False})
    assert written(tmp_path, "{{ '<<' }}") == "<<"


@pytest.mark.usefixtures("keeps")
def test_a_folder_that_cannot_be_written_to_is_no_obstacle(tmp_path):
    assert written(tmp_path / "missing", "{{ 1 + 1 }}") == "2"
    assert not (tmp_path / "missing").exists()


def test_nothing_is_kept_where_python_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert written(tmp_path, "{{ 1 + 1 }}") == "2"
    assert list(tmp_path.iterdir()) == []
