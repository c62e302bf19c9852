"""What users import: it resolves, loads late, and is called by keyword."""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import parksim
from parksim import api

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("highspy", "numba", "numpy", "pandas", "pvlib", "pydantic", "pyomo", "scipy", "xarray")


def loaded_after(code):
    """Packages loaded after some code in a fresh interpreter."""
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", parksim.__all__)
def test_every_public_name_resolves(name):
    assert getattr(parksim, name) is not None


def test_dir_lists_the_public_names_and_others_are_refused():
    assert dir(parksim) == sorted(parksim.__all__)
    assert len(set(parksim.__all__)) == len(parksim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'sovle'"):
        _ = parksim.sovle


def test_public_names_are_those_of_the_type_checker():
    """What the checker sees under TYPE_CHECKING is what is loaded late."""
    text = Path(parksim.__file__).read_text(encoding="utf-8")
    block = text.partition("if TYPE_CHECKING:\n")[2].partition("\n__all__")[0]
    seen = {
        name.strip() for line in block.splitlines() if "import" in line for name in line.split("import")[1].split(",")
    }
    assert seen == set(parksim.__all__)


def test_importing_parksim_loads_nothing_heavy():
    assert not loaded_after("import parksim") & set(HEAVY)


def test_help_answers_without_the_solver():
    loaded = loaded_after("import parksim.cli")
    assert not loaded & {"highspy", "numba", "pandas", "pyomo", "pvlib", "scipy", "xarray"}


def test_loading_a_park_needs_no_report_and_no_peers():
    assert not loaded_after("import parksim; parksim.load_park('two-days')") & {"jinja2", "plotly", "pypsa", "oemof"}


PUBLIC = {name: getattr(parksim, name) for name in parksim.__all__ if inspect.isfunction(getattr(parksim, name, None))}
PUBLIC |= {f"api.{name}": getattr(api, name) for name in api.__all__ if inspect.isfunction(getattr(api, name))}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_calls_are_keyword_only_after_the_first_argument(name):
    first, *rest = inspect.signature(PUBLIC[name]).parameters.values()
    assert first.default is inspect.Parameter.empty, "a required argument has no default"
    assert first.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    for parameter in rest:
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, parameter.name
    documented = inspect.getdoc(PUBLIC[name])
    assert "Raises" in documented or "Returns" in documented


def test_the_errors_carry_the_exit_codes_of_the_command_line():
    codes = {name: getattr(parksim, name).exit_code for name in parksim.__all__ if name.endswith(("Error", "Solution"))}
    assert codes == {"ParksimError": 1, "InputError": 2, "NoSolution": 3, "AuditError": 4}
    assert all(issubclass(getattr(parksim, name), parksim.ParksimError) for name in codes)
