#!/usr/bin/env python3
"""Adds up counties of several sizes with `nianbao collect` and prints Markdown.

    benches/county/measure.py target/release/nianbao --units 300 1000 3000 10000

Each county has a register of all its units. Figures and texts of all units differ; every tenth unit is the office of
another one and continues its name, every twentieth has a misspelt name, which the register lacks. Needs Linux.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "samples" / "yunyan-2025" / "report.toml"
# Characters of names and texts.
LETTERS = "".join(chr(0x4E00 + 7 * number) for number in range(2000))


def words(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(count))


def unit_name(rng: random.Random, number: int, names: list[str]) -> str:
    if number % 10 == 9:
        return names[number - 1] + "办公室"
    return f"云溪县{words(rng, 3)}{rng.choice(['镇人民政府', '局', '中心', '街道办事处'])}"


def misspelt(name: str) -> str:
    return name[:4] + "误" + name[5:]


def write_county(folder: Path, count: int) -> None:
    """Writes the units' reports and the register."""
    rng = random.Random(17)
    sample = SAMPLE.read_text(encoding="utf-8")
    units = folder / "units"
    units.mkdir(parents=True)
    names: list[str] = []
    register = ['year = 2025\n[organ]\nname = "云溪县人民政府"\nlevel = "county"\n']
    for number in range(count):
        name = unit_name(rng, number, names)
        while name in names[-20:]:
            name = unit_name(rng, number, names)
        names.append(name)
        register.append(f'[[unit]]\nname = "{name}"\n')
        own = misspelt(name) if number % 20 == 5 else name
        text = re.sub(r'^name +=.*$', f'name = "{own}"', sample, count=1, flags=re.M)
        # Decisions of its own, which no other figure depends on, and sentences of its own.
        text = re.sub(r"^licensing .*$", f"licensing = {{ decisions = {number + 1} }}", text, flags=re.M)
        text = re.sub(r"。", lambda _: f"，{words(rng, 6)}。", text)
        (units / f"{number:05}.toml").write_text(text, encoding="utf-8")
    (folder / "register.toml").write_text("".join(register), encoding="utf-8")


def run(binary: Path, folder: Path, register: bool) -> tuple[float, float, float]:
    """Returns wall seconds, CPU seconds and the peak of memory in MB of one run."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [str(binary), "collect", str(folder / "units"), "-o", str(out)]
    if register:
        command += ["--units", str(folder / "register.toml")]
    with open(os.devnull, "wb") as null:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=null, stderr=null)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: {status}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--units", type=int, nargs="+", default=[300, 1000, 3000, 10000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "county")
    arguments = parser.parse_args()
    print("| units | register | wall s | CPU s | CPU ms a unit | peak MB | kB a unit |")
    print("|--:|---|--:|--:|--:|--:|--:|")
    for count in arguments.units:
        folder = arguments.work / str(count)
        if not (folder / "register.toml").exists():
            shutil.rmtree(folder, ignore_errors=True)
            write_county(folder, count)
        for register in (True, False):
            runs = [run(arguments.binary, folder, register) for _ in range(arguments.rounds)]
            wall, cpu, peak = (statistics.median(values) for values in zip(*runs))
            told = "yes" if register else "no"
            print(
                f"| {count} | {told} | {wall:.2f} | {cpu:.2f} | {cpu * 1e3 / count:.2f} "
                f"| {peak:.0f} | {peak * 1e3 / count:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
