# Shorthand for what is written in .ci/run; `just` itself is not needed for anything.

# List the recipes
default:
    @just --list

# Everything that CI checks
ci:
    .ci/run

# Format, lint and test: what to run before a commit
check:
    .ci/run fmt clippy test

# What .ci/run leaves out: other systems, archives, fuzzing, benches; writes docs/verification.md
full *STEPS:
    scripts/full {{STEPS}}

# The archives that people download, in target/dist
dist *SYSTEMS:
    scripts/dist {{SYSTEMS}}

# What the program is made of, as CycloneDX 1.6
sbom OUT="target/sbom.cdx.json":
    mkdir -p "$(dirname "{{OUT}}")"
    scripts/crates.py sbom -o {{OUT}}

# docs/dependencies.md anew, after a change of Cargo.toml or Cargo.lock
crates:
    scripts/crates.py page

# The tests against LibreOffice, the Open XML SDK, veraPDF, qpdf and pdfplumber
external:
    .ci/run tools external

# Compare speed with docxtpl, docxtpl-rs and LibreOffice
peers:
    cargo build --release
    benches/peers/run.sh target/release/nianbao

# Compare `template check` with docxtpl-lint on damaged templates
lint:
    cargo build --release
    benches/lint/run.sh target/release/nianbao

# Make the pictures of letterheads in docs/img anew
pictures:
    cargo build --release
    docs/img/letterheads.sh target/release/nianbao

# Fuzz all targets, SECONDS each (needs cargo-fuzz and a nightly toolchain; docs/security.md)
fuzz SECONDS="300":
    #!/usr/bin/env bash
    set -euo pipefail
    for target in data docx template import county printing settings; do
        mkdir -p fuzz/found/$target
        nice -n 10 cargo +nightly fuzz run --sanitizer none "$target" "fuzz/found/$target" "fuzz/corpus/$target" -- \
            -max_total_time={{SECONDS}} -timeout=10 -rss_limit_mb=2048 -max_len=16384 -dict=fuzz/words.dict
    done
