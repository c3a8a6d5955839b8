#!/usr/bin/env python3
"""The identities of tables 3 and 4 of the 2021 form, checked straightforwardly in Python (tomllib).

Usage: cargo bench --no-default-features --features cli --bench check -- --dump DIR
       benches/peers/check.py DIR
"""
import pathlib
import sys
import time
import tomllib

COLUMNS = ["natural-person", "business", "research", "welfare", "legal-service", "other", "total"]
RESULTS = """granted partial state-secret law-forbids security-stability third-party internal-affairs
process-information enforcement-file query-matter not-held needs-creation still-unclear petition repeat
publication excessive confirm-or-reissue no-correction fee-unpaid other-handling""".split()
ROWS = ["received", "carried-in", *RESULTS, "handled-total", "carried-out"]
GROUPS = ["reconsideration", "direct-suit", "suit-after-reconsideration"]


def row_values(given):
    values = [given.get(c) for c in COLUMNS] if isinstance(given, dict) else list(given)
    values += [None] * (7 - len(values))
    values[:6] = [v or 0 for v in values[:6]]
    return values


def check(report):
    found = []
    table = {}
    for row in ROWS:
        values = row_values(report.get("requests", {}).get(row, [0] * 6))
        if values[6] is None:
            values[6] = sum(values[:6])
        elif values[6] != sum(values[:6]):
            found.append(("row-sum", row))
        table[row] = values
    for at, column in enumerate(COLUMNS):
        results = sum(table[row][at] for row in RESULTS)
        if "handled-total" not in report.get("requests", {}):
            table["handled-total"][at] = results
        elif table["handled-total"][at] != results:
            found.append(("results-sum", column))
        left = table["received"][at] + table["carried-in"][at]
        if left != table["handled-total"][at] + table["carried-out"][at]:
            found.append(("balance", column))
    for group in GROUPS:
        given = report.get("review", {}).get(group, {})
        parts = sum(given.get(c, 0) for c in ("upheld", "corrected", "other", "pending"))
        if given.get("total", parts) != parts:
            found.append(("review-sum", group))
    return found


def main():
    texts = [path.read_text("utf-8") for path in pathlib.Path(sys.argv[1]).glob("*.toml")]
    parse = judge = 0.0
    findings = 0
    for text in texts:
        start = time.perf_counter()
        report = tomllib.loads(text)
        middle = time.perf_counter()
        findings += len(check(report))
        parse += middle - start
        judge += time.perf_counter() - middle
    total = parse + judge
    print(f"{len(texts)} reports, {findings} findings")
    print(f"parse TOML     {1e6 * parse / len(texts):8.1f} us/report  {100 * parse / total:5.1f} %")
    print(f"check figures  {1e6 * judge / len(texts):8.1f} us/report  {100 * judge / total:5.1f} %")
    print(f"figures only   {len(texts) / total:8.0f} reports/s")


main()
