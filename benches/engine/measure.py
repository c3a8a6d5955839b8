"""Times our engine and its peers on the document of job.py, in turns, and prints Markdown. Called by run.sh.

Every round runs each contender once, so that whatever else the machine does falls on all of them alike. A warm
document is timed by the contender itself, from the JSON text to the finished bytes in memory; a cold one is a whole
process. The ratios are those of each round, and their median is told: a busy minute changes both sides of a ratio.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / "peers"
sys.path.insert(0, str(PEERS))

from measure import Sample, cold, crate_version, figure, machine, output_of, paragraphs, warm  # noqa: E402


@dataclass
class Contender:
    """One engine: how it is called for one and for many documents, and what was measured."""

    name: str
    version: str
    once: list[str]
    many: list[str]
    out: Path | None
    cold: list[Sample] = field(default_factory=list)
    # The samples of each round.
    warm: list[list[Sample]] = field(default_factory=list)
    peak_mb: tuple[float | None, float | None] = (None, None)


def contenders(args: argparse.Namespace) -> list[Contender]:
    """All of them; the slow one has fewer documents."""
    work, bench = args.work, str(args.bench)
    job = work / "job"
    program = str(work / "cargo" / "release" / "nianbao")
    npm = work / "npm" / "node_modules"
    one, many = str(job / "one.jsonl"), str(job / "many.jsonl")

    def out(name: str) -> Path:
        return work / f"{name}.docx"

    def jinja(name: str, *words: str, data: str = many) -> tuple[list[str], list[str]]:
        line = [*words, str(job / "jinja.docx")]
        return [*line, one, str(out(name))], [*line, data, str(out(name))]

    def node(name: str, template: str) -> tuple[list[str], list[str]]:
        line = ["node", str(HERE / "job.mjs"), name, str(npm), str(job / template)]
        return [*line, one, str(out(name))], [*line, many, str(out(name))]

    def python(name: str, data: str = many) -> tuple[list[str], list[str]]:
        return jinja(name, str(work / name / "bin" / "python"), str(PEERS / "docxtpl_job.py"), data=data)

    ours = str(job / "handlebars.docx")
    calls = {
        "nianbao": ([program, "fill", ours, str(job / "data.json"), "-o", str(out("nianbao"))],
                    [bench, "job", ours, many, str(out("nianbao-warm"))]),
        "floor": ([bench, "floor", ours, one, str(out("nianbao"))], [bench, "floor", ours, many, str(out("nianbao"))]),
        "docxtpl": python("docxtpl", str(job / "few.jsonl")),
        "rust-docxtpl": python("rust-docxtpl"),
        "docxtpl-rs": jinja("docxtpl-rs", str(work / "cargo" / "release" / "docxtpl-rs-job")),
        "docxtplrs": jinja("docxtplrs", str(work / "cargo" / "release" / "docxtplrs-job")),
        "docxtemplater": node("docxtemplater", "curly.docx"),
        "easy-template-x": node("easy-template-x", "curly.docx"),
        "carbone": node("carbone", "carbone.docx"),
    }
    return [Contender(name, version(name, work, program), *calls[name], None if name == "floor" else out(name))
            for name in args.engines]


def version(name: str, work: Path, program: str) -> str:
    """As each tells it."""
    if name == "nianbao":
        return output_of([program, "--version"]).split()[-1]
    if name == "floor":
        return ""
    if name in ("docxtpl-rs", "docxtplrs"):
        return crate_version(name)
    package = work / "npm" / "node_modules" / name / "package.json"
    if package.exists():
        return json.loads(package.read_text(encoding="utf-8"))["version"]
    code = f"import importlib.metadata as m; print(m.version('{name}'))"
    return output_of([str(work / name / "bin" / "python"), "-c", code])


def peak_mb(command: list[str]) -> float | None:
    """The most memory that a command held, where GNU time is installed."""
    if not (timer := shutil.which("time")):
        return None
    with tempfile.NamedTemporaryFile("r") as told:
        subprocess.run([timer, "-f", "%M", "-o", told.name, *command], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return int(told.read().split()[-1]) / 1024


def compare(found: list[Contender], work: Path) -> str:
    """Whether every engine wrote the same text; empty paragraphs that it left are counted, not held against it."""
    expected = json.loads((work / "job" / "expected.json").read_text(encoding="utf-8"))
    words = [text for text in expected if text]
    notes = []
    for contender in found:
        if contender.out is None:
            continue
        texts = paragraphs(contender.out)
        if [text for text in texts if text] != words:
            sys.exit(f"measure.py: {contender.name} wrote another text; a comparison of unequal documents is worth nothing")
        if len(texts) != len(expected):
            notes.append(f"{contender.name} left {len(texts) - len(expected)} empty ones more")
    return f"All wrote the same {len(words)} paragraphs of text{'; ' + ', '.join(notes) if notes else ''}."


def wall(samples: list[Sample]) -> float:
    """The median wall time."""
    return statistics.median(sample.wall_ms for sample in samples)


def cpu(samples: list[Sample]) -> float:
    """The mean CPU time."""
    return statistics.fmean(sample.cpu_ms or 0.0 for sample in samples)


def ratio(base: Contender | None, other: Contender) -> str:
    """How many times as fast as the base, in wall and in CPU time: medians of the rounds' ratios."""
    if base is None:
        return "–"
    ratios = [[measure(a) / max(measure(b), 1e-9) for a, b in zip(base.warm, other.warm, strict=True)] for measure in (wall, cpu)]
    return " / ".join(figure(statistics.median(rounds)) for rounds in ratios)


def table(found: list[Contender]) -> str:
    """One line an engine, and the base of the ratios where it took part."""
    base = next((contender for contender in found if contender.name == "docxtpl"), None)
    lines = [
        "| engine | version | cold wall ms, min | median | cold CPU ms | warm wall ms, min | median | warm CPU ms | × docxtpl (wall / CPU) "
        "| peak MB cold / warm |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in found:
        every = [sample for samples in one.warm for sample in samples]
        cells = [one.name, one.version, figure(min(sample.wall_ms for sample in one.cold)), figure(wall(one.cold)),
                 figure(statistics.median(sample.cpu_ms or 0.0 for sample in one.cold)),
                 figure(min(sample.wall_ms for sample in every)), figure(statistics.median(map(wall, one.warm))),
                 figure(statistics.median(map(cpu, one.warm))), ratio(base, one),
                 " / ".join(figure(peak) for peak in one.peak_mb)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def aims(found: list[Contender]) -> str:
    """The ratios that issue 3 asks for."""
    by_name = {contender.name: contender for contender in found}
    ours, floor = by_name.get("nianbao"), by_name.get("floor")
    if ours is None:
        return ""
    lines = ["| aim | reached (wall / CPU) |", "|---|--:|"]
    if "docxtpl" in by_name:
        lines.append(f"| warm, times docxtpl ≥ 150 | {ratio(by_name['docxtpl'], ours)} |")
    others = [one for one in found if one.name not in ("nianbao", "floor", "docxtpl")]
    if others:
        fastest = min(others, key=lambda one: statistics.median(map(wall, one.warm)))
        lines.append(f"| warm, times the fastest other ({fastest.name}) | {ratio(fastest, ours)} |")
    if floor:
        lines.append(f"| warm, times the floor ≤ 1.6 | {ratio(ours, floor)} |")
    lines.append(f"| cold ms < 10 | {figure(wall(ours.cold))} / {figure(statistics.median(s.cpu_ms or 0.0 for s in ours.cold))} |")
    return "\n".join(lines)


def own(args: argparse.Namespace) -> str:
    """What is measured of our engine alone: threads, memory, compiling."""
    template, data = str(args.work / "job" / "handlebars.docx"), str(args.work / "job" / "data.jsonl")
    bench = str(args.bench)
    runs = [json.loads(line) for line in output_of([bench, "threads", template, data]).splitlines()]
    lines = ["| threads | documents a second, best turn | median | CPU ms a document |", "|--:|--:|--:|--:|"]
    best, spent = {}, {}
    for threads in (1, 2):
        found = [run for run in runs if run["threads"] == threads]
        rates = [run["per_second"] for run in found]
        best[threads], spent[threads] = max(rates), statistics.median(run["cpu_ms"] for run in found)
        lines.append(f"| {threads} | {figure(best[threads])} | {figure(statistics.median(rates))} | {figure(spent[threads])} |")
    lines.append(f"\nTwo threads do {best[2] / best[1]:.2f} times what one does, best turn to best turn; by the CPU time that a document "
                 f"takes, it would be {2 * spent[1] / spent[2]:.2f} times on two idle cores. Aim ≥ 1.8.\n")
    memory = [json.loads(line) for line in output_of([bench, "memory", template, data]).splitlines()]
    lines += ["| after renders | memory MB |", "|--:|--:|"]
    lines += [f"| {step['renders']:,} | {step['rss_kb'] / 1024:.1f} |" for step in memory if "renders" in step]
    lines.append(f"\nMost at any time: {memory[-1]['peak_kb'] / 1024:.1f} MB.\n\n{output_of([bench, 'compile'])}")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """The command line that run.sh gives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder that run.sh filled")
    parser.add_argument("--bench", type=Path, required=True, help="the built benches/engine.rs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--documents", type=int, default=200, help="documents a warm run")
    parser.add_argument("--slow-documents", type=int, default=40, help="the same for docxtpl")
    parser.add_argument("engines", nargs="+")
    return parser.parse_args()


def main() -> None:
    """A round that does not count, then the rounds that do."""
    args = arguments()
    heading = machine()
    job = args.work / "job"
    lines = (job / "data.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    # One more than counted: the first pays for preparing the template.
    (job / "many.jsonl").write_text("".join(lines[: args.documents + 1]), encoding="utf-8")
    (job / "few.jsonl").write_text("".join(lines[: args.slow_documents + 1]), encoding="utf-8")
    found = contenders(args)
    for contender in found:
        cold(contender.once)
    words = compare(found, args.work)
    for number in range(args.rounds):
        for contender in found:
            contender.cold += [cold(contender.once)[0] for _ in range(3)]
            contender.warm.append(warm(contender.many))
        print(f"round {number + 1} of {args.rounds}", file=sys.stderr)
    for contender in found:
        contender.peak_mb = (peak_mb(contender.once), peak_mb(contender.many))
    tools = f"node {re.sub('^v', '', output_of(['node', '--version']))}, {output_of(['rustc', '--version']).rsplit(' (', 1)[0]}"
    print(f"Machine: {heading}, {tools}. Rounds: {args.rounds}, in turns; documents a warm run: {args.documents}, docxtpl "
          f"{args.slow_documents}; cold runs a round: 3.\n")
    print(f"The job: {(args.work / 'job.txt').read_text(encoding='utf-8').strip()}. {words}\n")
    print(table(found) + "\n\n" + aims(found))
    if "nianbao" in args.engines:
        print("\n" + own(args))


if __name__ == "__main__":
    main()
