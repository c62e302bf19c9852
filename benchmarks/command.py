"""The whole command ``parksim run FILE``: from start to files written, and its memory above the bare imports.

This module loads nothing but the standard library, because a process passes its own memory on to the record of those
it starts.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.drivers import HIDDEN

_PLAIN = """
import sys
for name in {hidden!r}:
    sys.modules[name] = None
""".format(hidden=HIDDEN["parksim"])

_COMMAND = (
    _PLAIN
    + """
from parksim.cli import main
main()
"""
)

_TELL = (
    _PLAIN
    + """
from benchmarks.phases import memory_peak_mb
"""
)

_RUN = (
    _TELL
    + """
before = set(sys.modules)
from parksim.cli import main
try:
    main(["run", sys.argv[1], "--out", sys.argv[2], "--quiet"])
except SystemExit as ended:
    if ended.code:
        raise
import json
names = [name for name in sys.modules if name not in before and not name.startswith("__")]
print(json.dumps({"peak_mb": memory_peak_mb(), "modules": names}))
"""
)

_IMPORT = (
    _TELL
    + """
import contextlib, importlib, json, time
begin = time.perf_counter()
for name in json.load(sys.stdin):
    with contextlib.suppress(Exception):
        importlib.import_module(name)
print(json.dumps({"bare_imports_mb": memory_peak_mb(), "imports_s": time.perf_counter() - begin}))
"""
)


def _python(code: str, *arguments: str, given: str | None = None) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        msg = f"a process of the benchmark failed:\n{done.stderr}"
        raise RuntimeError(msg)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _timed(park: str, folder: str) -> tuple[float, float]:
    """Run the command; gives its time on the wall and of the processor [s]."""
    begin, cpu = time.perf_counter(), _children_cpu_s()
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, "run", park, "--out", folder, "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds, cpu_seconds = time.perf_counter() - begin, _children_cpu_s() - cpu
    if done.returncode:
        msg = f"parksim run {park} failed with exit code {done.returncode}:\n{done.stderr}"
        raise RuntimeError(msg)
    return seconds, cpu_seconds


def measure(park: str, *, repeats: int) -> dict[str, Any]:
    """Measure ``parksim run`` on a park, with compiled kernels on disk.

    Parameters
    ----------
    park
        File or name of a shipped park.
    repeats
        Number of timed runs; one untimed run comes before them.

    Returns
    -------
    dict
        Samples and median [s], memory of the run and of the same imports without a run [MB], files and their size.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = _python(_RUN, park, folder)
        imports = _python(_IMPORT, given=json.dumps(run.pop("modules")))
        samples = [_timed(park, folder) for _ in range(repeats)]
        files = {file.name: file.stat().st_size for file in sorted(Path(folder).iterdir())}
        summary = json.loads(Path(folder, "summary.json").read_text(encoding="utf-8"))
    above = run["peak_mb"] - imports["bare_imports_mb"]
    return {
        "park": park,
        "seconds": [wall for wall, _ in samples],
        "cpu_seconds": [cpu for _, cpu in samples],
        "median_s": median(wall for wall, _ in samples),
        "median_cpu_s": median(cpu for _, cpu in samples),
        "phases_s": summary.get("solver", {}).get("seconds", {}),
        **run,
        **imports,
        "above_imports_mb": above,
        "files_bytes": files,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], repeats=int(sys.argv[2]))) + "\n")
