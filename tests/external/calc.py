#!/usr/bin/env python3
"""Types into a workbook with LibreOffice's Calc, as a person would, and saves it as .xlsx in its place.

    tests/external/calc.py WORKBOOK.xlsx CELLS.json

CELLS.json is a list of [sheet, address, value]: a number is typed as a number, a text as a text, null empties the cell.
Prints the cells that were protected, one a line, and leaves them as they are; exit code 2: could not be run.
Needs the interpreter that knows `uno` (Debian: python3-uno).
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

SECONDS = 120


def properties(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def connect(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    address = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
    last = time.monotonic() + SECONDS
    while True:
        try:
            return resolver.resolve(address)
        except NoConnectException:
            if time.monotonic() > last:
                sys.exit("calc.py: LibreOffice does not answer")
            time.sleep(0.2)


def type_cells(book, cells):
    for sheet, address, value in cells:
        page = book.Sheets.getByName(sheet)
        cell = page.getCellRangeByName(address)
        if page.isProtected() and cell.CellProtection.IsLocked:
            print(f"{sheet}!{address}")
        elif value is None:
            cell.setString("")
        elif isinstance(value, (int, float)):
            cell.setValue(value)
        else:
            cell.setString(value)


def main():
    workbook = Path(sys.argv[1]).resolve()
    cells = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as profile:
        pipe = Path(profile).name
        office = subprocess.Popen(
            ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--nolockcheck",
             f"--accept=pipe,name={pipe};urp;"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            context = connect(pipe)
            desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            book = desktop.loadComponentFromURL(workbook.as_uri(), "_blank", 0, properties(Hidden=True))
            type_cells(book, cells)
            book.storeToURL(workbook.as_uri(), properties(FilterName="Calc MS Excel 2007 XML", Overwrite=True))
            book.close(True)
            desktop.terminate()
            office.wait(SECONDS)
        finally:
            office.kill()


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # noqa: BLE001 - whatever fails, the caller is told that nothing can be judged
        print(f"calc.py: {error}", file=sys.stderr)
        sys.exit(2)
