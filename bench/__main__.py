"""`python -m bench`: measures, and prints one table; `make bench` calls it.

A program in Rust that measures the rest is named with `--native`; each line that it prints on stdout is a figure. It
finds in its environment what makes the other half of its comparison: `BENCH_PILLOW`, the command of `pillow_side.py`
without its folder as a JSON list, with `--quick` also `BENCH_QUICK=1`, and with `--only` also `BENCH_ONLY`. The exit
code is 0 whether limits hold or not; it is another one when something could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import octoprint_side
from bench.figures import Figure, read, table

NATIVE_SECONDS = 900
NATIVE_GROUPS = ("deliveries", "disk", "backlog", "pictures")
"""What the program in Rust measures one by one."""


def main() -> int:
    """Measures all that was asked for."""
    options = _options()
    if options.native is not None and not options.native.exists():
        sys.exit(f"There is no {options.native}; `make bench` builds it.")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="octohooks-bench-") as folder:
        for group in octoprint_side.measure(Path(folder), quick=options.quick, only=options.only):
            figures += group
            _say(f"{len(figures)} figures so far; the latest is: {group[-1].name}.")
    if options.native is not None and options.only not in octoprint_side.GROUPS:
        figures += _native(options.native, quick=options.quick, only=options.only)
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text("".join(figure.to_json() + "\n" for figure in figures), encoding="utf-8")
    _say("\n" + table(figures))
    return 0


def _native(program: Path, *, quick: bool, only: str | None) -> list[Figure]:
    pillow = [sys.executable, str(Path(__file__).with_name("pillow_side.py"))]
    environment = os.environ | {"BENCH_PILLOW": json.dumps(pillow)}
    environment |= ({"BENCH_QUICK": "1"} if quick else {}) | ({"BENCH_ONLY": only} if only else {})
    command = [str(program.resolve())]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment, timeout=NATIVE_SECONDS
    )
    return read(done.stdout.splitlines())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="What the plugin costs, each figure beside its limit.")
    parser.add_argument("--native", type=Path, metavar="PROGRAM", help="the program that measures the Rust side")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the figures go as JSON lines")
    parser.add_argument("--quick", action="store_true", help="a minute instead of five, with wider spreads")
    groups = [*octoprint_side.GROUPS, *NATIVE_GROUPS]
    parser.add_argument("--only", choices=groups, metavar="GROUP", help=f"one group by itself: {', '.join(groups)}")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
