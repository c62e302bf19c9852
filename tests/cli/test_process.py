"""The command line as a process of its own: exit codes, streams, locales, signals."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import parksim

HOME = Path(parksim.__file__).resolve().parents[1]


def start(*arguments, folder, program=("-m", "parksim"), **variables):
    paths = os.pathsep.join([str(HOME), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths, **variables},
    )


def test_a_slip_is_one_line_on_standard_error_and_exit_code_2(tmp_path):
    (tmp_path / "park.toml").write_text("[park]\nname = small\n", encoding="utf-8")
    process = start("run", "park.toml", folder=tmp_path)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (2, b"")
    assert err.decode().splitlines() == [
        "park.toml: line 2: is not valid TOML: Invalid value, in 'name = small'. Write lines as key = value, text in "
        "quotes, and tables as [name]."
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["park.toml"]


def test_a_plain_locale_does_not_stop_chinese_names(tmp_path):
    process = start(
        *("check", "two-days"),
        folder=tmp_path,
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
        PYTHONIOENCODING="",
    )
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b"")
    assert "两日示例" in out.decode("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_with_130_and_leaves_nothing(tmp_path):
    program = (
        "import time\n"
        "from parksim import cli\n"
        "from parksim.questions import references\n"
        "def slow(*_, **__):\n"
        "    print('solving', flush=True)\n"
        "    time.sleep(60)\n"
        "references.run = slow\n"
        "cli.main(['run', 'two-days'])\n"
    )
    process = start(folder=tmp_path, program=("-c", program))
    assert process.stdout.readline() == b"solving\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"Stopped.\n")
    assert list(tmp_path.iterdir()) == []


def test_other_engines_do_not_talk_into_the_json(tmp_path):
    pytest.importorskip("pypsa")
    process = start("crosscheck", "two-days", "--peer", "pypsa", "--json", folder=tmp_path)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (0, b"")
    assert json.loads(out)["engines"]["pypsa"]["problem"] == ""
