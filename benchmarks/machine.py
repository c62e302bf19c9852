"""What the figures were measured on: kind of processor, cores, Python. Nothing that names the machine."""

import os
import platform
import shutil
import subprocess

ASKED = (("lscpu",), ("sysctl", "-n", "machdep.cpu.brand_string"))
"""Commands that name the processor on Linux and on macOS."""


def cpu_name() -> str:
    """Name the kind of processor."""
    for command in ASKED:
        if shutil.which(command[0]) is None:
            continue
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
        lines = [line for line in done.stdout.splitlines() if ":" not in line or line.startswith("Model name:")]
        if done.returncode == 0 and lines:
            return lines[0].removeprefix("Model name:").strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Count the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe() -> dict[str, str | int]:
    """Describe the machine."""
    return {"cpu": cpu_name(), "cores": cores(), "system": platform.system(), "python": platform.python_version()}
