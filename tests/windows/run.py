#!/usr/bin/env python3
"""The archive for Windows under wine, beside the archive for Linux: what both make is compared byte for byte.

    tests/windows/run.py WINDOWS.zip LINUX.tar.gz HELPERS [TEST...]

HELPERS is a folder with helper.exe and, for wine before version 9, bcryptprimitives.dll (`scripts/full windows` makes
both with zig from tests/windows/*.c). Needs wine64 and localedef with its sources (Debian: locales); the tests of a
read-only folder need root and mounts. Prints a line for each test and "N passed, N failed" at last; a test that cannot
run here says why and counts as failed. harness.py holds what tests share, drops.py those of drops.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time
import traceback

import drops
from harness import AWKWARD, ROOT, SAMPLE, Machine, Test, held, plain, read_only, tree, units


def test_programs_are_of_their_subsystem(test):
    program = ROOT / "scripts/dist.d/program.py"
    subprocess.run([program, "subsystem", test.machine.windows, "console"], check=True)
    subprocess.run([program, "subsystem", test.machine.drop, "window"], check=True)
    for file in (test.machine.windows, test.machine.drop):
        oldest = subprocess.run([program, "windows", file], check=True, capture_output=True, text=True).stdout.strip()
        assert [int(part) for part in oldest.split(".")] <= [10, 0], oldest


def test_sums_in_both_archives_are_right(test):
    for home in (test.machine.windows_home, test.machine.linux_home):
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=home, check=True)


def test_version_and_help(test):
    ours, theirs = (
        run(["--version"], home)
        for run, home in ((test.machine.run_windows, test.windows), (test.machine.run_linux, test.linux))
    )
    # The last line says where the fonts are.
    *ours, fonts = ours.stdout.splitlines()
    assert ours == theirs.stdout.splitlines()[:-1] and len(ours) == 3, ours
    assert fonts.endswith(test.machine.path(test.machine.windows_home / "fonts")), fonts
    assert "nianbao" in test.both("--help").stdout
    test.both("--help", "--lang", "en")


def test_every_sample_as_word_and_pdf(test):
    for sample in sorted(path.name for path in (ROOT / "samples").iterdir() if path.is_dir()):
        test.copy(test.machine.linux_home / "samples" / sample, sample)
        test.both("build", sample, "-o", "out")
    test.same(least=8)


def test_batch_with_children(test):
    units(test, 24)
    test.both("build", "县", "-o", "out", "--jobs", "2", "--summary", "summary.json")
    # The summary names files, with the separators of its system.
    for home in (test.windows, test.linux):
        (home / "summary.json").write_text(plain((home / "summary.json").read_text(encoding="utf-8")).replace("//", "/"), encoding="utf-8")
    test.same(least=24 * 3)


def test_foreign_typst_template_in_a_child(test):
    own = (ROOT / "templates/report.typ").read_text(encoding="utf-8") + "\n#pagebreak()\n附：本单位自己的一页\n"
    test.put("模板/2021/report.typ", own)
    test.copy(SAMPLE, "report.toml")
    test.both("build", "report.toml", "-o", "out", "--templates", "模板")
    test.same(least=2)
    # What the guard is for: a template that never ends is stopped, and files of the machine are out of reach.
    test.put("模板/2021/report.typ", "#for a in range(1000000) { for b in range(1000000) { let c = calc.pow(1.01, 3) } }\n")
    ran = test.both("build", "report.toml", "-o", "never", "--to", "pdf", "--templates", "模板", "--limit", "typst-seconds=3", code=1)
    assert "typst-stopped" in ran.said, ran
    assert not (test.windows / "never").exists() or not tree(test.windows / "never"), ran
    test.put("模板/2021/report.typ", '#read("C:/windows/win.ini")\n#read("../../report.toml")\n')
    test.both("build", "report.toml", "-o", "never", "--to", "pdf", "--templates", "模板", code=1)


def test_workbooks(test):
    test.both("new", "--year", "2025", "--organ", "云岩 区（测试）", "新", "--xlsx")
    test.copy(SAMPLE, "report.toml")
    test.both("convert", "report.toml", "往来.xlsx")
    test.both("convert", "往来.xlsx", "回来.toml")
    test.both("build", "往来.xlsx", "-o", "out")
    test.both("check", "report.toml", "--list", "清单.xlsx")
    test.both("check", "report.toml", "--list", "清单.docx")
    test.same(least=7)


def test_word_templates_and_import(test):
    for edition in ("2019", "2021"):
        test.both("template", "make", edition, "-o", f"{edition} 年.docx")
    test.copy(SAMPLE, "report.toml")
    test.both("build", "report.toml", "-o", "out", "--to", "docx")
    (built,) = tree(test.windows / "out")
    test.both("import", f"out/{built}", "-o", "导入.toml")
    test.same(least=5)


def test_letterheads(test):
    test.copy(SAMPLE, "report.toml")
    test.both("letterhead", "new", "红头")
    test.both("build", "report.toml", "-o", "out", "--letterhead", "none,红头")
    test.same(least=7)


def test_county(test):
    units(test, 3)
    test.both("collect", "县", "-o", "汇总", "--date", "2026-01-20")
    test.same(least=6)


def test_paths_with_chinese_and_blanks(test):
    test.put(f"{AWKWARD}/数据 一.toml", SAMPLE.read_bytes())
    test.both("build", f"{AWKWARD}/数据 一.toml")
    test.both("build", "数据 一.toml", "-o", "../结 果", below=AWKWARD)
    test.same(least=5)


def test_paths_longer_than_windows_used_to_take(test):
    deep = "/".join([AWKWARD + "很长的名字" * 4] * 9)
    assert len(deep) > 260
    test.put(f"{deep}/report.toml", SAMPLE.read_bytes())
    test.both("build", deep)
    test.both("build", deep, "-o", f"{deep}/out")
    test.same(least=5)


def test_another_drive(test):
    drive = test.machine.home / "prefix/dosdevices/e:"
    drive.symlink_to(test.windows)
    test.copy(SAMPLE, "report.toml")
    ours = test.machine.run_windows(["build", "E:\\report.toml", "-o", "E:\\盘 上\\out"], test.machine.home)
    assert ours.code == 0, ours
    theirs = test.machine.run_linux(["build", "report.toml", "-o", "盘 上/out"], test.linux)
    assert theirs.code == 0, theirs
    ours = test.machine.run_windows(["check", "E:report.toml"], test.machine.home)
    assert ours.code == 0, ours
    test.same(least=3)


def test_consoles_of_both_code_pages(test):
    test.put("report.toml", SAMPLE.read_text(encoding="utf-8").replace("year = 2025", "year = 1925"))
    said = test.machine.run_linux(["check", "report.toml"], test.linux)
    word = next(word for word in re.findall(r"[\u4e00-\u9fff]{4,}", said.said))
    for page in ("936", "65001"):
        program = test.machine.path(test.machine.windows)
        ran = test.machine.on_terminal(["cmd", "/c", f"chcp {page} & {program} check report.toml"], test.windows)
        assert page in ran.stdout, ran
        # A line may be broken anywhere by the width of the screen.
        solid = re.sub(r"\s", "", ran.stdout)
        assert word in solid, f"{word} is not in {ran}"
        assert "\ufffd" not in solid, ran


def test_output_into_a_file_is_utf8(test):
    test.put("report.toml", SAMPLE.read_text(encoding="utf-8").replace("year = 2025", "year = 1925"))
    program = test.machine.path(test.machine.windows)
    test.machine.run_windows(["/c", f"{program} check report.toml > said.txt 2>&1"], test.windows, program="cmd")
    assert re.search("[\u4e00-\u9fff]", (test.windows / "said.txt").read_text(encoding="utf-8"))


def test_read_only_folder(test):
    test.put("只读/report.toml", SAMPLE.read_bytes())
    with read_only(test.windows / "只读"):
        ran = test.machine.run_windows(["build", "只读"], test.windows)
        assert ran.code == 2 and "只读" in ran.said, ran
        assert "权限" in ran.said or "只能读" in ran.said, ran
        # Elsewhere it can be written.
        ran = test.machine.run_windows(["build", "只读", "-o", "out"], test.windows)
        assert ran.code == 0, ran


def test_a_data_file_that_another_program_holds(test):
    test.copy(SAMPLE, "report.toml")
    test.machine.run_linux(["convert", "report.toml", "report.xlsx"], test.windows)
    for file in ("report.toml", "report.xlsx"):
        with held(test.machine, "hold", test.windows / file):
            for command in ("check", "build"):
                ran = test.machine.run_windows([command, file], test.windows)
                assert ran.code == 2 and file in ran.said and "别的程序" in ran.said and "关闭" in ran.said, ran
                ran = test.machine.run_windows([command, file, "--lang", "en"], test.windows)
                assert ran.code == 2 and "another program" in ran.said and "close" in ran.said, ran


def test_a_result_that_another_program_shows(test):
    """The report is open in Word while it is built again: told, nothing lost, nothing left over."""
    test.copy(SAMPLE, "report.toml")
    assert test.machine.run_windows(["build", "report.toml", "-o", "out"], test.windows).code == 0
    before = tree(test.windows / "out")
    (document,) = (name for name in before if name.endswith(".docx"))
    test.put("report.toml", SAMPLE.read_text(encoding="utf-8").replace("每季度通报一次", "每季度通报两次"))
    for how in ("hold", "read"):
        with held(test.machine, how, test.windows / "out" / document):
            ran = test.machine.run_windows(["build", "report.toml", "-o", "out", "--force"], test.windows)
            assert ran.code == 2 and document in ran.said and "别的程序" in ran.said and "关闭" in ran.said, ran
        after = tree(test.windows / "out")
        assert after[document] == before[document], f"{how}: the file that was open changed"
        left = [path.name for path in (test.windows / "out").iterdir() if path.name.endswith((".tmp", "~"))]
        assert not left, left
    for data, is_before in ((None, False), (SAMPLE.read_bytes(), True)):
        if data:
            test.put("report.toml", data)
        assert test.machine.run_windows(["build", "report.toml", "-o", "out"], test.windows).code == 0
        assert (tree(test.windows / "out") == before) == is_before


def test_ctrl_c_ends_a_batch_between_two_reports(test):
    units(test, 60)
    (test.windows / "out").mkdir()
    test.both("build", "县/单位00", "-o", "one")
    args = ["interrupt", "out", "4", test.machine.path(test.machine.windows), "build", "县", "-o", "out", "--jobs", "2"]
    ran = test.machine.on_terminal([str(test.machine.helper), *args], test.windows)
    assert ran.code == 130, ran
    made = tree(test.windows / "out")
    assert 4 <= len(made) < 120, sorted(made)
    for name, content in made.items():
        assert content.endswith(b"%%EOF\n") or content.endswith(b"%%EOF") or b"PK\x05\x06" in content[-64:], f"{name} is cut off"
    # The same again makes what is missing.
    again = test.machine.run_windows(["build", "县", "-o", "out", "--jobs", "2"], test.windows)
    assert again.code == 0, again
    assert len(tree(test.windows / "out")) == 120
    assert test.machine.run_linux(["build", "县", "-o", "out", "--jobs", "2"], test.linux).code == 0
    test.same(least=180)


def main(windows, linux, helpers, *wanted):
    every = {**globals(), **vars(drops)}
    tests = {name.removeprefix("test_"): test for name, test in every.items() if name.startswith("test_")}
    for name in wanted:
        if name not in tests:
            sys.exit(f"there is no test {name}; there are {', '.join(tests)}")
    failed = 0
    chosen = {name: test for name, test in tests.items() if not wanted or name in wanted}
    with tempfile.TemporaryDirectory(prefix="nianbao-windows-", ignore_cleanup_errors=True) as home:
        machine = Machine(pathlib.Path(home), windows, linux, helpers)
        try:
            for name, test in chosen.items():
                failed += not passes(machine, pathlib.Path(home) / name, name, test)
        finally:
            machine.close()
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


def passes(machine, home, name, test):
    start = time.monotonic()
    home.mkdir()
    try:
        test(Test(machine, home))
    except Exception as error:  # whatever it is, the other tests run
        print(f"FAILED {name}: {error}")
        if not isinstance(error, AssertionError):
            traceback.print_exc(file=sys.stdout)
        return False
    print(f"ok {name} ({time.monotonic() - start:.1f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
