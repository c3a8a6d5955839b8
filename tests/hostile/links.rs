//! Links: what the program finds by itself it follows only within its folder, and it writes neither through a
//! link nor in the place of one.

use super::common::{self, Ran};
use super::{run, words, write};
use std::os::unix::fs::symlink;
use std::path::Path;

const REPORT: &str = "year = 2025\n[organ]\nname = \"甲局\"\nlevel = \"department\"\n[text]\n\
     overview = \"全年公开政府信息310条。\"\nproblems = \"针对性不够，下一步按季度检查专栏。\"\n\
     other = \"没有收取信息处理费。\"\n[requests]\nreceived = [ 5, 1, 0, 0, 0, 0 ]\n\
     granted = [ 3, 1, 0, 0, 0, 0 ]\ncarried-out = [ 1, 0, 0, 0, 0, 0 ]\n";
const OFF: &str = "[rules]\nbalance = \"off\"\n";
const SECRET: &str = "the secret = of another";

fn dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn go(dir: &Path, args: &str) -> Ran {
    run(dir, &words(args))
}

fn said(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}

fn link(dir: &Path, to: &str, name: &str) {
    let name = dir.join(name);
    std::fs::create_dir_all(name.parent().expect("a folder")).expect("a folder");
    symlink(to, name).expect("linked");
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn settings_that_are_links_stay_within_their_folder() {
    let dir = dir();
    write(dir.path(), "off.toml", OFF);
    write(dir.path(), "in/report.toml", REPORT);
    let here = dir.path().join("in");
    for target in ["../off.toml", "../nowhere.toml", "/etc/hostname", "nianbao.toml"] {
        link(&here, target, "nianbao.toml");
        for command in ["check report.toml", "build report.toml -o ../o --to docx"] {
            let ran = go(&here, command);
            assert_eq!(ran.code, 1, "{target}\n{}", said(&ran));
            assert!(said(&ran).contains("警告[link-passed-over]"), "{target}\n{}", said(&ran));
            assert!(said(&ran).contains("错误[balance]"), "{target}\n{}", said(&ran));
        }
        std::fs::remove_file(here.join("nianbao.toml")).expect("removed");
    }
    // Within the folder a link is as good as the file; one that is named is followed.
    write(&here, "sets/off.toml", OFF);
    link(&here, "sets/off.toml", "nianbao.toml");
    assert_eq!(go(&here, "check report.toml").code, 0);
    std::fs::remove_file(here.join("nianbao.toml")).expect("removed");
    link(&here, "../off.toml", "named.toml");
    assert_eq!(go(&here, "check report.toml --config named.toml").code, 0);
    // What is no file is not waited for.
    let made = std::process::Command::new("mkfifo").arg(here.join("nianbao.toml")).status();
    assert!(made.expect("mkfifo").success());
    let ran = go(&here, "check report.toml");
    assert!(ran.code == 1 && said(&ran).contains("不是普通文件"), "{}", said(&ran));
}

#[test]
fn lists_letterheads_and_last_years_files_that_are_links_are_not_followed() {
    let dir = dir();
    write(dir.path(), "far/units.toml", "[[unit]]\nname = \"甲局\"\n[[unit]]\nname = \"乙局\"\n");
    write(dir.path(), "far/letterhead.toml", "mark = \"别处的文件\"\n");
    write(
        dir.path(),
        "far/last.toml",
        "year = 2024\n[organ]\nname = \"甲局\"\n[requests]\nreceived = [9]\n",
    );
    write(dir.path(), "far/x-2024/report.toml", SECRET);
    let here = dir.path().join("here");
    let right = REPORT.replace("[ 5, 1", "[ 4, 1");
    write(&here, "in/report.toml", &right);
    write(&here, "x-2025/report.toml", &right);
    link(&here, "../far/units.toml", "units.toml");
    link(&here, "../far/letterhead.toml", "letterhead.toml");
    link(&here, "../../far/last.toml", "in/report.previous.toml");
    link(&here, "../far/x-2024", "x-2024");
    for (command, name) in [
        ("collect in -o ../c", "units.toml"),
        ("build in -o ../o --to docx --letterhead upward", "letterhead.toml"),
        ("check in", "in/report.previous.toml"),
        ("check x-2025", "x-2024"),
    ] {
        let ran = go(&here, command);
        assert_eq!(ran.code, 0, "{command}\n{}", said(&ran));
        let told = format!("没有跟着链接“{name}”读");
        assert!(said(&ran).contains(&told), "{command}\n{}", said(&ran));
        assert!(!said(&ran).contains("secret"), "{command}\n{}", said(&ran));
    }
    let made = std::fs::read(common::only(&dir.path().join("o"), ".docx")).expect("read");
    assert!(!common::part(&made, "word/document.xml").contains("别处"));
}

/// A unit sends links instead of files: nothing of what they lead to is shown.
#[test]
fn reports_that_are_links_show_nothing_of_another_place() {
    let dir = dir();
    write(dir.path(), "secret.toml", SECRET);
    write(dir.path(), "secrets/report.toml", SECRET);
    write(dir.path(), "in/甲/report.toml", REPORT);
    link(dir.path(), "../../secret.toml", "in/乙/report.toml");
    link(dir.path(), "../secret.toml", "in/丙.toml");
    link(dir.path(), "../secrets", "in/丁");
    for command in ["check in/乙", "build in -o o --to docx", "collect in -o c"] {
        let ran = go(dir.path(), command);
        assert_ne!(ran.code, 0, "{command}\n{}", said(&ran));
        assert!(said(&ran).contains("in/乙/report.toml"), "{command}\n{}", said(&ran));
        assert!(!said(&ran).contains("secret"), "{command}\n{}", said(&ran));
    }
    let ran = go(dir.path(), "collect in -o c --overwrite");
    for name in ["in/丙.toml", "in/丁"] {
        assert!(said(&ran).contains(&format!("没有跟着链接“{name}”读")), "{}", said(&ran));
    }
    // Whoever names a link means it.
    assert!(said(&go(dir.path(), "check in/丙.toml")).contains("secret"));
}

#[test]
fn a_fix_goes_to_no_other_place() {
    let dir = dir();
    let wrong = REPORT.replace("[ 3, 1", "[ \"3\", 1");
    write(dir.path(), "far/report.toml", &wrong);
    link(dir.path(), "far/report.toml", "link.toml");
    link(dir.path(), "real.toml", "in/report.toml");
    write(dir.path(), "in/real.toml", &wrong);
    for (path, name) in [("link.toml", "link.toml"), ("in", "in/report.toml")] {
        let ran = go(dir.path(), &format!("check {path} --fix"));
        assert_eq!(ran.code, 2, "{}", said(&ran));
        assert!(said(&ran).contains(&format!("“{name}”是链接，没有改")), "{}", said(&ran));
        let ran = go(dir.path(), &format!("check {path} --fix --dry-run"));
        assert!(ran.stdout.contains("去掉 --dry-run"), "{}", said(&ran));
        assert!(dir.path().join(name).is_symlink());
    }
    assert_eq!(text(&dir.path().join("far/report.toml")), wrong);
    assert_eq!(text(&dir.path().join("in/real.toml")), wrong);
    // The other name of a file keeps what it held, and that is said.
    std::fs::hard_link(dir.path().join("far/report.toml"), dir.path().join("twin.toml"))
        .expect("linked");
    let ran = go(dir.path(), "check twin.toml --fix");
    assert!(ran.stdout.contains("twin.toml 在磁盘上还有别的名称"), "{}", said(&ran));
    assert_eq!(text(&dir.path().join("far/report.toml")), wrong);
    assert!(text(&dir.path().join("twin.toml")).contains("[ 3, 1"));
    // Templates likewise.
    assert_eq!(go(dir.path(), "template make 2021 -o t.docx").code, 0);
    let made = std::fs::read(dir.path().join("t.docx")).expect("read");
    let mut damaged = Vec::new();
    for (name, part) in common::parts(&made) {
        let part = String::from_utf8(part).expect("text");
        damaged
            .push((name, part.replace("<w:tblHeader/>", "").replace("{{title}}", "｛｛title｝｝")));
    }
    let parts: Vec<(&str, &str)> = damaged.iter().map(|(n, p)| (n.as_str(), p.as_str())).collect();
    let damaged = super::support::zip(&parts);
    write(dir.path(), "far/t.docx", &damaged);
    link(dir.path(), "far/t.docx", "link.docx");
    let ran = go(dir.path(), "template check link.docx --fix");
    assert!(ran.code == 2 && said(&ran).contains("“link.docx”是链接，没有改"), "{}", said(&ran));
    assert_eq!(std::fs::read(dir.path().join("far/t.docx")).expect("read"), damaged);
}

/// Every file that a command writes, in turn a link to a victim, to nothing, and to a device.
#[test]
fn no_output_is_written_through_a_link_or_in_its_place() {
    let outputs = [
        ("new n --year 2025 --organ 甲局", "n/report.toml"),
        ("new n --year 2025 --organ 甲局 --xlsx", "n/report.xlsx"),
        ("check r.toml --list l.xlsx", "l.xlsx"),
        ("check r.toml --list l.docx", "l.docx"),
        ("convert r.toml r.json", "r.json"),
        ("convert r.toml r.xlsx", "r.xlsx"),
        ("collect in -o c --overwrite", "c/report.toml"),
        ("collect in -o c --overwrite", "c/汇总表.xlsx"),
        ("collect in -o c --overwrite", "c/报送情况.html"),
        ("collect in -o c --overwrite", "c/检查清单.xlsx"),
        ("collect in -o c.json --overwrite", "c.json"),
        ("build r.toml --to docx", "甲局2025年政府信息公开工作年度报告.docx"),
        ("build r.toml -o o --to docx", "o/甲局2025年政府信息公开工作年度报告.docx"),
        ("build r.toml -o o --to docx --summary s.json", "s.json"),
        ("merge-summary one.json -o two.json", "two.json"),
        ("template make 2021 -o t.docx", "t.docx"),
        ("template from form.docx -o u.docx", "u.docx"),
        ("template convert form.docx -o w.docx", "w.docx"),
        ("template check blank.docx --comments v.docx", "v.docx"),
        ("fill word.docx r.toml -o f.docx --allow-missing", "f.docx"),
        ("fill --form form.docx r.toml -o g.docx", "g.docx"),
        ("import old.docx -o i --overwrite", "i/report.toml"),
        ("letterhead new h", "h/letterhead.typ"),
    ];
    let base = dir();
    write(base.path(), "r.toml", REPORT.replace("[ 5, 1", "[ 4, 1"));
    write(base.path(), "in/甲.toml", REPORT.replace("[ 5, 1", "[ 4, 1"));
    for command in [
        "build r.toml -o made --to docx --summary one.json",
        "template make 2021 -o blank.docx",
        "template make 2021 -o word.docx",
    ] {
        assert_eq!(go(base.path(), command).code, 0, "{command}");
    }
    let made = common::only(&base.path().join("made"), ".docx");
    std::fs::copy(made, base.path().join("old.docx")).expect("copied");
    let form = common::root().join("tests/import/form-2021.docx");
    std::fs::copy(form, base.path().join("form.docx")).expect("copied");
    std::fs::remove_dir_all(base.path().join("made")).expect("removed");
    for (command, output) in outputs {
        for target in ["victim", "nothing", "/dev/null"] {
            let dir = dir();
            common::copy(base.path(), dir.path());
            write(dir.path(), "victim", "untouched");
            let up = "../".repeat(output.matches('/').count());
            let target =
                if target.starts_with('/') { target.to_owned() } else { format!("{up}{target}") };
            link(dir.path(), &target, output);
            let before = super::everything(dir.path());
            let ran = go(dir.path(), command);
            let said = said(&ran);
            assert!(matches!(ran.code, 1 | 2), "{command} {target}\n{said}");
            assert!(dir.path().join(output).is_symlink(), "{command} {target}\n{said}");
            assert_eq!(text(&dir.path().join("victim")), "untouched", "{command}");
            assert!(!dir.path().join("nothing").exists(), "{command}");
            let told = said.contains("是链接") || said.contains("已经存在");
            assert!(
                told && said.contains(output.rsplit('/').next().unwrap_or(output)),
                "{command}\n{said}"
            );
            // Nothing else of the run was written either, but for the lock and the memory of an output folder.
            let mut after = super::everything(dir.path());
            after.retain(|file| !file.contains("/.nianbao"));
            after.retain(|file| before.contains(file) || !file.ends_with("/o"));
            assert_eq!(after, before, "{command} {target}\n{said}");
        }
    }
}

/// Folders below the one that was named may not lead elsewhere; the named one may.
#[test]
fn folders_below_an_output_folder_lead_nowhere_else() {
    let dir = dir();
    let right = REPORT.replace("[ 5, 1", "[ 4, 1");
    write(dir.path(), "r.toml", &right);
    assert_eq!(go(dir.path(), "build r.toml -o made --to docx").code, 0);
    let made = common::only(&dir.path().join("made"), ".docx");
    std::fs::copy(&made, dir.path().join("甲.docx")).expect("copied");
    std::fs::copy(&made, dir.path().join("乙.docx")).expect("copied");
    std::fs::create_dir_all(dir.path().join("far")).expect("a folder");
    link(dir.path(), "../far", "i/甲");
    let ran = go(dir.path(), "import 甲.docx 乙.docx -o i");
    assert!(ran.code == 2 && said(&ran).contains("“i/甲”是链接"), "{}", said(&ran));
    assert!(dir.path().join("i/乙/report.toml").exists(), "the other one goes on");
    // The pictures of a county's texts.
    let picture =
        std::fs::read(common::root().join("templates/letterhead/seal.png")).expect("read");
    write(
        dir.path(),
        "in/甲/report.toml",
        right.replace("310条。", "310条。\\n\\n![印章](图/a.png)"),
    );
    write(dir.path(), "in/甲/图/a.png", &picture);
    link(dir.path(), "../far", "c/图");
    let ran = go(dir.path(), "collect in -o c");
    assert_eq!(ran.code, 0, "{}", said(&ran));
    assert!(dir.path().join("c/picture-1.png").exists(), "it has a name of the program's");
    std::fs::remove_dir_all(dir.path().join("c")).expect("removed");
    assert!(common::names(&dir.path().join("far")).is_empty());
    // The folder that the user names may be a link.
    link(dir.path(), "far", "near");
    for command in [
        "build r.toml -o near --to docx",
        "collect in -o near",
        "import 甲.docx -o near --overwrite",
    ] {
        let ran = go(dir.path(), command);
        assert_eq!(ran.code, 0, "{command}\n{}", said(&ran));
    }
    assert!(dir.path().join("near").is_symlink() && dir.path().join("far/report.toml").exists());
}
