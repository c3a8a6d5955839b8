#!/bin/sh
# Puts the icon 年报 into the menu and on the desktop of whoever runs this; it starts the program in this very folder.
# Nothing else is changed. `./install.sh --remove` takes it away again.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
menu="${XDG_DATA_HOME:-$HOME/.local/share}/applications"
desktop=$(xdg-user-dir DESKTOP 2>/dev/null || echo "$HOME/Desktop")
if [ "${1:-}" = "--remove" ]; then
  rm -f "$menu/nianbao.desktop" "$desktop/nianbao.desktop"
  echo "年报的图标已删去"
  exit 0
fi
[ -x "$here/nianbao" ] && [ -d "$here/fonts" ] || {
  echo "请先解压：nianbao 和 fonts 要与 install.sh 在同一个文件夹里" >&2
  exit 2
}
# In Exec, within double quotes, these characters need a backslash, which the file's own syntax doubles; % is doubled.
program=$(printf '%s' "$here/nianbao" | sed -e 's/[\\"`$]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g')
mkdir -p "$menu"
PROGRAM="$program" HERE="$here" awk '
  /^Exec=/ { print "Exec=\"" ENVIRON["PROGRAM"] "\" drop -- %F"; next }
  /^Icon=/ { print "Icon=" ENVIRON["HERE"] "/nianbao.svg"; next }
  { print }
' "$here/nianbao.desktop" > "$menu/nianbao.desktop"
if [ -d "$desktop" ]; then
  cp "$menu/nianbao.desktop" "$desktop/nianbao.desktop"
  chmod +x "$desktop/nianbao.desktop"
  # Some desktops start only icons that are marked as trusted.
  gio set "$desktop/nianbao.desktop" metadata::trusted true 2>/dev/null || true
fi
echo "已在菜单和桌面放好“年报”的图标：把文件拖到它上面"
