#!/usr/bin/env python3
"""Writes what a step of scripts/full saw into docs/verification.md, in place of what an earlier run saw.

    scripts/full.d/verification.py STEP EXIT_CODE SECONDS LOG
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/verification.md"
HEAD = """# Verification

What `scripts/full` saw, step by step: what `.ci/run` leaves out because it takes long or needs root, mounts or other
compilers. A section is of the commit that it names; whoever changes what a step covers runs the step again on the very
commit and leaves the section here.
"""
CANNOT = 75
# What the page may differ in from the commit that it tells of.
PAGES = {"docs/verification.md"}


def git(*args):
    return subprocess.run(["git", *args], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def commit():
    """The commit, and whether the work tree is it."""
    # Two letters of standing and a blank come before the name.
    changed = {line[3:] for line in git("status", "--porcelain", "--untracked-files=no").splitlines()} - PAGES
    name = git("rev-parse", "HEAD").strip()
    return f"`{name}`" + (f", with changes in {len(changed)} files" if changed else "")


def machine():
    rustc = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    return f"rustc {rustc}, {len(__import__('os').sched_getaffinity(0))} cores"


def section(step, code, seconds, log):
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    seen = [line.removeprefix("seen: ") for line in lines if line.startswith("seen: ")]
    sums = [line.removeprefix("sum: ") for line in lines if line.startswith("sum: ")]
    if code == CANNOT:
        verdict = next((line for line in reversed(lines) if line.startswith("cannot run here")), "cannot run here")
    else:
        verdict = "passed" if code == 0 else f"**FAILED**, exit code {code}"
    out = [f"## {step}", "", f"Commit {commit()}; {seconds} s; {machine()}: {verdict}.", ""]
    out += [f"* {line}" for line in seen]
    if sums:
        out += ["", "```text", *sums, "```"]
    return "\n".join(out).rstrip() + "\n"


def main(step, code, seconds, log):
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    head, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    by_name = {part.split("\n", 1)[0].removeprefix("## "): part for part in sections}
    by_name[step] = section(step, int(code), seconds, pathlib.Path(log))
    PAGE.write_text("\n".join([head.rstrip() + "\n", *(part.rstrip() + "\n" for part in by_name.values())]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
