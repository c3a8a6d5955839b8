"""Checks CycloneDX documents with the published JSON schema of CycloneDX 1.6.

    TOOLS_DIR/venv/bin/python tests/external/sbom.py TOOLS_DIR FILE...

Prints one fault a line, and at last how many components there are. Exit code 1: faults.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

# The schemas that the main one refers to, by the end of their address.
BESIDE = ("spdx", "jsf-0.82", "cryptography-defs")


def schema(folder: Path, name: str) -> dict:
    return json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text(encoding="utf-8"))


def validator(folder: Path) -> Draft7Validator:
    main = schema(folder, "bom-1.6")
    Draft7Validator.check_schema(main)
    base = main["$id"].rsplit("/", 1)[0]
    registry = Registry()
    for name in BESIDE:
        if (folder / f"{name}.SNAPSHOT.schema.json").exists():
            resource = Resource.from_contents(schema(folder, name), default_specification=DRAFT7)
            registry = registry.with_resource(f"{base}/{name}.SNAPSHOT.schema.json", resource)
    return Draft7Validator(main, registry=registry, format_checker=Draft7Validator.FORMAT_CHECKER)


def loose_ends(bom: dict) -> list[str]:
    """References of the graph that name no component, and names that are given twice: the schema cannot see them."""
    names = [bom["metadata"]["component"]["bom-ref"], *(entry["bom-ref"] for entry in bom["components"])]
    faults = [f"{name} is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    asked = {ref for entry in bom["dependencies"] for ref in (entry["ref"], *entry.get("dependsOn", []))}
    return faults + [f"{name} is in the graph only" for name in sorted(asked - set(names))]


def main(tools: str, files: list[str]) -> int:
    check, faults, components = validator(Path(tools, "cyclonedx")), 0, 0
    for file in files:
        bom = json.loads(Path(file).read_text(encoding="utf-8"))
        found = [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}" for fault in check.iter_errors(bom)]
        for fault in found + loose_ends(bom):
            print(f"{file}: {fault}")
            faults += 1
        components += len(bom["components"])
    print(f"{components} components")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
