"""Times nianbao and its peers on one document, in turns, and prints a Markdown table. Called by run.sh.

Every round runs each contender once, so that whatever else the machine does falls on all of them alike.
Wall time and CPU time (user and system, with all child processes) of a cold run are those of the whole process;
a warm run times itself from the data's text to the finished bytes in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BATCH = 20

COLD, WARM, PDF = "Word, one process a document", "Word, one process for all", "PDF"


@dataclass
class Sample:
    """What one document cost."""

    wall_ms: float
    cpu_ms: float | None = None


@dataclass
class Contender:
    """One line of the table."""

    group: str
    name: str
    version: str
    measure: Callable[[], list[Sample]]
    is_base: bool = False
    samples: list[Sample] = field(default_factory=list)


# ---- measuring -------------------------------------------------------------------------------------------------


def cold(command: list[str], documents: int = 1, env: dict[str, str] | None = None) -> list[Sample]:
    """Runs a command once and divides its cost by the number of documents that it makes."""
    start = time.perf_counter()
    with open(os.devnull, "wb") as null:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=null, env=os.environ | (env or {}))
    # No memory is told: ru_maxrss of a child is never less than that of the Python that started it.
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"measure.py: {shlex.join(command)} ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return [Sample(wall * 1e3 / documents, cpu * 1e3 / documents)]


def warm(command: list[str]) -> list[Sample]:
    """Runs a command that prints one timing a document. The first one pays for preparing the template."""
    return [Sample(**json.loads(line)) for line in output_of(command).splitlines()][1:]


class OwnBench:
    """nianbao's own benchmark, which prints {"docx_us": …, "pdf_ms": …} for each document and tells no CPU time."""

    def __init__(self, command: list[str]) -> None:
        self.command = [*command, "--json"]
        self.lines: list[dict[str, float]] = []

    def docx(self) -> list[Sample]:
        """Runs the benchmark once a round, for both figures."""
        self.lines = [json.loads(line) for line in output_of(self.command).splitlines() if line.startswith("{")]
        return [Sample(line["docx_us"] / 1e3) for line in self.lines if "docx_us" in line]

    def pdf(self) -> list[Sample]:
        """The other figure of the run that `docx` made just before."""
        return [Sample(line["pdf_ms"]) for line in self.lines if "pdf_ms" in line]


# ---- the contenders --------------------------------------------------------------------------------------------


def filled(command: str, **names: str) -> list[str]:
    """A command line from its words, in which {data} and the like stand for paths."""
    return [word.format(**names) for word in shlex.split(command)]


def nianbao(args: argparse.Namespace) -> list[Contender]:
    """nianbao cold, and warm by its own benchmark. None without a binary."""
    if not args.nianbao:
        return []
    version = output_of([args.nianbao, "--version"]).split()[-1]
    folder = args.work / "nianbao"
    folder.mkdir(exist_ok=True)
    names = {"nianbao": args.nianbao, "data": args.data, "out": str(folder)}
    docx, pdf = filled(args.nianbao_docx, **names), filled(args.nianbao_pdf, **names)
    found = [
        Contender(COLD, "nianbao", version, lambda: cold(docx)),
        Contender(PDF, "nianbao, data → Word and PDF/A, cold", version, lambda: cold(pdf)),
    ]
    if args.nianbao_bench:
        bench = OwnBench(shlex.split(args.nianbao_bench))
        found += [
            Contender(WARM, "nianbao", version, bench.docx),
            Contender(PDF, "nianbao, data → PDF/A, warm", version, bench.pdf),
        ]
    return found


def jinja_engines(args: argparse.Namespace) -> list[Contender]:
    """docxtpl and docxtpl-rs, cold and warm, on the template and the data that jinja.py made."""
    work = args.work
    jobs = {
        "docxtpl": ([sys.executable, str(HERE / "docxtpl_job.py")], output_of(
            [sys.executable, "-c", "import importlib.metadata as m; print(m.version('docxtpl'))"])),
        "docxtpl-rs": ([str(args.docxtpl_rs)], crate_version("docxtpl-rs")),
    }
    found = []
    for name, (job, version) in jobs.items():
        tail = str(work / f"{name}.docx")
        once = [*job, str(work / "jinja.docx"), str(work / "one.jsonl"), tail]
        many = [*job, str(work / "jinja.docx"), str(work / "many.jsonl"), tail]
        base = name == "docxtpl"
        found.append(Contender(COLD, name, version, lambda once=once: cold(once), base))
        found.append(Contender(WARM, name, version, lambda many=many: warm(many), base))
    return found


def libreoffice(args: argparse.Namespace) -> list[Contender]:
    """LibreOffice from a finished Word file to PDF: one file a call, and many in one call."""
    finished = args.work / "docxtpl.docx"
    copies = [args.work / "copies" / f"{number}.docx" for number in range(BATCH)]
    (args.work / "copies").mkdir(exist_ok=True)
    env = {"SOFFICE_PROFILE": str(args.work / "profile")}
    version = output_of(["soffice", "--version"]).split()[1]
    command = [str(ROOT / "tests" / "external" / "soffice.sh"), str(args.tools), str(args.work / "libreoffice"), "pdf"]

    def batch() -> list[Sample]:
        for copy in copies:
            shutil.copyfile(finished, copy)
        return cold([*command, *map(str, copies)], BATCH, env)

    return [
        Contender(PDF, "LibreOffice, Word → PDF, one a call", version,
                  lambda: cold([*command, str(finished)], 1, env), is_base=True),
        Contender(PDF, f"LibreOffice, Word → PDF, {BATCH} in one call, each", version, batch),
    ]


def output_of(command: list[str]) -> str:
    """What a command prints, run in the repository root."""
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def crate_version(crate: str) -> str:
    """The version of a crate in the lock file of its job."""
    lines = (HERE / crate / "Cargo.lock").read_text(encoding="utf-8").splitlines()
    return lines[lines.index(f'name = "{crate}"') + 1].split('"')[1]


# ---- the data --------------------------------------------------------------------------------------------------


def vary(value: Any, by: int) -> Any:
    """The same data with other figures, so that no document of a warm run is the one before."""
    if isinstance(value, dict):
        return {key: vary(inner, by) for key, inner in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        return value + by
    return value


def write_contexts(work: Path, documents: int) -> None:
    """one.jsonl for the cold runs, many.jsonl for the warm ones; the first line is the data as it is."""
    context = json.loads((work / "jinja.json").read_text(encoding="utf-8"))
    # One more than counted: the first pays for preparing the template.
    lines = [json.dumps(vary(context, by), ensure_ascii=False) for by in range(documents + 1)]
    (work / "one.jsonl").write_text(lines[0] + "\n", encoding="utf-8")
    (work / "many.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def paragraphs(docx: Path) -> list[str]:
    """The text of each paragraph of a Word file."""
    with zipfile.ZipFile(docx) as package:
        root = ElementTree.fromstring(package.read("word/document.xml"))
    return ["".join(text.text or "" for text in paragraph.iter(W + "t")) for paragraph in root.iter(W + "p")]


def compare_outputs(work: Path) -> str:
    """Whether the Word files say the same; a comparison of unequal documents is worth nothing."""
    files = [work / "docxtpl.docx", work / "docxtpl-rs.docx", *sorted((work / "nianbao").glob("**/*.docx"))]
    texts = {str(file.relative_to(work)): paragraphs(file) for file in files if file.exists()}
    first = next(iter(texts.values()))
    for name, text in texts.items():
        if text != first:
            pairs = [f"{a!r} / {b!r}" for a, b in zip(first, text, strict=False) if a != b]
            return f"**{name} differs**: {len(text)} paragraphs, not {len(first)}; {'; '.join(pairs[:3])}"
    return f"The Word files of {', '.join(texts)} hold the same {len(first)} paragraphs."


# ---- the table -------------------------------------------------------------------------------------------------


def figure(value: float | None) -> str:
    """Three significant digits."""
    return "–" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def median(values: list[float]) -> float | None:
    """The median, or None of nothing."""
    return statistics.median(values) if values else None


def table(contenders: list[Contender]) -> str:
    """The groups as one Markdown table."""
    lines = [
        "| | version | wall ms, min | wall ms, median | CPU ms, min | CPU ms, median | times as fast | n |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for group in (COLD, WARM, PDF):
        members = [member for member in contenders if member.group == group]
        base = next(member for member in members if member.is_base)
        base_wall = statistics.median(sample.wall_ms for sample in base.samples)
        lines.append(f"| **{group}** (1 = {base.name}) | | | | | | | |")
        lines += [row(member, base_wall) for member in members]
    return "\n".join(lines)


def row(member: Contender, base_wall: float) -> str:
    """One contender's line."""
    wall = [sample.wall_ms for sample in member.samples]
    cpu = [sample.cpu_ms for sample in member.samples if sample.cpu_ms is not None]
    middle = statistics.median(wall)
    cells = [member.name, member.version, figure(min(wall)), figure(middle), figure(min(cpu, default=None)),
             figure(median(cpu)), figure(base_wall / middle), str(len(wall))]
    return f"| {' | '.join(cells)} |"


def machine() -> str:
    """Processor, cores, system, date and how busy it was."""
    models = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    load = os.getloadavg()[0]
    return (f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores, {platform.system()} "
            f"{platform.release()}, Python {platform.python_version()}, {date.today()}, load at the start {load:.2f}")


def arguments() -> argparse.Namespace:
    """The command line that run.sh gives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with jinja.docx and jinja.json")
    parser.add_argument("--tools", type=Path, required=True, help="folder that install.sh filled")
    parser.add_argument("--docxtpl-rs", type=Path, required=True, help="the binary docxtpl-rs-job")
    parser.add_argument("--nianbao", default="", help="the binary; without it only the peers are timed")
    parser.add_argument("--nianbao-bench", default="", help="command of nianbao's own benchmark")
    parser.add_argument("--nianbao-docx", default="", help="command with {nianbao}, {data} and {out}")
    parser.add_argument("--nianbao-pdf", default="", help="the same for Word and PDF")
    parser.add_argument("--data", default="", help="the data file that stands for {data}")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--documents", type=int, default=20, help="documents a warm run")
    return parser.parse_args()


def main() -> None:
    """A round that does not count, then the rounds that do."""
    args = arguments()
    heading = machine()
    shutil.rmtree(args.work / "nianbao", ignore_errors=True)
    write_contexts(args.work, args.documents)
    contenders = [*nianbao(args), *jinja_engines(args), *libreoffice(args)]
    for number in range(args.rounds + 1):
        for contender in contenders:
            samples = contender.measure()
            if number > 0:
                contender.samples += samples
        print(f"round {number} of {args.rounds}", file=sys.stderr)
    print(f"Machine: {heading}. Rounds: {args.rounds}, in turns, {args.documents} documents a warm run.\n")
    print(compare_outputs(args.work) + "\n")
    print(table(contenders))


if __name__ == "__main__":
    main()
