"""What the figures were measured on: kind of processor, cores, Python. Nothing that names the machine."""

import os
import platform
from pathlib import Path


def cpu_name() -> str:
    """Name the kind of processor."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Count the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe() -> dict[str, str | int]:
    """Describe the machine."""
    return {"cpu": cpu_name(), "cores": cores(), "system": platform.system(), "python": platform.python_version()}
