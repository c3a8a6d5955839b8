# Owns the compilers that the archives need beside the machine's own: where they are and how they get there.
# Sourced by scripts/dist and scripts/full. `cannot` ends the caller's step with exit code 75.
# shellcheck shell=bash

NIANBAO_TOOLS=${NIANBAO_TOOLS:-/opt/nianbao-tools}
FORKY=${FORKY:-$NIANBAO_TOOLS/forky}
zig_packages=(cargo-zigbuild==0.24.1 ziglang==0.17.1)

have() { command -v "$1" >/dev/null 2>&1; }

cannot() {
  echo "cannot run here: $*" >&2
  exit 75
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# Debian packages of this machine.
need_debian() {
  local missing=() package
  for package in "$@"; do dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package"); done
  [ "${#missing[@]}" -gt 0 ] || return 0
  have apt-get || cannot "no apt-get; needed: ${missing[*]}"
  is_root || cannot "needs root to install ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null \
    || cannot "apt-get could not install ${missing[*]}"
}

# zig as linker and cargo-zigbuild, which calls it; from PyPI.
need_zig() {
  local venv=$NIANBAO_TOOLS/venv
  if [ "$(cat "$venv/installed.txt" 2>/dev/null)" = "${zig_packages[*]}" ]; then return; fi
  mkdir -p "$NIANBAO_TOOLS" || cannot "no folder $NIANBAO_TOOLS; say another with NIANBAO_TOOLS"
  python3 -m venv "$venv" || cannot "python3 with venv is needed"
  "$venv/bin/pip" install --quiet --no-input --disable-pip-version-check "${zig_packages[@]}" \
    || cannot "PyPI has no ${zig_packages[*]} for this machine"
  printf '%s' "${zig_packages[*]}" >"$venv/installed.txt"
}

# Whether the machine's own compiler can build for a target: its standard library is here, and the linker.
has_target() {
  local folder
  folder=$(rustc --print target-libdir --target "$1" 2>/dev/null) && [ -d "$folder" ] || return 1
  case $1 in
    *-windows-gnu) have x86_64-w64-mingw32-gcc ;;
    *) true ;;
  esac
}

# Debian forky in a folder: rustc with its sources, mingw, and the standard library for arm64.
need_forky() {
  is_root || cannot "a folder with Debian forky needs root"
  have apt-get || cannot "a folder with Debian forky needs debootstrap, which is Debian's"
  if [ ! -e "$FORKY/installed.txt" ]; then
    need_debian debootstrap
    [ -x "$FORKY/usr/bin/apt-get" ] \
      || debootstrap --variant=minbase --include=ca-certificates forky "$FORKY" http://deb.debian.org/debian /usr/share/debootstrap/scripts/sid \
      || cannot "debootstrap could not make $FORKY"
    forky_mounts
    forky_packages || cannot "the compilers could not be installed into $FORKY"
    touch "$FORKY/installed.txt"
  fi
  forky_mounts
  if [ ! -x "$FORKY/opt/zig/zig" ]; then
    need_zig
    mkdir -p "$FORKY/opt/zig"
    cp -a "$NIANBAO_TOOLS"/venv/lib/python3*/site-packages/ziglang/. "$FORKY/opt/zig/"
    cp "$NIANBAO_TOOLS/venv/bin/cargo-zigbuild" "$FORKY/usr/local/bin/"
  fi
}

forky_packages() {
  # A mirror may be a copy of some weeks ago; what it holds is signed all the same.
  local apt="env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Check-Valid-Until=false"
  cp -L /etc/ssl/certs/ca-certificates.crt "$FORKY/etc/ssl/certs/ca-certificates.crt"
  chroot "$FORKY" dpkg --add-architecture arm64 &&
    chroot "$FORKY" $apt update &&
    chroot "$FORKY" $apt install -y --no-install-recommends rustc cargo rust-src gcc libc6-dev gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64 \
      libstd-rust-dev:arm64 libc6:arm64 libgcc-s1:arm64 >/dev/null
}

forky_mounts() {
  local folder
  cp -L /etc/resolv.conf "$FORKY/etc/resolv.conf"
  for folder in proc dev; do
    mountpoint -q "$FORKY/$folder" || mount --bind "/$folder" "$FORKY/$folder" || cannot "may not mount /$folder into $FORKY"
  done
}

# Copies what git knows of the work tree into the folder, with its times, so that cargo builds only what changed.
forky_sources() {
  # Somebody's own work tree may be mounted there.
  ! mountpoint -q "$FORKY/nianbao" || cannot "$FORKY/nianbao is a mount; unmount it"
  rm -rf "$FORKY/nianbao"
  mkdir -p "$FORKY/nianbao"
  git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory="$FORKY/nianbao"
}

# Runs a command in the folder, in the copy of the work tree: [NAME=VALUE...] COMMAND.
in_forky() {
  chroot "$FORKY" env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/root LC_ALL=C.UTF-8 CARGO_TERM_COLOR=never CARGO_NET_RETRY=5 \
    sh -c 'cd /nianbao && exec env "$@"' sh "$@"
}
