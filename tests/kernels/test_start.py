"""A kernel found compiled on disk loads without what only compiling needs: a second less at each start."""

import subprocess
import sys

ONLY_COMPILING = ("numba.np.arraymath", "numba.typed.typeddict", "scipy.linalg")

PLANTED = """
import sys

import numpy as np

from parksim.kernels._jit import kernel


@kernel
def doubled(values):
    made = np.empty(values.size)
    for t in range(values.size):
        made[t] = 2.0 * values[t]
    return made


if __name__ == "__main__":
    print(doubled(np.array([1.5, np.nan])).tolist(), sum(doubled.stats.cache_hits.values()))
    print(*[name for name in sys.argv[1:] if name in sys.modules])
"""


def run(*arguments):
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_compiled_kernel_is_loaded_without_what_compiling_needs(tmp_path):
    script = tmp_path / "planted.py"
    script.write_text(PLANTED, encoding="utf-8")
    assert run(script, *ONLY_COMPILING) == ["[3.0, nan] 0", " ".join(ONLY_COMPILING)]
    assert run(script, *ONLY_COMPILING) == ["[3.0, nan] 1", ""]


def test_a_changed_kernel_is_compiled_again(tmp_path):
    script = tmp_path / "planted.py"
    script.write_text(PLANTED, encoding="utf-8")
    run(script)
    script.write_text(PLANTED.replace("2.0 *", "3.0 * 1.0 *"), encoding="utf-8")
    assert run(script)[0] == "[4.5, nan] 0"


def test_the_kernels_of_a_run_need_no_linear_algebra():
    """Their compiled code must not come from NumPy's own reductions, which bring all of Numba's and SciPy's."""
    code = "import sys, parksim as ps; ds = ps.solve(ps.load_park('two-days')); ps.summarise(ds); "
    code += f"print(*[name for name in {(*ONLY_COMPILING, 'parksim.kernels.bulk')!r} if name in sys.modules])"
    run("-c", code)  # compiles what is not yet compiled
    assert run("-c", code) == [""]
