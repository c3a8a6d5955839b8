"""Builds many reports with nianbao, with docxtpl and with LibreOffice, and prints Markdown. Called by run.sh."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shlex
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@dataclass
class Run:
    """What a process cost."""

    wall: float
    cpu: float
    peak_mb: float

    def row(self, name: str, count: int) -> str:
        return (
            f"| {name} | {count} | {count / self.wall:.1f} | {self.wall * 1e3 / count:.2f} "
            f"| {self.cpu * 1e3 / count:.2f} | {self.peak_mb:.0f} |"
        )


def note_peaks(pid: int, peaks: dict[int, float]) -> None:
    """Notes the most memory that a process and its children had so far; Linux only."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return
    for line in status.splitlines():
        if line.startswith("VmHWM"):
            peaks[pid] = int(line.split()[1]) / 1024
    for child in " ".join(children).split():
        note_peaks(int(child), peaks)


def run(*commands: list[str]) -> Run:
    """Runs commands side by side. CPU time is that of all processes, memory the sum of what each had at most."""
    peaks: dict[int, float] = {}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with open(os.devnull, "wb") as null:
        processes = [subprocess.Popen(command, stdin=null, stdout=null, stderr=null) for command in commands]
        while any(process.poll() is None for process in processes):
            for process in processes:
                note_peaks(process.pid, peaks)
            # Often at the beginning; later seldom, since looking takes time from those that are measured.
            time.sleep(0.02 if time.perf_counter() - start < 0.5 else 0.2)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    for command, process in zip(commands, processes):
        if process.returncode:
            sys.exit(f"measure.py: {' '.join(command[:4])} … ended with {process.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, sum(peaks.values()))


class Ours:
    """nianbao on the first reports of the folder."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.inputs = sorted(str(path) for path in (args.work / "in").glob("*/*"))
        self.runs = 0

    def build(self, count: int, to: str, jobs: int, fresh: bool = True, shards: int = 1) -> Run:
        # Each in a folder of its own: for seconds after many files were deleted, ext4 is slow to make new ones.
        self.runs += fresh
        out, listed = self.args.work / f"out/{self.runs}", self.args.work / "list.txt"
        listed.write_text("\n".join(self.inputs[:count]) + "\n")
        command = [str(self.args.nianbao), "build", "--from-list", str(listed), "-o", str(out), "--to", to]
        command += ["--jobs", str(jobs)]
        done = run(*([*command, "--shard", f"{i}/{shards}"] for i in range(1, shards + 1)))
        made = sum(1 for path in out.iterdir() if path.suffix in (".docx", ".pdf"))
        if made != count * len(to.split(",")):
            sys.exit(f"measure.py: {made} files of {count} reports ({to})")
        return done


def alone(args: argparse.Namespace) -> float:
    """Milliseconds in which a report that was read before becomes a Word document."""
    done = subprocess.run([*shlex.split(args.bench), "--word"], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[0])


def peers(args: argparse.Namespace) -> tuple[list[tuple[str, int, Run]], float]:
    """docxtpl in one warm process with our Word documents right before and after it, then LibreOffice in one call
    for all its files."""
    folder, python = args.work / "peers", sys.executable
    jinja = [python, str(ROOT / "benches/peers/jinja.py"), str(ROOT / "templates/2019/report.docx")]
    contexts = []
    for number, line in enumerate((args.work / "contexts.jsonl").read_text().splitlines()):
        (folder / "context.json").write_text(line)
        made = [str(folder / "jinja.docx"), str(folder / "jinja.json")]
        subprocess.run([*jinja, str(folder / "context.json"), *made], check=True, stdout=subprocess.DEVNULL)
        contexts.append(json.dumps(json.loads((folder / "jinja.json").read_text()), ensure_ascii=False))
    (folder / "contexts.jsonl").write_text("\n".join(contexts) + "\n")
    docx = folder / "docx"
    docx.mkdir()
    fill = [python, str(HERE / "docxtpl_batch.py"), str(folder / "jinja.docx"), str(folder / "contexts.jsonl"), str(docx)]
    before = [alone(args) for _ in range(5)]
    out = [("docxtpl, one process: Word", args.subset, run(fill))]
    drawn = statistics.median([*before, *(alone(args) for _ in range(5))])
    files = sorted(str(path) for path in docx.iterdir())
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    office = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder / "pdf")]
    run([*office, files[0]])  # Makes the profile.
    out.append(("LibreOffice, one call: Word → PDF", args.subset, run([*office, *files])))
    made = len(list((folder / "pdf").iterdir()))
    if made != args.subset:
        sys.exit(f"measure.py: LibreOffice made {made} files")
    return out, drawn


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--nianbao", type=Path, required=True)
    parser.add_argument("--bench", required=True, help="the command of the benchmark `render`")
    parser.add_argument("--reports", type=int, required=True)
    parser.add_argument("--subset", type=int, required=True)
    parser.add_argument("--growth-to", required=True)
    parser.add_argument("--jobs", type=int, nargs="+", required=True)
    parser.add_argument("--rounds", type=int, required=True, help="of the runs with different numbers of jobs, in turns")
    parser.add_argument("--growth", type=int, nargs="*", default=[])
    args = parser.parse_args()
    ours = Ours(args)

    print(f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}, "
          f"load at the start {os.getloadavg()[0]:.2f}.\n")
    print("| | reports | a second | wall ms each | CPU ms each | peak MB |\n|---|--:|--:|--:|--:|--:|")
    runs: dict[tuple[str, int], Run] = {}
    rates: dict[str, list[tuple[float, float]]] = {}
    for to in ("docx", "docx,pdf"):
        rounds = []
        for _ in range(args.rounds):
            # What the machine gives: processes that know nothing of each other, each with its share.
            apart = ours.build(args.reports, to, 1, shards=args.jobs[-1])
            rounds.append([*(ours.build(args.reports, to, jobs) for jobs in args.jobs), apart])
        rates[to] = [(one[0].wall / one[-2].wall, one[0].wall / one[-1].wall) for one in rounds]
        for jobs, taken in zip(args.jobs, zip(*rounds)):
            # The median round.
            runs[to, jobs] = done = sorted(taken, key=lambda run: run.wall)[(args.rounds - 1) // 2]
            print(done.row(f"nianbao, {to.replace(',', ' + ')}, {jobs} at once", args.reports), flush=True)
    again = ours.build(args.reports, "docx,pdf", args.jobs[-1], fresh=False)
    print(again.row("nianbao, the same again, nothing changed", args.reports), flush=True)
    others, drawn = peers(args) if args.subset else ([], 0.0)
    for name, count, done in others:
        print(done.row(name, count), flush=True)

    first, last = args.jobs[0], args.jobs[-1]
    docx, both = (runs[to, first].cpu * 1e3 / args.reports for to in ("docx", "docx,pdf"))
    parts = dict(line.split(": ") for line in (args.work / "split.txt").read_text().splitlines())
    layout, export = (float(parts[name].split()[0]) for name in ("layout", "export"))
    share = (both - docx) / (layout + export)
    print(f"\nCPU of a report, {first} at once: {both:.1f} ms = Word {docx:.2f} + Typst layout {layout * share:.1f} "
          f"+ PDF export {export * share:.1f} (the PDF's share split as the benchmark's own clock splits it).")
    for to, each in rates.items():
        (ours_told, ours_rate), (apart_told, apart_rate) = (
            (", ".join(f"{rate:.2f}" for rate in one), statistics.median(one)) for one in zip(*each)
        )
        print(f"{to}: {last} at once do {ours_rate:.2f} times what {first} does (rounds: {ours_told}); "
              f"{last} processes side by side, each with its share: {apart_rate:.2f} times ({apart_told}).")
    if others:
        fill, convert = (done.cpu * 1e3 / count for _, count, done in others)
        print(f"Reports a CPU second, Word and PDF: {(fill + convert) / both:.1f} times docxtpl with LibreOffice; "
              f"Word with reading, checking and files: {fill / docx:.0f} times docxtpl, which gets its values ready made; "
              f"Word from a report that was read before ({drawn:.2f} ms): {fill / drawn:.0f} times.")
    if args.growth:
        print(f"\n| {args.growth_to} | a second | CPU ms each | peak MB |\n|--:|--:|--:|--:|")
        for count in args.growth:
            done = ours.build(count, args.growth_to, last)
            cells = (count / done.wall, done.cpu * 1e3 / count, done.peak_mb)
            print(f"| {count} | {cells[0]:.1f} | {cells[1]:.2f} | {cells[2]:.0f} |", flush=True)


if __name__ == "__main__":
    main()
