#!/usr/bin/env python3
"""Packs a folder so that the same files give the same bytes: in order of names, all with the time of the commit.

    SOURCE_DATE_EPOCH=SECONDS scripts/dist.d/pack.py FOLDER ARCHIVE.zip|ARCHIVE.tar.gz

Puts SHA256SUMS of all other files into the folder first. In a .zip texts for people get what old editors of Windows
need: a byte order mark and CR LF.
"""

import gzip
import hashlib
import io
import os
import pathlib
import sys
import tarfile
import time
import zipfile

# Texts at the top of the archive, which people open by a double click.
FOR_PEOPLE = "*.txt"
PROGRAMS = {"nianbao", "nianbao.exe", "年报.exe", "install.sh"}


def files(folder):
    """The files of a folder with their names in the archive, in order."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted((path.relative_to(folder.parent).as_posix(), path) for path in found)


def mode(path):
    # A .desktop file is only opened by a double click if it may be run.
    return 0o755 if path.name in PROGRAMS or path.suffix == ".desktop" else 0o644


def fit_for_windows(folder):
    for path in folder.glob(FOR_PEOPLE):
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))


def write_sums(folder):
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for _, path in files(folder)
        if path.name != "SHA256SUMS" or path.parent != folder
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")


def zip_bytes(folder, moment):
    out = io.BytesIO()
    # Zip knows no years before 1980 and counts two seconds at a time.
    date = max(time.gmtime(moment)[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in files(folder):
            entry = zipfile.ZipInfo(name, date)
            entry.create_system = 3
            entry.external_attr = (0o100000 | mode(path)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return out.getvalue()


def tar_bytes(folder, moment):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, path in files(folder):
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            entry.mode, entry.mtime = mode(path), moment
            with path.open("rb") as content:
                archive.addfile(entry, content)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=moment) as stream:
        stream.write(out.getvalue())
    return packed.getvalue()


def main(folder, archive):
    folder, moment = pathlib.Path(folder), int(os.environ["SOURCE_DATE_EPOCH"])
    if archive.endswith(".zip"):
        fit_for_windows(folder)
    write_sums(folder)
    packed = zip_bytes(folder, moment) if archive.endswith(".zip") else tar_bytes(folder, moment)
    pathlib.Path(archive).write_bytes(packed)
    print(f"    {pathlib.Path(archive).name}: {len(packed):,} bytes, {len(files(folder))} files")


if __name__ == "__main__":
    main(*sys.argv[1:])
