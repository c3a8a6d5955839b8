"""Owns the tests of what people drop on 年报.exe: what nianbao.exe makes of it, and what the small program tells itself."""

import os
import pathlib
import shutil
import time
import urllib.parse

from harness import AWKWARD, SAMPLE, begun_workbooks, held, read_only, tree, units, wrong


def test_drop(test):
    """A file manager hands over what is dropped as an argument. Pages, documents, names: all as on Linux."""
    test.put("拖 放/云砚镇 2025.toml", SAMPLE.read_bytes())
    test.dropped("拖 放/云砚镇 2025.toml")
    made = tree(test.windows / "拖 放")
    suffixes = sorted([".docx", ".html", ".pdf", ".toml"] + [".xlsx"] * begun_workbooks())
    assert sorted(pathlib.Path(name).suffix for name in made) == suffixes, sorted(made)
    # The same again replaces what it made, and nothing else.
    test.dropped("拖 放/云砚镇 2025.toml")
    assert tree(test.windows / "拖 放") == made
    test.put("-100% & 云砚's ^.toml", wrong())
    test.dropped("-100% & 云砚's ^.toml", code=1)
    test.same(least=6)


def test_drop_of_workbooks_and_word_reports(test):
    test.put("数据.toml", wrong())
    test.both("convert", "数据.toml", "有错/填好的 工作簿.xlsx")
    test.dropped("有错/填好的 工作簿.xlsx", code=1)
    test.copy(SAMPLE, "report.toml")
    test.both("build", "report.toml", "-o", "去年", "--to", "docx")
    (report,) = tree(test.windows / "去年")
    test.dropped(f"去年/{report}")
    test.put("旧的.doc", "x")
    test.dropped("旧的.doc", code=1)
    test.same(least=9)


def test_drop_of_folders_and_of_several_things(test):
    units(test, 3)
    test.put("县/丙.pdf", "x")
    test.dropped("县", code=1)
    assert "汇总" in "".join(tree(test.windows))
    test.copy(test.machine.linux_home / "samples/yunyan-2025", "一个 单位")
    test.dropped("一个 单位")
    test.dropped("县/单位00", "一个 单位", "县/丙.pdf", code=1)
    test.same(least=15)


def test_drop_on_another_drive_and_of_a_whole_one(test):
    for letter, folder in (("f", "盘"), ("g", "整个 盘")):
        (test.windows / folder).mkdir()
        (test.machine.home / f"prefix/dosdevices/{letter}:").symlink_to(test.windows / folder)
    test.put("盘/云砚.toml", SAMPLE.read_bytes())
    test.put("整个 盘/report.toml", SAMPLE.read_bytes())
    for path, name in (("F:\\云砚.toml", "盘/云砚检查结果.html"), ("G:\\", "整个 盘/检查结果.html")):
        ran = test.machine.run_windows([path], test.machine.home, program=test.machine.drop)
        assert ran.code == 0 and not ran.said, ran
        made = tree((test.windows / name).parent)
        assert len(made) == 4 + begun_workbooks(), sorted(made)
        assert (test.windows / name).is_file(), sorted(made)


def test_drop_where_paths_are_long(test):
    deep = "/".join([AWKWARD + "很长的名字" * 4] * 9)
    test.put(f"{deep}/云砚.toml", SAMPLE.read_bytes())
    test.dropped(f"{deep}/云砚.toml")
    test.same(least=4)


def test_drop_of_nothing(test):
    """Whoever only starts the program gets a page and a blank workbook beside it; nothing else is there of it."""
    homes = test.machine.windows_home, test.machine.linux_home
    before = [set(tree(home)) for home in homes]
    try:
        ran = test.machine.run_windows([], test.machine.home, program=test.machine.drop)
        assert ran.code == 0 and not ran.said, ran
        assert test.machine.run_linux(["drop"], test.machine.home).code == 0
        made = [{name: content for name, content in tree(home).items() if name not in known} for home, known in zip(homes, before)]
        assert len(made[0]) == 2 and "怎样使用.html" in made[0], sorted(made[0])
        assert made[0] == made[1], [sorted(one) for one in made]
    finally:
        for home, known in zip(homes, before):
            for name in set(tree(home)) - known:
                (home / name).unlink()


def test_unpacked_where_the_path_has_chinese_and_blanks(test):
    home = test.windows / f"{AWKWARD}/解压 到这里"
    shutil.copytree(test.machine.windows_home, home, copy_function=os.link)
    test.put("云砚.toml", SAMPLE.read_bytes())
    file = test.machine.path(test.windows / "云砚.toml")
    ran = test.machine.run_windows([file], test.machine.home, program=home / "年报.exe")
    assert ran.code == 0 and not ran.said, ran
    assert test.machine.run_linux(["drop", "云砚.toml"], test.linux).code == 0
    made = {name: (test.windows / name).read_bytes() for name in tree(test.linux)}
    assert len(made) == 4 + begun_workbooks() and made == tree(test.linux), sorted(made)
    assert "fonts" in test.machine.run_windows(["--version"], home, program=home / "nianbao.exe").stdout


def test_what_is_lacking_beside_the_program_is_told(test):
    """Started out of the archive, or with half of it, the small program says what belongs where."""
    machine = test.machine
    temporary = machine.within("TEMP")
    page = temporary / "nianbao-problem.html"

    def told(home, *words):
        page.unlink(missing_ok=True)
        ran = machine.run_windows([machine.path(SAMPLE)], machine.home, program=home / "年报.exe")
        assert ran.code == 2 and not ran.said, ran
        text = page.read_text(encoding="utf-8")
        for word in words:
            assert word in text, f"{word} is not in {text}"
        page.unlink()

    home = test.windows / "只有 一个"
    machine.lay(home, "年报.exe")
    told(home, "请先解压", "nianbao.exe、fonts")
    # The virtual folder of an archive is one of temporary files.
    within = temporary / "Temp1_nianbao.zip"
    shutil.copytree(machine.windows_home, within, copy_function=os.link)
    told(within, "请先解压", "Temp1_nianbao.zip")
    shutil.rmtree(within)
    # What the system does not start, and what ends without a page.
    shutil.copytree(machine.windows_home / "fonts", home / "fonts", copy_function=os.link)
    told(home, "请先解压", ">nianbao.exe<")
    (home / "nianbao.exe").write_bytes(b"")
    told(home, "程序没有启动", "杀毒软件")
    (home / "nianbao.exe").unlink()
    os.link(machine.helper, home / "nianbao.exe")
    told(home, "程序没有做完", "helper: no such task")
    # The program for terminals without fonts beside it.
    alone = test.windows / "没有 字体"
    machine.lay(alone, "nianbao.exe")
    test.put("云砚.toml", SAMPLE.read_bytes())
    machine.run_windows(["drop", machine.path(test.windows / "云砚.toml")], machine.home, program=alone / "nianbao.exe")
    assert "完整的 fonts 文件夹" in (test.windows / "云砚检查结果.html").read_text(encoding="utf-8")


def test_the_page_is_opened_with_what_the_system_has_for_it(test):
    """wine hands a page to the first of some browsers of this machine that it finds; here it is one that only notes it."""
    browser = test.machine.home / "browser"
    browser.mkdir()
    noted = browser / "noted.txt"
    (browser / "xdg-open").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>"{noted}"\n')
    (browser / "xdg-open").chmod(0o755)
    test.put("拖 放/云砚镇 100%.toml", SAMPLE.read_bytes())
    file = test.machine.path(test.windows / "拖 放/云砚镇 100%.toml")
    path = f"{browser}:{os.environ['PATH']}"
    ran = test.machine.run_windows([file], test.machine.home, program=test.machine.drop, NIANBAO_NO_OPEN="", PATH=path)
    assert ran.code == 0, ran
    end = time.monotonic() + 20
    while not noted.exists() and time.monotonic() < end:
        time.sleep(0.2)
    assert noted.exists(), "no browser was called"
    address = urllib.parse.unquote(noted.read_text(encoding="utf-8").strip())
    assert address.endswith("拖 放/云砚镇 100%检查结果.html"), address


def test_drop_in_a_read_only_folder(test):
    test.put("光盘/云砚.toml", SAMPLE.read_bytes())
    with read_only(test.windows / "光盘"):
        ran = test.machine.run_windows([test.machine.path(test.windows / "光盘/云砚.toml")], test.machine.home, program=test.machine.drop)
    assert ran.code == 0 and not ran.said, ran
    assert len(tree(test.windows / "光盘")) == 1
    results = test.machine.home / "user/Documents/年报检查结果"
    made = tree(results)
    assert len(made) == 3 + begun_workbooks(), sorted(made)
    page = made["云砚检查结果.html"].decode("utf-8")
    assert "不能写入" in page and "Documents\\年报检查结果" in page, page
    shutil.rmtree(results)


def test_drop_of_what_another_program_has_open(test):
    """The workbook is open in Excel, the Word file that was made is open in Word, the page in an editor."""
    test.copy(SAMPLE, "云砚.toml")
    test.both("convert", "云砚.toml", "填好.xlsx")
    with held(test.machine, "hold", test.windows / "填好.xlsx"):
        ran = test.machine.run_windows([test.machine.path(test.windows / "填好.xlsx")], test.machine.home, program=test.machine.drop)
        assert ran.code == 1 and not ran.said, ran
    page = (test.windows / "填好检查结果.html").read_text(encoding="utf-8")
    assert "填好.xlsx" in page and "别的程序" in page and "关闭" in page, page
    # Most programs let others read what they have open.
    with held(test.machine, "read", test.windows / "填好.xlsx"):
        test.dropped("填好.xlsx")
    before = tree(test.windows)
    (document,) = (name for name in before if name.endswith(".docx"))
    for home in (test.windows, test.linux):
        (home / "填好.xlsx").unlink()
    test.put("云砚.toml", SAMPLE.read_text(encoding="utf-8").replace("每季度通报一次", "每季度通报两次"))
    test.both("convert", "云砚.toml", "填好.xlsx")
    for how in ("read", "hold"):
        with held(test.machine, how, test.windows / document):
            ran = test.machine.run_windows([test.machine.path(test.windows / "填好.xlsx")], test.machine.home, program=test.machine.drop)
            assert ran.code == 0 and not ran.said, ran
        after = tree(test.windows)
        assert after[document] == before[document], f"{how}: the file that was open changed"
        new = document.replace(".docx", "（2）.docx")
        assert new in after, f"{how}: {sorted(after)}"
        page = after["填好检查结果.html"].decode("utf-8")
        assert f"写不了“{document}”" in page and "打开着" in page, f"{how}: {page}"
    with held(test.machine, "hold", test.windows / "填好检查结果.html"):
        ran = test.machine.run_windows([test.machine.path(test.windows / "填好.xlsx")], test.machine.home, program=test.machine.drop)
        assert ran.code == 0 and not ran.said, ran
    assert "填好检查结果（2）.html" in tree(test.windows), sorted(tree(test.windows))
