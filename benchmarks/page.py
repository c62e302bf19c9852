"""All figures of a run as one Markdown page."""

from collections.abc import Mapping
from typing import Any

from benchmarks import reach, table

Found = Mapping[str, Any]


def page(results: Found) -> str:
    """Write everything as one Markdown page."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in sorted(results["versions"].items()))
    lines = [
        "# Benchmarks",
        "",
        f"{results['date']}. {machine['cpu']}, {machine['cores']} cores, Python {machine['python']}. {versions}.",
        "",
    ]
    lines += [
        "Each engine in a process of its own. Warm: median over repeats in the warm process. First run: once, with all "
        "that happens only once. Times move from run to run; ratios within one run are what counts. All engines solve "
        "with HiGHS, the peers with its defaults and on their fastest way to it. parksim runs as installed without its "
        "extras: packages that only a peer brings are hidden from it.",
        "",
    ]
    lines += ["## What is to be reached", "", *reach.table(results)]
    lines += table.key_figures(results["runs"]) if results["runs"] else []
    lines += table.command_table(results["commands"])
    lines += reach.growth_table(results["growth"])
    lines += reach.whatif_table(results["what-ifs"])
    lines += reach.study_table(results.get("studies", []))
    lines += reach.sizing_table(results["sizing"])
    lines += table.kernel_tables(results["kernels"])
    lines += ["## Cases", ""] if results["runs"] else []
    for run in results["runs"]:
        lines += table.case_table(run)
    return "\n".join(lines)
