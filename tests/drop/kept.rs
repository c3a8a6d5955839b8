//! What people made is kept: names that are taken, files that were touched up, places that cannot be written to.

use super::{Desk, STEM, common, has_end, sample, wrong};

fn documents(desk: &Desk) -> Vec<String> {
    desk.names()
        .into_iter()
        .filter(|name| !name.contains("检查结果") && name != "甲.toml")
        .collect()
}

#[test]
fn files_of_others_are_never_replaced() {
    let desk = Desk::new();
    desk.write("甲.toml", sample("yunyan-2025"));
    let taken = [format!("{STEM}.docx"), format!("{STEM}.pdf"), "甲检查结果.html".to_owned()];
    for name in &taken {
        desk.write(name, "mine");
    }
    std::fs::create_dir(desk.path(&format!("{STEM}（2）.docx"))).expect("made");
    let before = desk.read("甲.toml");
    for _ in 0..2 {
        assert_eq!(desk.drop(&["甲.toml"]).code, 0);
        for name in &taken {
            assert_eq!(desk.read(name), b"mine", "{name}");
        }
        assert_eq!(desk.read("甲.toml"), before);
        let page = desk.text("甲检查结果（2）.html");
        assert!(page.contains(&format!("“{STEM}.docx”不是这次做的")), "{page}");
        assert_eq!(desk.names().len(), 8, "{:?}", desk.names());
    }
    assert!(desk.path(&format!("{STEM}（3）.docx")).is_file());
}

#[test]
fn links_are_neither_followed_nor_replaced() {
    #[cfg(unix)]
    {
        let desk = Desk::new();
        desk.write("甲.toml", sample("yunyan-2025"));
        desk.write("else/mine", "mine");
        for name in [format!("{STEM}.docx"), "甲检查结果.html".to_owned()] {
            std::os::unix::fs::symlink("else/mine", desk.path(&name)).expect("linked");
        }
        assert_eq!(desk.drop(&["甲.toml"]).code, 0);
        assert_eq!(desk.text("else/mine"), "mine");
        assert!(desk.path("甲检查结果.html").is_symlink());
        assert!(desk.path(&format!("{STEM}（2）.docx")).is_file());
    }
}

#[test]
fn pipes_are_not_waited_for() {
    #[cfg(unix)]
    {
        let desk = Desk::new();
        let pipe = |name: &str| {
            let made = std::process::Command::new("mkfifo").arg(desk.path(name)).status();
            assert!(made.expect("mkfifo").success());
        };
        desk.write("甲.toml", sample("yunyan-2025"));
        for name in [&format!("{STEM}.docx"), "甲检查结果.html", "乙.toml"] {
            pipe(name);
        }
        assert_eq!(desk.drop(&["甲.toml"]).code, 0);
        assert!(desk.path(&format!("{STEM}（2）.docx")).is_file());
        let ran = desk.drop(&["乙.toml"]);
        assert!(ran.code == 1 && ran.stderr.contains("不是普通的文件"), "{}", ran.stderr);
    }
}

#[test]
fn our_own_untouched_files_are_replaced_and_touched_ones_are_kept() {
    let desk = Desk::new();
    let text = sample("yunyan-2025");
    let later = text.replace("每季度通报一次", "每季度通报两次");
    assert_ne!(text, later);
    desk.write("甲.toml", &text);
    desk.drop(&["甲.toml"]);
    let made = documents(&desk);
    assert_eq!(made.len(), 2);
    let first = desk.read(&made[0]);
    // Nothing has changed: nothing is written.
    desk.drop(&["甲.toml"]);
    assert_eq!(documents(&desk), made);
    // The data has changed: ours are replaced.
    desk.write("甲.toml", &later);
    desk.drop(&["甲.toml"]);
    assert_eq!(documents(&desk), made);
    assert!(desk.read(&made[0]) != first);
    // Somebody touched up the Word file: it is kept, and so is what was known of the other one.
    desk.write(&made[0], "touched");
    desk.write("甲.toml", &text);
    desk.drop(&["甲.toml"]);
    assert_eq!(desk.read(&made[0]), b"touched");
    assert_eq!(documents(&desk).len(), 3, "{:?}", documents(&desk));
    assert!(desk.path(&format!("{STEM}（2）.docx")).is_file());
    // What is known is known by any page of the folder.
    let page = desk.names().into_iter().find(|name| has_end(name, "html")).expect("a page");
    std::fs::rename(desk.path(&page), desk.path("x检查结果.html")).expect("renamed");
    desk.write("甲.toml", &later);
    desk.drop(&["甲.toml"]);
    assert_eq!(documents(&desk).len(), 3, "{:?}", documents(&desk));
}

#[test]
fn documents_of_before_are_named_when_errors_stop_new_ones() {
    let desk = Desk::new();
    desk.write("甲.toml", sample("yunyan-2025"));
    desk.drop(&["甲.toml"]);
    let made = documents(&desk);
    let before = desk.read(&made[0]);
    desk.write("甲.toml", wrong());
    assert_eq!(desk.drop(&["甲.toml"]).code, 1);
    let page = desk.text("甲检查结果.html");
    for name in &made {
        assert!(page.contains(&format!("旁边的“{name}”是以前做的")), "{page}");
    }
    assert!(desk.read(&made[0]) == before);
    // They are still known as ours when the errors are mended.
    desk.write("甲.toml", sample("yunyan-2025").replace("每季度", "每半年"));
    assert_eq!(desk.drop(&["甲.toml"]).code, 0);
    assert_eq!(documents(&desk), made);
    assert!(desk.read(&made[0]) != before);
}

#[test]
fn a_page_that_somebody_wrote_in_is_kept() {
    let desk = Desk::new();
    desk.write("甲.toml", wrong());
    desk.drop(&["甲.toml"]);
    let page = desk.text("甲检查结果.html").replace("</main>", "<p>note</p></main>");
    desk.write("甲检查结果.html", &page);
    desk.drop(&["甲.toml"]);
    assert_eq!(desk.text("甲检查结果.html"), page);
    assert!(desk.path("甲检查结果（2）.html").is_file());
}

#[test]
fn a_place_that_cannot_hold_files_sends_results_home() {
    #[cfg(target_os = "linux")]
    {
        let desk = Desk::new();
        std::fs::create_dir(desk.home.path().join("Documents")).expect("made");
        // Not even root can make a file there.
        let file = format!("/proc/{}/cmdline", std::process::id());
        let ran = desk.drop(&[&file]);
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        let results = desk.home.path().join("Documents/年报检查结果");
        let page = std::fs::read_to_string(common::only(&results, ".html")).expect("a page");
        let told = format!("放在：{}", results.display());
        assert!(page.contains("不能写入") && page.contains(&told), "{page}");
        assert!(ran.stdout.contains("年报检查结果"), "{}", ran.stdout);
    }
}

#[test]
fn a_closed_folder_sends_both_documents_home() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let desk = Desk::new();
        desk.write("closed/甲.toml", sample("yunyan-2025"));
        let mode = |mode| std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(desk.path("closed"), mode(0o555)).expect("set");
        // Root writes everywhere, so it has to find the documents beside.
        let is_closed = std::fs::write(desk.path("closed/x"), "").is_err();
        let _ = std::fs::remove_file(desk.path("closed/x"));
        assert_eq!(desk.drop(&["closed/甲.toml"]).code, 0);
        let place = if is_closed {
            desk.home.path().join("年报检查结果")
        } else {
            desk.path("closed")
        };
        for end in ["docx", "pdf"] {
            assert!(place.join(format!("{STEM}.{end}")).is_file(), "{end}");
        }
        let page = std::fs::read_to_string(place.join("甲检查结果.html")).expect("a page");
        assert_eq!(page.contains("不能写入"), is_closed);
        std::fs::set_permissions(desk.path("closed"), mode(0o755)).expect("set");
    }
}

#[test]
fn what_a_page_of_several_folders_made_is_known_too() {
    let desk = Desk::new();
    desk.write("甲/report.toml", sample("yunyan-2025"));
    desk.write("乙/report.toml", sample("yunyan-2025"));
    desk.drop(&["甲", "乙"]);
    let before = common::names(&desk.path("乙"));
    assert_eq!(before.len(), 3);
    assert_eq!(desk.names(), ["乙", "甲", "甲等 2 个检查结果.html"]);
    for folder in ["甲", "乙"] {
        desk.write(
            &format!("{folder}/report.toml"),
            sample("yunyan-2025").replace("每季度", "每半年"),
        );
    }
    let old = desk.read(&format!("乙/{STEM}.docx"));
    desk.drop(&["甲", "乙"]);
    assert_eq!(common::names(&desk.path("乙")), before);
    assert!(desk.read(&format!("乙/{STEM}.docx")) != old);
}
