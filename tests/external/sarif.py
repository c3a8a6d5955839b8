"""Checks SARIF logs with the published JSON schema of SARIF 2.1.0.

    TOOLS_DIR/venv/bin/python tests/external/sarif.py TOOLS_DIR FILE...

Prints one fault a line, and at last how many results there are. Exit code 1: faults.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jsonschema import Draft4Validator


def main(tools: str, files: list[str]) -> int:
    schema = json.loads(Path(tools, "sarif", "sarif-2.1.0.json").read_text(encoding="utf-8"))
    Draft4Validator.check_schema(schema)
    validator = Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)
    faults, results = 0, 0
    for file in files:
        log = json.loads(Path(file).read_text(encoding="utf-8"))
        for fault in validator.iter_errors(log):
            print(f"{file}: {'/'.join(map(str, fault.absolute_path))}: {fault.message}")
            faults += 1
        rules = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
        for result in log["runs"][0]["results"]:
            results += 1
            if result["ruleId"] not in rules:
                print(f"{file}: the rule {result['ruleId']} is not described")
                faults += 1
    print(f"{results} results")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
