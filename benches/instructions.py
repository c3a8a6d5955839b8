#!/usr/bin/env python3
"""Counts the instructions of fixed work with callgrind and holds them to the numbers in benches/instructions.toml.

    benches/instructions.py             builds, counts, compares; fails if there are more than the file allows
    benches/instructions.py --update    the same, and writes what was counted into the file

The work is crates/docx-fill/benches/instructions.rs: `cold` compiles a template and renders it once, `warm` renders it
again and again. Only what is called from the two functions `counted_…` is counted, so that the start of the process does
not matter. Not counted is what depends on the machine and not on our code: functions of the C library (its `memcpy` is
chosen by the processor), and deflate and CRC (zlib-rs and crc32fast are chosen by it, too). That hides what we ask of the
allocator, so its calls are counted by themselves.

What remains depends on the compiler. If this is another version or another kind of processor than the file names, the
numbers are printed and put into target/instructions.toml, and nothing is compared.
"""

import os
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = ROOT / "benches" / "instructions.toml"
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# How many per cent more a change may take.
ALLOWED = {"cold": 0.5, "cold-allocations": 0.5, "warm": 2.0, "warm-allocations": 2.0}
# Functions of the C library that give memory.
ALLOCATORS = ("malloc", "calloc", "realloc")
# Functions whose way is chosen at run time by what the processor can do.
CHOSEN_BY_PROCESSOR = re.compile(r"\b(zlib_rs|crc32fast|simd_adler32)::|^<?(zlib_rs|crc32fast)\b")
BUILD = ["cargo", "rustc", "--locked", "--release", "-p", "docx-fill", "--bench", "instructions"]


def stop(text):
    sys.exit(f"instructions: {text}")


def compiler():
    """The version of rustc and the kind of processor that it builds for."""
    lines = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout.splitlines()
    facts = dict(line.split(": ", 1) for line in lines if ": " in line)
    return f"{lines[0]}, {facts['host']}"


def build():
    """Builds the program with its symbols, by which callgrind finds the two functions, and returns its path."""
    command = [*BUILD, "--message-format=json-render-diagnostics", "--", "-C", "strip=none"]
    # Built piece by piece, the same sources give other instructions, by what was compiled before.
    environment = {**os.environ, "CARGO_INCREMENTAL": "0"}
    built = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if built.returncode:
        stop("the program does not compile")
    found = re.findall(r'"executable":"([^"]*/instructions-[^"/]+)"', built.stdout)
    return found[-1] if found else stop("cargo names no program")


def run(program, mode):
    """Returns callgrind's file of one run and the number of counted renders."""
    out = TARGET / f"callgrind.{mode}.out"
    out.unlink(missing_ok=True)
    command = [
        "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--compress-strings=no", "--compress-pos=no",
        f"--toggle-collect=*counted_{mode}*", program, mode,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode or not out.exists():
        stop(f"valgrind fails:\n{done.stderr}")
    renders = int(done.stdout.split()[1])
    return out.read_text(errors="replace"), renders


def count(text, program):
    """Returns the instructions of our own code, those that are left out, and the calls of the allocator."""
    own = left_out = allocations = 0
    ours = skip = False
    where = called = ""
    for line in text.splitlines():
        if line.startswith("ob="):
            where = line[3:]
        elif line.startswith("fn="):
            ours = where == program and not CHOSEN_BY_PROCESSOR.search(line[3:])
        elif line.startswith("cfn="):
            called = line[4:]
        elif line.startswith("calls="):
            allocations += int(line[6:].split()[0]) if ours and called in ALLOCATORS else 0
            skip = True  # The next line is what the called function cost.
        elif line[:1].isdigit() or line[:2] == "0x":
            if not skip:
                cost = int(line.split()[-1])
                own, left_out = (own + cost, left_out) if ours else (own, left_out + cost)
            skip = False
    return own, left_out, allocations


def measure():
    """Counts both kinds of work; a warm number is that of one render."""
    program = build()
    numbers = {}
    for mode in ("cold", "warm"):
        text, renders = run(program, mode)
        own, left_out, allocations = count(text, program)
        if own == 0 or allocations == 0:
            stop(f"callgrind saw nothing of counted_{mode}; does the program still have that function?")
        times = renders if mode == "warm" else 1
        numbers[mode] = own // times
        numbers[f"{mode}-allocations"] = allocations // times
        print(f"{mode}: {own // times:,} instructions and {allocations // times:,} allocations "
              f"(besides {left_out // times:,} instructions of the C library and of deflate)")
    return numbers


def write(path, version, numbers):
    lines = [
        "# Instructions of fixed work, held by `.ci/run instructions`; `benches/instructions.py --update` writes this file.",
        f'compiler = "{version}"',
        *(f"{mode} = {number}" for mode, number in numbers.items()),
    ]
    path.write_text("\n".join(lines) + "\n")


def compare(numbers, recorded):
    """Returns what is wrong, one line each."""
    wrong = []
    for mode, number in numbers.items():
        before = recorded[mode]
        change = (number - before) / before * 100
        print(f"{mode}: {change:+.2f} % (at most +{ALLOWED[mode]} %)")
        if change > ALLOWED[mode]:
            wrong.append(f"{mode} is {number:,}, the file has {before:,}: {change:+.2f} %, at most +{ALLOWED[mode]} % is allowed")
    return wrong


def main():
    if sys.argv[1:] not in ([], ["--update"]):
        stop("usage: benches/instructions.py [--update]")
    version = compiler()
    numbers = measure()
    if sys.argv[1:]:
        write(RECORD, version, numbers)
        print(f"written: {RECORD.relative_to(ROOT)}")
        return
    recorded = tomllib.loads(RECORD.read_text())
    if recorded["compiler"] != version:
        other = TARGET / "instructions.toml"
        write(other, version, numbers)
        print(f"NOT COMPARED: the file is of {recorded['compiler']}, this is {version}. What was counted is in {other}; "
              "to compare from now on: benches/instructions.py --update on a commit that is known to be good.")
        return
    wrong = compare(numbers, recorded)
    if wrong:
        stop("\n  ".join(["too many:", *wrong, "find the place: callgrind_annotate target/callgrind.MODE.out",
                          "if the work is worth it: benches/instructions.py --update, and say in the commit why"]))


if __name__ == "__main__":
    main()
