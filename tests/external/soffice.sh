#!/usr/bin/env bash
# Converts documents with headless LibreOffice, on the project's own fonts only.
#
#   tests/external/soffice.sh TOOLS_DIR OUT_DIR FORMAT FILE...   e.g. target/external out pdf report.docx
#
# FORMAT is what LibreOffice calls it: pdf, odt, docx, or with a filter such as pdf:writer_pdf_Export.
# Every run has a throw-away profile, so runs may go side by side and no setting of the user counts;
# SOFFICE_PROFILE=DIR keeps one instead, as a person's LibreOffice would (for timing).
# The official Chinese fonts may not be passed on, so their names are mapped to the fonts of fonts/.
# exit code 0: every FILE was converted, 1: some were not, 2: could not be run.
set -euo pipefail
# LibreOffice reads Chinese file names only in a UTF-8 locale.
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { echo "soffice.sh: $*" >&2; exit 2; }
[ "$#" -ge 4 ] || fail "usage: soffice.sh TOOLS_DIR OUT_DIR FORMAT FILE..."
tools=$1 out=$2 format=$3
shift 3
fonts=$(cd "$here/../../fonts" && pwd) || fail "there is no fonts/ in the repository root"
program=$(command -v soffice || command -v libreoffice) || fail "no LibreOffice; run tests/external/install.sh $tools"
mkdir -p "$out" "$tools/fontconfig-cache"
tools=$(cd "$tools" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
profile=${SOFFICE_PROFILE:-$work/profile}
mkdir -p "$profile"
profile=$(cd "$profile" && pwd)

# Fontconfig rules: each NAME stands for the first of the FAMILIES (separated by commas) that has the character.
map() {
  local families=$1 name
  shift
  for name in "$@"; do
    printf '  <match target="pattern"><test name="family"><string>%s</string></test>' "$name"
    printf '<edit name="family" mode="assign" binding="strong"><string>%s</string></edit></match>\n' \
      "${families//,/<\/string><string>}"
  done
}

# What stands for what is as in fonts/README.md.
fontconfig() {
  cat <<XML
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>$fonts</dir>
  <cachedir>$tools/fontconfig-cache</cachedir>
XML
  map "FandolFang,cwTeXFangSong,Gongwen Rare Kai,Noto Serif SC" 仿宋_GB2312 FangSong_GB2312 仿宋 FangSong FandolFang
  map "FandolKai,Gongwen Rare Kai,Noto Serif SC" 楷体_GB2312 KaiTi_GB2312 楷体 KaiTi FandolKai
  map "Noto Sans SC" 黑体 SimHei
  map "Noto Serif SC" 宋体 SimSun
  map "Noto Serif SC SemiBold" 方正小标宋_GBK 方正小标宋简体 FZXiaoBiaoSong-B05 FZXiaoBiaoSong-B05S
  map "Liberation Serif" "Times New Roman"
  cat <<XML
  <!-- Every other name, and what a face lacks. -->
  <match target="pattern">
    <edit name="family" mode="append" binding="weak"><string>Noto Serif SC</string></edit>
  </match>
  <!-- Word thickens a face that has no bold of its own; so does this. -->
  <match target="font">
    <test name="weight" compare="less_eq"><const>medium</const></test>
    <test target="pattern" name="weight" compare="more_eq"><const>bold</const></test>
    <edit name="embolden" mode="assign"><bool>true</bool></edit>
    <edit name="weight" mode="assign"><const>bold</const></edit>
  </match>
</fontconfig>
XML
}
fontconfig >"$work/fonts.conf"

# LibreOffice ends with 0 even where it wrote nothing, so the outputs themselves are looked at.
extension=${format%%:*}
outputs=()
for file in "$@"; do
  [ -f "$file" ] || fail "there is no file $file"
  name=$(basename "$file")
  outputs+=("$out/${name%.*}.$extension")
done
rm -f -- "${outputs[@]}"

FONTCONFIG_FILE=$work/fonts.conf timeout 300 "$program" "-env:UserInstallation=file://$profile" \
  --headless --norestore --nolockcheck --convert-to "$format" --outdir "$out" "$@" \
  </dev/null >"$work/log" 2>&1 || true

status=0
for output in "${outputs[@]}"; do
  if [ -s "$output" ]; then echo "$output"; else echo "soffice.sh: $output was not written" >&2; status=1; fi
done
[ "$status" -eq 0 ] || cat "$work/log" >&2
exit "$status"
