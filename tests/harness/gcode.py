"""Small models. `G4` makes the virtual printer wait for real, so the length of a print is the sum of its `G4`."""

from __future__ import annotations


def paced(steps: int = 60, step_ms: int = 50, *, name: str = "model") -> str:
    """A print of `steps` equal steps, so that progress is even over the file."""
    lines = [f"; {name}", "G28", "G1 X1 Y1 Z0.2 F6000"]
    for step in range(steps):
        lines.append(f"G4 P{step_ms} ; step {step:04d}")
    return "\n".join(lines) + "\n"


def with_m73(steps: int = 60, step_ms: int = 50) -> str:
    """The same with `M73`, as PrusaSlicer and its relatives write it: percent done and minutes left."""
    lines = ["; sliced with remaining times", "M73 P0 R3", "G28"]
    for step in range(steps):
        percent = step * 100 // steps
        left = 3 * (steps - step) // steps + 1
        lines += [f"M73 P{percent} R{left}", f"G4 P{step_ms} ; step {step:04d}"]
    lines.append("M73 P100 R0")
    return "\n".join(lines) + "\n"


def tiny(name: str = "tiny") -> str:
    """A file to upload, over in no time when printed."""
    return f"; {name}\nG28\nG4 P10\n"
