#!/usr/bin/env python3
"""What the header of a program says.

    scripts/dist.d/program.py glibc FILE                      the highest version of glibc that an ELF program asks for
    scripts/dist.d/program.py subsystem FILE console|window   fails if a Windows program is not of this subsystem
    scripts/dist.d/program.py windows FILE                    the oldest Windows that it says it runs on, as MAJOR.MINOR
"""

import pathlib
import re
import struct
import sys

# IMAGE_SUBSYSTEM_WINDOWS_GUI and _CUI, "PE Format", optional header.
SUBSYSTEMS = {"window": 2, "console": 3}


def optional_header(program):
    """Where the optional header of a PE program begins."""
    (start,) = struct.unpack_from("<I", program, 0x3C)
    if program[start : start + 4] != b"PE\0\0":
        sys.exit("not a Windows program")
    return start + 24


def subsystem(program):
    return struct.unpack_from("<H", program, optional_header(program) + 68)[0]


def oldest_windows(program):
    return struct.unpack_from("<HH", program, optional_header(program) + 48)


def sections(elf):
    """The sections of a little-endian 64-bit ELF program: type, link, bytes."""
    (table,) = struct.unpack_from("<Q", elf, 40)
    size, count = struct.unpack_from("<HH", elf, 58)
    for number in range(count):
        kind, _, _, offset, length, link = struct.unpack_from("<IQQQQI", elf, table + number * size + 4)
        yield kind, link, elf[offset : offset + length]


def glibc_versions(elf):
    """The versions of glibc that are asked for: the names of SHT_GNU_verneed."""
    if elf[:6] != b"\x7fELF\x02\x01":
        sys.exit("not a 64-bit Linux program")
    every = list(sections(elf))
    for kind, link, needed in every:
        if kind == 0x6FFFFFFE:
            names = every[link][2]
            yield from version_names(needed, names)


def version_names(needed, names):
    at = 0
    while True:
        _, count, _, aux, after = struct.unpack_from("<HHIII", needed, at)
        entry = at + aux
        for _ in range(count):
            _, _, _, name, following = struct.unpack_from("<IHHII", needed, entry)
            yield names[name : names.index(b"\0", name)].decode()
            entry += following
        if not after:
            return
        at += after


def main(what, file, *wanted):
    program = pathlib.Path(file).read_bytes()
    if what == "glibc":
        found = [name.removeprefix("GLIBC_") for name in glibc_versions(program) if re.fullmatch(r"GLIBC_[\d.]+", name)]
        print(max(found, key=lambda version: [int(part) for part in version.split(".")]))
    elif what == "windows":
        print(".".join(map(str, oldest_windows(program))))
    elif subsystem(program) != SUBSYSTEMS[wanted[0]]:
        sys.exit(f"{file}: subsystem {subsystem(program)}, wanted {SUBSYSTEMS[wanted[0]]} ({wanted[0]})")


if __name__ == "__main__":
    main(*sys.argv[1:])
