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

# Compare `template check` with docxtpl-lint on damaged templates
lint:
    cargo build --release
    benches/lint/run.sh target/release/nianbao

# Make the pictures of letterheads in docs/img anew
pictures:
    cargo build --release
    docs/img/letterheads.sh target/release/nianbao
