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

# The tests against LibreOffice, the Open XML SDK, veraPDF, qpdf and pdfplumber
external:
    .ci/run tools external

# Compare speed with docxtpl, docxtpl-rs and LibreOffice
peers:
    cargo build --release
    benches/peers/run.sh target/release/nianbao
