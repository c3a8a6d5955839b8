//! The program started without anything, and what lies beside it in an archive.

use super::{Desk, TODAY, common, links, target};
use common::root;
use std::process::Command;

/// The program in a folder of its own, with or without fonts.
fn unpacked(fonts: bool) -> Desk {
    let desk = Desk::new();
    let program = env!("CARGO_BIN_EXE_nianbao");
    // A copy of the whole program for each test would be slow.
    let own = desk.path("nianbao");
    if std::fs::hard_link(program, &own).is_err() {
        std::fs::copy(program, &own).expect("copied");
    }
    if fonts {
        common::copy(&root().join("fonts"), &desk.path("fonts"));
    }
    desk
}

fn start(desk: &Desk) -> common::Ran {
    let mut command = Command::new(desk.path("nianbao"));
    command.args(["drop", "--today", TODAY]).current_dir(desk.home.path());
    command.env("NIANBAO_NO_OPEN", "1").env("HOME", desk.home.path());
    command.env_remove("CARGO_MANIFEST_DIR").output().expect("it starts").into()
}

#[test]
fn started_without_anything_it_says_what_to_do() {
    let desk = unpacked(true);
    for _ in 0..2 {
        let ran = start(&desk);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        let expected = ["fonts", "nianbao", "怎样使用.html", "空白年报（2025年度）.xlsx"];
        assert_eq!(desk.names(), expected);
    }
    let page = desk.text("怎样使用.html");
    assert!(page.contains("松开鼠标") && !page.contains("请把下载的压缩包整个解压"), "{page}");
    assert!(links(&page).iter().all(|l| target(&desk.path("怎样使用.html"), l).is_file()));
    // The workbook is one that is not yet a report: its organ has no name.
    let ran = desk.drop(&["空白年报（2025年度）.xlsx"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    // Once it is filled in, it is kept.
    desk.write("空白年报（2025年度）.xlsx", "filled in");
    assert_eq!(start(&desk).code, 0);
    assert_eq!(desk.read("空白年报（2025年度）.xlsx"), b"filled in");
    assert!(desk.path("空白年报（2025年度）（2）.xlsx").is_file());
}

#[test]
fn without_fonts_beside_it_the_page_says_so_first() {
    let desk = unpacked(false);
    let ran = start(&desk);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let page = desk.text("怎样使用.html");
    assert!(page.contains("请把下载的压缩包整个解压"), "{page}");
}

#[test]
fn the_leaflet_can_be_read_by_old_editors_and_names_what_is_there() {
    let bytes = std::fs::read(root().join("dist/说明.txt")).expect("read");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let text = text.strip_prefix('\u{feff}').expect("the mark of UTF-8 for Notepad");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let first: String = text.lines().take(3).collect();
    assert!(first.contains("Windows 10"), "{first}");
    for words in [
        "全部解压缩",
        "年报.exe",
        "nianbao.exe",
        "fonts",
        "检查结果.html",
        "Windows 已保护你的电脑",
        "更多信息",
        "仍要运行",
        "隔离区",
        "不连接网络",
        "年报检查结果",
    ] {
        assert!(text.contains(words), "{words}");
    }
    // Lines fit a small window without wrapping.
    let wide = |line: &str| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    assert!(
        text.lines().all(|line| wide(line) <= 84),
        "{:?}",
        text.lines().max_by_key(|l| wide(l))
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_icon_starts_the_program_where_it_was_unpacked() {
    let desk = Desk::new();
    let folder = "我的 年报 \"a\" $b 100%";
    for file in ["nianbao.desktop", "nianbao.svg", "install.sh"] {
        let content = std::fs::read(root().join("dist").join(file)).expect("read");
        desk.write(&format!("{folder}/{file}"), content);
    }
    let install = |args: &[&str]| {
        let mut command = Command::new("sh");
        command.arg(desk.path(folder).join("install.sh")).args(args);
        command.env("HOME", desk.home.path()).env_remove("XDG_DATA_HOME");
        command.output().expect("sh")
    };
    assert_eq!(install(&[]).status.code(), Some(2), "nothing is there to be started");
    desk.write(&format!("{folder}/nianbao"), "#!/bin/sh\n");
    std::fs::create_dir(desk.path(folder).join("fonts")).expect("made");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(desk.path(folder).join("nianbao"), mode).expect("set");
    assert!(install(&[]).status.success());
    let file = desk.home.path().join(".local/share/applications/nianbao.desktop");
    let text = std::fs::read_to_string(&file).expect("an entry");
    let exec = text.lines().find(|line| line.starts_with("Exec=")).expect("a command");
    let dir = desk.dir.path().display();
    let expected =
        format!("Exec=\"{dir}/我的 年报 \\\\\"a\\\\\" \\\\$b 100%%/nianbao\" drop -- %F");
    assert_eq!(exec, expected);
    assert!(install(&["--remove"]).status.success());
    assert!(!file.exists());
}
