//! The PDFs of many reports are set in processes of their own: they are the same, and one that dies takes
//! one report along.

use super::*;

/// The limits are those of foreign templates; a report that is made by one worker is made by two.
fn pdf(dir: &Path, jobs: &str) -> Ran {
    let limits = ["--limit", "typst-memory=1", "--limit", "typst-seconds=1"];
    run(dir, &[&["build", "in", "-o", "out", "--to", "pdf", "--jobs", jobs], &limits[..]].concat())
}

#[test]
fn processes_of_their_own_set_the_same() {
    let dir = dir();
    // Two editions, so that each process has two projects.
    reports(dir.path(), 12, "工作有序");
    for number in 12..18 {
        let text = report(&format!("第{number}镇人民政府"), "工作平稳").replace("2025", "2020");
        write(&dir.path().join(format!("in/{number}/report.toml")), &text);
    }
    let mut seen = BTreeSet::new();
    for jobs in ["1", "2"] {
        let _ = std::fs::remove_dir_all(dir.path().join("out"));
        let ran = pdf(dir.path(), jobs);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let made = documents(&dir.path().join("out"));
        assert_eq!(made.len(), 18);
        seen.insert((ran.stdout, ran.stderr, made));
    }
    assert_eq!(seen.len(), 1);
}

/// What is said of a report has the same place and words, wherever it was set.
#[test]
fn a_fault_is_told_alike() {
    let dir = dir();
    reports(dir.path(), 16, "工作有序");
    let rare = report("第1镇人民政府", "\u{13000}");
    write(&dir.path().join("in/区1/镇001/report.toml"), &rare);
    let told: BTreeSet<_> = ["1", "2"].map(|jobs| pdf(dir.path(), jobs).stderr).into();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told.first().is_some_and(|told| told.contains("U+13000")), "{told:?}");
}

/// A terminal and a scheduler send their signals to all processes of a run.
#[cfg(unix)]
#[test]
fn an_interrupt_of_all_processes_breaks_no_report() {
    use std::os::unix::process::CommandExt as _;
    let dir = dir();
    reports(dir.path(), 60, "工作有序");
    for signal in ["-INT", "-TERM"] {
        let _ = std::fs::remove_dir_all(dir.path().join("out"));
        let mut build = nianbao(dir.path());
        build.args(["build", "in", "-o", "out", "--to", "pdf", "--jobs", "2"]).process_group(0);
        build.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let build = build.spawn().expect("started");
        while documents(&dir.path().join("out")).is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let group = format!("-{}", build.id());
        let sent = std::process::Command::new("kill").args([signal, "--", &group]).status();
        assert!(sent.expect("kill").success());
        let ran = Ran::from(build.wait_with_output().expect("ended"));
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        assert!(ran.stdout.contains("有错误未生成 0，无法处理 0"), "{}", ran.stdout);
        assert!(!ran.stderr.contains("typst"), "{}", ran.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_dies_takes_one_report_along() {
    let dir = dir();
    reports(dir.path(), 24, "工作有序");
    let mut build = nianbao(dir.path());
    build.args(["build", "in", "-o", "out", "--to", "pdf", "--jobs", "2"]);
    build.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let build = build.spawn().expect("started");
    let children = format!("/proc/{0}/task/{0}/children", build.id());
    let child = loop {
        let text = std::fs::read_to_string(&children).expect("Linux tells the children");
        if let Some(child) = text.split_whitespace().next() {
            break child.to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    };
    let killed = std::process::Command::new("kill").args(["-9", &child]).status();
    assert!(killed.expect("kill").success());
    let ran = Ran::from(build.wait_with_output().expect("ended"));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("共 24 份：生成 23，未变 0，有错误未生成 1，无法处理 0"),
        "{}",
        ran.stdout
    );
    assert!(ran.stderr.contains("typst-stopped"), "{}", ran.stderr);
    // The report is named, not a template.
    assert!(ran.stderr.contains("/report.toml\n"), "{}", ran.stderr);
    // The next run makes what is missing.
    let again = pdf(dir.path(), "2");
    assert!(
        again.stdout.contains("共 24 份：生成 1，未变 23，有错误未生成 0，无法处理 0"),
        "{}",
        again.stdout
    );
}

/// A report whose one table takes minutes to be set, last in order, when its limits are set high.
fn long_report(dir: &Path) {
    let row = |cell: &str| format!("|{}\n", cell.repeat(60));
    let table = [row("a|"), row("-|"), row("a|").repeat(8_000)].concat();
    let text =
        format!("year = 2025\n[organ]\nname = \"长镇\"\n[text]\noverview = '''\n{table}'''\n");
    write(&dir.join("in/长/report.toml"), &text);
}

/// Limits of size that it stays below.
const WIDE: [&str; 4] = ["--limit", "pieces=1000000", "--limit", "texts=3000"];
/// The limits of time and memory for it.
const HIGH: [&str; 4] = ["--limit", "pdf-seconds=600", "--limit", "pdf-memory=8000"];

/// Without a limit of time a report with a huge table would hold up all others.
#[test]
fn a_long_report_fails_alone() {
    let dir = dir();
    reports(dir.path(), 3, "工作有序");
    long_report(dir.path());
    let refused = run(dir.path(), &["build", "in", "-o", "out", "--to", "pdf"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("错误[limit]"), "{}", refused.stderr);
    assert!(refused.stdout.contains("生成 3，未变 0，有错误未生成 1"), "{}", refused.stdout);
    let limits = [&WIDE[..], &["--limit", "pdf-seconds=3"]].concat();
    for jobs in ["1", "2"] {
        let line = ["build", "in", "-o", "out", "--to", "pdf", "--force", "--jobs", jobs];
        let ran = run(dir.path(), &[&line[..], &limits].concat());
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains("排版这份报告超过了 3 秒，已停止"), "{}", ran.stderr);
        assert!(ran.stderr.contains("in/长/report.toml"), "{}", ran.stderr);
        assert!(ran.stdout.contains("生成 3，未变 0，有错误未生成 1"), "{}", ran.stdout);
        assert_eq!(documents(&dir.path().join("out")).len(), 3);
    }
    let limits = [&WIDE[..], &["--limit", "pdf-memory=256"]].concat();
    let ran =
        run(dir.path(), &[&["build", "in", "-o", "out", "--to", "pdf"], &limits[..]].concat());
    assert!(ran.stderr.contains("排版这份报告用的内存超过了 256 MB"), "{}", ran.stderr);
}

/// The first Ctrl-C ends a report that takes minutes; the second one ends at once.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_long_report() {
    use std::time::{Duration, Instant};
    let dir = dir();
    let out = dir.path().join("out");
    reports(dir.path(), 2, "工作有序");
    long_report(dir.path());
    for signals in [1, 2] {
        let _ = std::fs::remove_dir_all(&out);
        let mut build = nianbao(dir.path());
        build
            .args(["build", "in", "-o", "out", "--to", "pdf", "--jobs", "2"])
            .args(WIDE)
            .args(HIGH);
        build.args(["--summary", "s.json"]);
        build.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let build = build.spawn().expect("started");
        // The others are ready, so the long one is in hand.
        while documents(&out).len() < 2 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let start = Instant::now();
        for _ in 0..signals {
            let sent =
                std::process::Command::new("kill").args(["-INT", &build.id().to_string()]).status();
            assert!(sent.expect("kill").success());
            std::thread::sleep(Duration::from_millis(100));
        }
        let ran = Ran::from(build.wait_with_output().expect("ended"));
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        assert_eq!(documents(&out).len(), 2, "no half file");
        assert_eq!(leftovers(&out), [""; 0]);
        if signals == 1 {
            assert!(ran.stderr.contains("已停止"), "{}", ran.stderr);
            let value = summary(&dir.path().join("s.json"));
            assert_eq!(value["complete"], false);
            assert_eq!(value["reports"].as_array().expect("a list").len(), 2);
        }
    }
}
