#!/usr/bin/env python3
"""What the program is made of, told from Cargo.toml, Cargo.lock and `cargo metadata`.

    scripts/crates.py page [--check]                  docs/dependencies.md; with --check only says whether it is fresh
    scripts/crates.py sbom [--target T] [-o FILE]     CycloneDX 1.6 of the program for a target, fonts included
    scripts/crates.py licences [--target T] [-o FILE] the licence texts of all crates that go into the program

Nothing is asked of a network but what cargo needs to have the crates here. The same Cargo.lock gives the same bytes:
no clock, no path, no number of its own.
"""

import argparse
import collections
import difflib
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/dependencies.md"
FEATURES = ["--all-features"]
# The systems that archives are made for; what only others need is never built by us.
SYSTEMS = {"Linux": "x86_64-unknown-linux-gnu", "Windows": "x86_64-pc-windows-gnu"}
# What a source of a crate calls the files with its terms.
TERMS = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
# Terms that every copy of a crate gives in the same words; for crates whose package has no file with them.
STANDARD = {"MIT": "LICENSE-MIT", "Apache-2.0": "LICENSE-APACHE", "0BSD": "scripts/dist.d/0BSD.txt"}


def cargo(target=None):
    """What cargo knows of all packages, or of those for one target."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", *FEATURES]
    if target:
        command += ["--filter-platform", target]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def built(target):
    """Name and version of what is really built for a target, or for any. `cargo metadata` also tells of what no feature asks for."""
    command = ["cargo", "tree", "--locked", "--workspace", *FEATURES, "--edges", "normal,build,dev", "--prefix", "none"]
    command += ["--format", "{p}", "--target", target or "all"]
    ran = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    words = (line.split(" ") for line in ran.stdout.splitlines() if line)
    return {(name, version.removeprefix("v")) for name, version, *_ in words}


class Crates:
    """The packages, and which one needs which for what."""

    def __init__(self, target=None):
        data = cargo(target)
        self.packages = {package["id"]: package for package in data["packages"]}
        self.root = data["resolve"]["root"]
        # Our own packages: the engine and whatever starts it.
        self.members = set(data["workspace_members"])
        known = built(target)
        self.unbuilt = {id_ for id_, package in self.packages.items() if (package["name"], package["version"]) not in known}
        self.edges = {
            node["id"]: [
                (dep["pkg"], {kind["kind"] or "normal" for kind in dep["dep_kinds"]})
                for dep in node["deps"]
                if dep["pkg"] not in self.unbuilt
            ]
            for node in data["resolve"]["nodes"]
            if node["id"] not in self.unbuilt
        }
        lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
        self.sums = {(p["name"], p["version"]): p.get("checksum") for p in lock["package"]}

    def needs(self, package, kinds):
        """The packages that one needs for these kinds of use."""
        return [other for other, uses in self.edges[package] if uses & kinds]

    def reached(self, start, kinds):
        """Packages and all that they bring; what tests of others need is never built."""
        seen, left = set(), list(start)
        while left:
            package = left.pop()
            if package not in seen:
                seen.add(package)
                left += self.needs(package, kinds)
        return seen

    def name(self, package):
        return self.packages[package]["name"]

    def key(self, package):
        """Name and version, in the order of people."""
        version = self.packages[package]["version"]
        return self.name(package), [int(part) for part in re.findall(r"\d+", version.split("+")[0])], version

    def licence(self, package):
        return (self.packages[package].get("license") or "").replace("/", " OR ")


# ---------------------------------------------------------------------------------------------- the page


def reasons():
    """Why each direct dependency is there: the comment above it in Cargo.toml."""
    found, comment, section = {}, [], ""
    manifests = [ROOT / "Cargo.toml", *sorted(ROOT.glob("crates/*/Cargo.toml"))]
    for line in itertools.chain.from_iterable(path.read_text(encoding="utf-8").splitlines() for path in manifests):
        if head := re.match(r"\[(.*)\]\s*$", line):
            section, comment = head.group(1), []
        elif line.startswith("#"):
            comment.append(line.lstrip("# ").rstrip())
        elif (entry := re.match(r'"?([\w-]+)"?\s*=', line)) and section.endswith("dependencies"):
            found[entry.group(1)] = found.get(entry.group(1)) or " ".join(comment)
            comment = []
        else:
            comment = []
    return found


def direct(crates):
    """The direct dependencies: package, and what it is used for."""
    found = collections.defaultdict(set)
    for package, kinds in itertools.chain.from_iterable(crates.edges[member] for member in crates.members):
        found[package] |= kinds
    return {package: kinds for package, kinds in found.items() if package not in crates.members}


def family(name):
    """Typst is one project in several crates."""
    return "typst" if name.startswith("typst") else name


def bringers(crates):
    """By whom each package is brought: package → the direct dependencies that lead to it."""
    owners = collections.defaultdict(set)
    for package in direct(crates):
        for other in crates.reached([package], {"normal", "build"}):
            owners[other].add(family(crates.name(package)))
    return owners


class Page:
    """The parts of docs/dependencies.md."""

    def __init__(self):
        self.crates = Crates()
        self.owners = bringers(self.crates)
        self.first = direct(self.crates)
        self.program = self.crates.reached(self.crates.members, {"normal", "build"}) - self.crates.members
        self.systems = {}
        for system, target in SYSTEMS.items():
            crates = Crates(target)
            for package in crates.reached(crates.members, {"normal", "build", "dev"}):
                self.systems.setdefault(package, []).append(system)

    def cell(self, package):
        return f"`{self.crates.name(package)}` {self.crates.packages[package]['version']}"

    def on(self, package):
        systems = self.systems.get(package, [])
        return "all" if len(systems) == len(SYSTEMS) else ", ".join(systems) or "others"

    def head(self):
        return [
            "# Dependencies",
            "",
            "Every crate of `Cargo.lock`, by the direct dependency that brings it: `typst` stands for all crates of that project. "
            "Written by `scripts/crates.py page`; `.ci/run crates` and `tests/repo.rs` fail while it is stale.",
            "",
            f"{len(self.owners)} crates beside our own: {len(self.first)} that we asked for, and what these bring. "
            f"{len(self.program)} go into the program or its build on one system or another, the rest into tests. "
            f"{len(self.crates.unbuilt)} more stand in `Cargo.lock`, and no feature that is switched on asks for them.",
        ]

    def asked(self):
        why = reasons()
        ordered = sorted(self.first, key=self.crates.key)
        lacking = [self.crates.name(package) for package in ordered if not why.get(self.crates.name(package))]
        if lacking:
            sys.exit("Cargo.toml gives no reason (a comment above the line) for: " + ", ".join(lacking))
        lines = ["", "## Whom we asked for", "", "| crate | for | on | licence | reason |", "|---|---|---|---|---|"]
        for package in ordered:
            use = "tests" if self.first[package] == {"dev"} else "the program"
            reason = why[self.crates.name(package)]
            lines.append(f"| {self.cell(package)} | {use} | {self.on(package)} | {self.crates.licence(package)} | {reason} |")
        return lines

    def table(self, packages):
        lines = ["| crate | on | licence |", "|---|---|---|"]
        rows = (f"| {self.cell(p)} | {self.on(p)} | {self.crates.licence(p)} |" for p in sorted(packages, key=self.crates.key))
        return [*lines, *rows]

    def alone(self):
        lines = ["", "## Who brings whom"]
        for owner in sorted({family(self.crates.name(package)) for package in self.first}):
            brought = [package for package, by in self.owners.items() if by == {owner} and package not in self.first]
            if brought:
                lines += ["", f"### Only `{owner}`: {len(brought)}", "", *self.table(brought)]
        return lines

    def shared(self):
        several = [package for package, by in self.owners.items() if len(by) > 1 and package not in self.first]
        lines = ["", f"### Several: {len(several)}", "", "| crate | on | licence | brought by |", "|---|---|---|---|"]
        for package in sorted(several, key=self.crates.key):
            by = ", ".join(f"`{owner}`" for owner in sorted(self.owners[package]))
            lines.append(f"| {self.cell(package)} | {self.on(package)} | {self.crates.licence(package)} | {by} |")
        return lines

    def versions(self):
        """The crates that are there in several versions; deny.toml says why each but the newest may be."""
        deny = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))
        why = {entry["crate"]: entry["reason"] for entry in deny["bans"].get("skip", [])}
        names = collections.Counter(self.crates.name(package) for package in self.owners)
        lines = ["", "## In several versions", "", "| crate | needed by | why it may stay (`deny.toml`) |", "|---|---|---|"]
        for package in sorted((p for p in self.owners if names[self.crates.name(p)] > 1), key=self.crates.key):
            name, version = self.crates.name(package), self.crates.packages[package]["version"]
            kinds = {"normal", "build", "dev"}
            parents = {p for p in self.crates.edges if package in self.crates.needs(p, kinds)}
            by = ", ".join(f"`{self.crates.name(p)}`" for p in sorted(parents, key=self.crates.key))
            reason = why.get(f"{name}@{version}", "" if package in self.program else "tests only")
            lines.append(f"| {self.cell(package)} | {by} | {reason} |")
        return lines

    def unbuilt(self):
        if not self.crates.unbuilt:
            return []
        lines = ["", f"### Nobody: {len(self.crates.unbuilt)}", "", "| crate | licence |", "|---|---|"]
        ordered = sorted(self.crates.unbuilt, key=self.crates.key)
        return lines + [f"| {self.cell(package)} | {self.crates.licence(package)} |" for package in ordered]

    def text(self):
        lines = [*self.head(), *self.asked(), *self.versions(), *self.alone(), *self.shared(), *self.unbuilt()]
        return "\n".join(lines) + "\n"


def write_page(check):
    new = Page().text()
    if not check:
        PAGE.write_text(new, encoding="utf-8")
        return
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if old != new:
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "docs", "now", n=0))
        sys.exit("docs/dependencies.md is stale: scripts/crates.py page")


# ---------------------------------------------------------------------------------------------- the SBOM


def built_in(crates):
    """What goes into the program for the target, its build included, without ourselves."""
    return sorted(crates.reached(crates.members, {"normal", "build"}) - {crates.root}, key=crates.key)


def purl(crates, package):
    # `+` has a meaning of its own in such an address.
    return f"pkg:cargo/{crates.name(package)}@{crates.packages[package]['version'].replace('+', '%2B')}"


def component(crates, package, linked):
    data = crates.packages[package]
    entry = {
        "type": "library",
        "bom-ref": purl(crates, package),
        "name": data["name"],
        "version": data["version"],
        # What only works while the program is built is not in it.
        "scope": "required" if package in linked else "excluded",
        "purl": purl(crates, package),
    }
    if data.get("description"):
        entry["description"] = " ".join(data["description"].split())
    if sum_ := crates.sums[data["name"], data["version"]]:
        entry["hashes"] = [{"alg": "SHA-256", "content": sum_}]
    if crates.licence(package):
        entry["licenses"] = [{"expression": crates.licence(package)}]
    if data.get("repository"):
        entry["externalReferences"] = [{"type": "vcs", "url": data["repository"]}]
    return entry


def font_rows():
    """The table of fonts/README.md: file, family, origin, licence."""
    for line in (ROOT / "fonts/README.md").read_text(encoding="utf-8").splitlines():
        cells = [part.strip() for part in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0].endswith(".ttf"):
            yield cells[0], cells[1], cells[3], cells[4]


def fonts():
    """The faces that lie beside the program, as components."""
    sums = {}
    for line in (ROOT / "fonts/SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        sums[name] = digest
    entries, origin_before = [], ""
    for file, family, origin, licence in font_rows():
        origin_before = origin_before if origin == "the same" else origin
        entries.append({
            "type": "file",
            "bom-ref": f"font:{file}",
            "name": f"fonts/{file}",
            "description": f"{family}, from {origin_before.replace('`', '')}",
            "hashes": [{"alg": "SHA-256", "content": sums[file]}],
            "licenses": [{"license": {"name": licence}}],
        })
    return entries


def linked_in(crates):
    """What is in the program itself: no macros that run while it is built, nothing that only they need."""
    seen, left = set(), list(crates.members)
    while left:
        package = left.pop()
        kinds = {kind for target in crates.packages[package]["targets"] for kind in target["kind"]}
        if package not in seen and "proc-macro" not in kinds:
            seen.add(package)
            left += crates.needs(package, {"normal"})
    return seen


def sbom(target):
    crates = Crates(target)
    packages, linked = built_in(crates), linked_in(crates)
    own = crates.packages[crates.root]
    root = {
        "type": "application",
        "bom-ref": purl(crates, crates.root),
        "name": own["name"],
        "version": own["version"],
        "description": own["description"],
        "licenses": [{"expression": crates.licence(crates.root)}],
        "purl": purl(crates, crates.root),
    }
    if target:
        root["properties"] = [{"name": "nianbao:target", "value": target}]
    known, faces = set(packages), fonts()
    graph = []
    for package in [crates.root, *packages]:
        needs = sorted(set(crates.needs(package, {"normal", "build"})) & known, key=crates.key)
        on = [purl(crates, other) for other in needs]
        if package == crates.root:
            others = crates.members - {crates.root} - set(needs)
            on += sorted(purl(crates, member) for member in others)
            on += [face["bom-ref"] for face in faces]
        graph.append({"ref": purl(crates, package), "dependsOn": on})
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root},
        "components": [component(crates, package, linked) for package in packages] + faces,
        "dependencies": graph + [{"ref": face["bom-ref"], "dependsOn": []} for face in faces],
    }


# ---------------------------------------------------------------------------------------------- licences


def terms(package):
    """The files with the terms of a crate, by name."""
    folder = pathlib.Path(package["manifest_path"]).parent
    found = [path for path in folder.iterdir() if path.is_file() and TERMS.match(path.name) and path.suffix not in {".rs", ".toml"}]
    below = [folder / name for name in ("LICENSES", "licenses", "LICENSE", "license")]
    for inner in below:
        found += [path for path in inner.iterdir() if path.is_file()] if inner.is_dir() else []
    named = package.get("license_file")
    found += [folder / named] if named and (folder / named).is_file() else []
    return sorted({path.resolve(): path.name for path in found}.items(), key=lambda pair: (pair[1], str(pair[0])))


def licences(target):
    """Each text once, with the crates that it is for."""
    crates = Crates(target)
    holders, standard, linked = {}, collections.defaultdict(list), linked_in(crates)
    standard["MIT"].append("The Rust standard library (MIT OR Apache-2.0), the Rust Project Developers")
    for package in (package for package in built_in(crates) if package in linked - crates.members):
        label = f"{crates.name(package)} {crates.packages[package]['version']} ({crates.licence(package)})"
        files = terms(crates.packages[package])
        for path, _ in files:
            text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip()
            holders.setdefault(" ".join(text.split()), (text, []))[1].append(label)
        if not files:
            names = [name for name in STANDARD if name in crates.licence(package)]
            if not names:
                sys.exit(f"{label} brings no text of its licence; find it and tell this script")
            standard[names[0]].append(label)
    lines = ["The program contains these parts, each under the terms that follow its name.", ""]
    for text, labels in holders.values():
        lines += ["=" * 100, *sorted(set(labels)), "-" * 100, text, ""]
    for name, labels in sorted(standard.items()):
        own = (ROOT / STANDARD[name]).read_text(encoding="utf-8").strip()
        lines += ["=" * 100, *sorted(labels), "-" * 100]
        own = re.sub(r"^Copyright .*$", "Copyright: the authors of each", own, count=1, flags=re.MULTILINE) if name == "MIT" else own
        lines += [f"({name}; their packages bring no file with it.)", "", own, ""]
    return "\n".join(lines)


def put(text, out):
    if out:
        pathlib.Path(out).write_text(text, encoding="utf-8", newline="\n")
    else:
        sys.stdout.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["page", "sbom", "licences"])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--target")
    parser.add_argument("-o", "--out")
    ask = parser.parse_args()
    if ask.what == "page":
        write_page(ask.check)
    elif ask.what == "sbom":
        put(json.dumps(sbom(ask.target), ensure_ascii=False, indent=1) + "\n", ask.out)
    else:
        put(licences(ask.target), ask.out)


if __name__ == "__main__":
    main()
