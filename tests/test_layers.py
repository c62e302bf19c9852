"""The plan of the house, read from the source: what may import what, where, how long, and nothing at import time."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "parksim"

LAYERS = (
    {"errors", "notes", "units", "fuels", "phases", "kernels"},
    # What is read and prepared: declarations of fields, the clock, records and readers, weather, loads, tariffs, and
    # the contract of a component. All of it is below the components and knows no LP.
    {
        "fields",
        "messages",
        "timeaxis",
        "investment",
        "limits",
        "other_energy",
        "records",
        "readers",
        "readers_pvlib",
        "matching",
        "profiles",
        "daily",
        "sun",
        "memory",
    }
    | {"weather", "calendar_cn", "shapes", "loads", "draws", "tours", "tariffs", "component"},
    {"components", "variants", "park", "parkfile", "schema", "changes", "factors", "vetting", "recipes", "synthesis"}
    | {"synthesis_weather"},
    {"lp"},
    {"inputs", "checks", "levers", "results", "slices", "output", "accounts"},
    {"api", "questions", "study", "peers"},
    {"report"},
    {"cli", "commands", "console", "web", "__main__", "__init__"},
)
"""Room to layer, the lowest first; a room is a module or a folder of the package."""

RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms} | {"testing": len(LAYERS)}

# What a room may import beyond "nothing above": narrower than its layer.
ONLY = {
    "kernels": {"kernels"},
    "errors": set(),
    "units": set(),
    "lp": {"lp", "component", "errors", "timeaxis", "units"},
    "accounts": {"accounts", "component", "errors", "kernels", "units"},
    "report": {"report", "accounts", "results", "errors", "notes", "units"},
    "__main__": {"cli"},
}
NOT_AUDIT = {"parksim.lp", "parksim.accounts", "parksim.kernels"}
READING = "parksim.accounts.reading"
"""Says in types what results are."""

OUTSIDE = {
    "highspy": {"lp"},
    "pyomo": {"lp", "peers"},
    "numba": {"kernels"},
    "pypsa": {"peers"},
    "oemof": {"peers"},
    "SALib": {"questions"},
    "tsam": {"questions"},
    "typer": {"cli", "commands"},
    "rich": {"commands", "console"},
    "jinja2": {"report"},
    "babel": {"report"},
    "plotly": {"report"},
    "scipy": {"questions", "study"},
    "zarr": {"study"},
    "numcodecs": {"study"},
    "distributed": {"study"},
    "pytest": set(),
    "hypothesis": {"testing"},
}
"""Package to the only rooms that may import it."""

KERNEL_LIBRARY = {"math", "typing", "collections", "dataclasses", "concurrent", "inspect"}
"""What kernels may import of the standard library."""

LAZY = {
    "parksim/__init__.py": "public names are loaded when first asked for",
    "parksim/commands/options.py": "help answers at once",
    "parksim/commands/parks.py": "help answers at once",
    "parksim/commands/questions.py": "help answers at once",
    "parksim/commands/solvers.py": "help answers at once",
    "parksim/commands/studies.py": "help answers at once",
    "parksim/peers/crosscheck.py": "peers are optional, and only those asked for are loaded",
    "parksim/study/runner.py": "a cluster is optional, and only a study that asks for one loads Dask",
    "parksim/questions/extra.py": "packages of the extra `study` are optional, and loaded when a question asks",
    "parksim/report/catalogue.py": "only a catalogue that changed is read with Babel, then kept compiled",
    "parksim/weather.py": "only parks with an EPW or PVGIS file pay for loading all of pvlib",
}
"""File that loads modules late, with the reason."""

AT_IMPORT = {
    "parksim/__main__.py": "is the command line",
    "parksim/lp/__init__.py": "keeps Pyomo from loading all of SciPy, a sixth of parksim's start",
}
"""File that does something when imported, with the reason."""

ASKS_ENVIRONMENT = {
    "parksim/console.py": "Python's own choice of an encoding",
    "parksim/study/local.py": "workers are started in the environment of their parent, with one thread each",
}

MAX_LINES, MAX_FUNCTION = 600, 80


def sources():
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def is_type_checking(node):
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def modules_named(node, modules):
    """Modules an import names; ``from parksim.kernels import mix`` names the module, not the package."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    return [f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules else base for alias in node.names]


def imports(tree, modules):
    """Every module named by an import, wherever it stands, and by ``import_module("...")``."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += modules_named(node, modules)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module":
            found += [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    return found


MODULES = {module_of(path) for path in sources()}
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sources()}
GRAPH = {module_of(path): imports(tree, MODULES) for path, tree in TREES.items()}

EACH = [pytest.param(path, id=name_of(path)) for path in sources()]


def test_every_room_has_a_layer():
    assert {room_of(module) for module in MODULES} <= set(RANK)
    assert len(RANK) == sum(map(len, LAYERS)) + 1, "a room stands in two layers"


@pytest.mark.parametrize("path", EACH)
def test_imports_point_down(path):
    module = module_of(path)
    own = room_of(module)
    for target in (name for name in GRAPH[module] if name.split(".")[0] == "parksim"):
        room = room_of(target)
        assert room != "testing", f"{target}: testing serves tests only"
        if module == "parksim":
            continue
        assert RANK[room] <= RANK[own], f"{own} (layer {RANK[own]}) imports {room} (layer {RANK[room]})"
        if own in ONLY:
            assert room in ONLY[own], f"{own} may import {sorted(ONLY[own])}, not {target}"


def test_no_circles():
    graph = {module: [t for t in targets if t in MODULES and t != "parksim"] for module, targets in GRAPH.items()}
    del graph["parksim"]  # names its public modules lazily
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_components_know_each_other_through_shared_files_only():
    kinds = {module for module in MODULES if module.startswith("parksim.components.")}
    shared = {module for module in kinds if module.rpartition(".")[2].startswith("_")}
    for module in kinds:
        assert set(GRAPH[module]) & kinds <= shared, module
    for module in shared:
        assert not set(GRAPH[module]) & (kinds - shared), module


def test_the_lp_knows_no_concrete_component():
    for module in (m for m in MODULES if m.startswith("parksim.lp")):
        assert not [t for t in GRAPH[module] if t.startswith("parksim.components") or t == "parksim.park"], module


def test_the_audit_shares_no_code_with_what_it_checks():
    assert not [target for target in GRAPH[READING] if target.startswith("parksim")]
    for target in set(GRAPH["parksim.accounts.audit"]) - {READING}:
        assert not any(target.startswith(part) for part in NOT_AUDIT), target


@pytest.mark.parametrize("path", EACH)
def test_outside_packages_stay_in_their_rooms(path):
    own = room_of(module_of(path))
    for target in GRAPH[module_of(path)]:
        package = target.split(".")[0]
        if package in OUTSIDE:
            assert own in OUTSIDE[package], f"{package} belongs to {sorted(OUTSIDE[package])}"
    if own == "kernels":
        packages = {target.split(".")[0] for target in GRAPH[module_of(path)]}
        assert packages <= {"numpy", "numba", "parksim"} | KERNEL_LIBRARY


@pytest.mark.parametrize("path", EACH)
def test_imports_are_absolute_and_stand_at_the_top(path):
    tree = TREES[path]
    assert not [n.lineno for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level], "relative import"
    if name_of(path) in LAZY:
        return
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    top += [node for block in tree.body if is_type_checking(block) for node in block.body]
    every = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    deferred = [node.lineno for node in every if node not in top]
    assert not deferred, f"imports inside code, lines {deferred}"
    assert "import_module" not in path.read_text(encoding="utf-8"), "loads a module by name"
    other = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom) and not is_docstring(n)]
    late = [node.lineno for node in top if other and node.lineno > other[0].lineno and not is_type_checking(other[0])]
    assert not late, f"imports below other code, lines {late}"


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def is_main_guard(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


@pytest.mark.parametrize("path", EACH)
def test_nothing_happens_at_import(path):
    """Definitions only: no statement that registers, patches, loops, or asks the environment."""
    allowed = (
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Assign,
        ast.AnnAssign,
    )
    for node in TREES[path].body:
        if isinstance(node, allowed):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            assert not any(isinstance(t, ast.Attribute | ast.Subscript) for t in targets), f"line {node.lineno} patches"
            continue
        fine = is_docstring(node) or is_type_checking(node) or is_main_guard(node) or name_of(path) in AT_IMPORT
        assert fine, f"line {node.lineno}: {ast.unparse(node)[:60]} runs at import"
    if name_of(path) not in ASKS_ENVIRONMENT:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bos\.environ\b|\bgetenv\b", text), "an environment switch"


DECORATORS = {"property", "cached_property", "classmethod", "staticmethod", "dataclass", "kernel", "cache", "lru_cache"}
DECORATORS |= {"inlined", "vector_kernel"}  # kernels compiled another way
DECORATORS |= {"field_validator", "model_validator", "contextmanager", "overload", "abstractmethod"}


@pytest.mark.parametrize("path", EACH)
def test_no_decorator_registers_anything(path):
    if room_of(module_of(path)) in {"cli", "commands"}:
        return  # typer's commands
    for node in ast.walk(TREES[path]):
        for decorator in getattr(node, "decorator_list", []):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = called.attr if isinstance(called, ast.Attribute) else called.id
            assert name in DECORATORS, f"line {decorator.lineno}: @{ast.unparse(decorator)}"


MUTATORS = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "clear", "remove", "discard"}


def names_bound(tree):
    names = set()
    for node in tree.body:
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if isinstance(target, ast.Name):
                names.add(target.id)
    return names


def changes_of(function, names):
    """Lines of a function that change something bound at module level."""
    local = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    local |= {a.arg for n in ast.walk(function) if isinstance(n, ast.arguments) for a in (*n.args, *n.kwonlyargs)}
    outer = names - local
    for node in ast.walk(function):
        changed = None
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield node.lineno
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            changed = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            changed = node.func.value
        if isinstance(changed, ast.Name) and changed.id in outer:
            yield node.lineno


@pytest.mark.parametrize("path", EACH)
def test_modules_hold_no_state(path):
    tree = TREES[path]
    names = names_bound(tree)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]
    lines = sorted({line for function in functions for line in changes_of(function, names)})
    assert not lines, f"module state is changed, lines {lines}"


@pytest.mark.parametrize("path", EACH)
def test_files_and_functions_stay_short(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= MAX_LINES, f"{lines} lines"
    for node in ast.walk(TREES[path]):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[1] if is_docstring(node.body[0]) and len(node.body) > 1 else node.body[0]
        length = node.end_lineno - first.lineno + 1
        assert length <= MAX_FUNCTION, f"{node.name}: {length} lines of code"


UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP)\b")
MACHINE_PATH = re.compile(r"""(?:^|[\s"'`(=,])/(?!/)[A-Za-z][\w.-]*/[\w.-]+""")
"""An absolute path of some machine: such a path is right on one computer only."""

WRITTEN = {".py", ".md", ".toml", ".yaml", ".yml", ".html", ".css", ".csv", ".txt", ".lp", ".cff"}


def written_files():
    folders = [ROOT / name for name in ("parksim", "parks", "profiles", "benchmarks", "tests", "docs", ".github")]
    inside = [path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*"))]
    files = [*inside, *(ROOT.glob("*.md")), *(ROOT.glob("*.toml"))]
    return [p for p in files if p.is_file() and p.suffix in WRITTEN and "__pycache__" not in p.parts]


def test_nothing_is_left_unfinished_and_no_machine_is_named():
    wrong = []
    for path in written_files():
        if path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if UNFINISHED.search(line) or MACHINE_PATH.search(line):
                wrong.append(f"{name_of(path)}:{number}: {line.strip()[:100]}")
    assert not wrong, "\n".join(wrong)


def test_the_checks_see_what_they_look_for():
    """Each pattern above finds a planted fault."""
    planted = ast.parse("STATE = {}\ndef f():\n    STATE['a'] = 1\n    STATE.update(b=2)\n")
    assert sorted(changes_of(planted.body[1], names_bound(planted))) == [3, 4]
    assert MACHINE_PATH.search('open("/home/someone/park.toml")')
    assert not MACHINE_PATH.search("CNY/MWh and https://doi.org/10.1016/j.x and a / b / c")
    assert imports(ast.parse("def f():\n    import_module('parksim.lp.highs')\n"), MODULES) == ["parksim.lp.highs"]
    assert imports(ast.parse("from parksim.kernels import mix"), MODULES) == ["parksim.kernels.mix"]
