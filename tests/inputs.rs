//! What paths, patterns, folders and archives stand for, for every command that reads reports: which file of a folder is
//! its report, what is told of the others, and where nothing is searched or written.

mod common;

use common::{Ran, root, run};
use std::io::Write as _;
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(path: &Path, content: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, content).expect("written");
}

/// A report of an organ.
fn report(organ: &str) -> String {
    let text = std::fs::read_to_string(root().join("samples/yunyan-2025/report.toml"));
    let text = text.expect("a sample");
    text.replace("\"云砚镇人民政府\"", &format!("\"{organ}\"")).replace("云砚镇", &organ[..9])
}

fn said(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}

#[track_caller]
fn expect(ran: &Ran, code: i32, words: &[&str]) {
    let all = said(ran);
    assert_eq!(ran.code, code, "{all}");
    for word in words {
        assert!(all.contains(word), "{word} in\n{all}");
    }
}

/// An entry of an archive: raw name, bytes, flags.
type Entry<'a> = (&'a [u8], &'a [u8], u16);

/// Flag of an entry that needs a password.
const ENCRYPTED: u16 = 1;
/// Flag of a name in UTF-8.
const UTF8: u16 = 1 << 11;

/// The bytes of an archive whose entries are stored.
fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes, flags) in entries {
        let start = u32::try_from(out.len()).expect("small");
        let size = u32::try_from(bytes.len()).expect("small");
        let length = u16::try_from(name.len()).expect("small");
        let mut head = Vec::new();
        head.extend(20_u16.to_le_bytes());
        head.extend(flags.to_le_bytes());
        head.extend([0; 2]); // stored
        head.extend([0, 0, 0x21, 0x50]); // a day
        head.extend(crc32(bytes).to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(length.to_le_bytes());
        head.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(*name);
        out.extend(*bytes);
        directory.extend(b"PK\x01\x02");
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(*name);
    }
    let (start, size) = (out.len(), directory.len());
    out.extend(directory);
    let count = u16::try_from(entries.len()).expect("few");
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(size).expect("small").to_le_bytes());
    out.extend(u32::try_from(start).expect("small").to_le_bytes());
    out.extend([0; 2]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 }
        })
    })
}

/// The name of 石桥镇 with a file below it, in GBK.
const GBK_NAME: &[u8] = b"\xca\xaf\xc7\xc5\xd5\xf2/\xc4\xea\xb1\xa8.toml";

/// A county with every kind of delivery.
fn county(dir: &Path) {
    let units = dir.join("报来");
    write(&units.join("云砚镇.toml"), report("云砚镇人民政府"));
    write(&units.join("青石镇.toml"), report("青石镇人民政府").replace("19,", "20,"));
    write(&units.join("松岭镇/松岭镇2025年报.toml"), report("松岭镇人民政府"));
    write(&units.join("松岭镇/年报.pdf"), "%PDF");
    write(&units.join("照片.jpg"), "photo");
    write(&units.join("说明.txt"), "notes");
    write(&units.join("扫描件.pdf"), "%PDF");
    write(&units.join("白河镇.rar"), "Rar!");
    let gbk = report("石桥镇人民政府");
    write(&units.join("石桥镇.zip"), archive(&[(GBK_NAME, gbk.as_bytes(), 0)]));
}

#[test]
fn b4_a_folder_of_many_is_checked_and_every_file_told_once() {
    let dir = folder();
    county(dir.path());
    let ran = run(dir.path(), &["check", "报来"]);
    expect(&ran, 1, &["松岭镇", "检查了 4 份", "白河镇.rar", "RAR 压缩包", "扫描件.pdf"]);
    let all = said(&ran);
    for file in ["照片.jpg", "说明.txt", "白河镇.rar”", "扫描件.pdf”", "年报.pdf"] {
        assert_eq!(all.matches(file).count(), 1, "{file} in\n{all}");
    }
    // As a pattern, which no shell may have expanded.
    let ran = run(dir.path(), &["check", "报来/*.toml"]);
    expect(&ran, 1, &["检查了 2 份"]);
    let ran = run(dir.path(), &["check", "报来/*.none"]);
    expect(&ran, 2, &["报来/*.none"]);
    // However many work at it, the same is said in the same order.
    let one = run(dir.path(), &["check", "报来", "--jobs", "1"]);
    let many = run(dir.path(), &["check", "报来", "--jobs", "7"]);
    assert_eq!((one.stdout, one.stderr), (many.stdout, many.stderr));
}

#[test]
fn a8_the_report_of_a_folder_is_found_whatever_its_name() {
    let dir = folder();
    let home = dir.path().join("云砚");
    write(&dir.path().join("a.toml"), report("云砚镇人民政府"));
    assert_eq!(run(dir.path(), &["convert", "a.toml", "a.xlsx"]).code, 0);
    let book = std::fs::read(dir.path().join("a.xlsx")).expect("a workbook");
    for name in ["report (1).xlsx", "云砚镇2025年报.xlsx"] {
        write(&home.join(name), &book);
        write(&home.join(format!("~${name}")), "lock");
        expect(&run(dir.path(), &["check", "云砚"]), 0, &["检查了 1 份，其中 1 份没有错误"]);
        let ran = run(dir.path(), &["build", "云砚", "--to", "docx"]);
        expect(&ran, 0, &["已生成"]);
        // What was made is no input, and so not a second report.
        let ran = run(dir.path(), &["build", "云砚", "--to", "docx"]);
        expect(&ran, 0, &["已生成"]);
        assert_eq!(common::names(&home).len(), 3, "the workbook, a lock and the document");
        expect(&run(dir.path(), &["check", "云砚"]), 0, &["检查了 1 份"]);
        let out = format!("{}.json", name.len());
        expect(&run(dir.path(), &["convert", "云砚", &out]), 0, &["已生成"]);
        std::fs::remove_dir_all(&home).expect("removed");
    }
    write(&home.join("甲.xlsx"), &book);
    write(&home.join("乙.toml"), report("云砚镇人民政府"));
    expect(&run(dir.path(), &["convert", "云砚", "b.json"]), 2, &["甲.xlsx", "乙.toml"]);
    write(&home.join("report.toml"), report("云砚镇人民政府"));
    expect(&run(dir.path(), &["convert", "云砚", "b.json"]), 0, &["已生成"]);
    std::fs::remove_dir_all(&home).expect("removed");
    write(&home.join("年报.pdf"), "%PDF");
    expect(&run(dir.path(), &["convert", "云砚", "c.json"]), 2, &["年报.pdf", "另存为"]);
}

#[test]
fn word_documents_of_a_folder_are_imported() {
    let dir = folder();
    write(&dir.path().join("a.toml"), report("云砚镇人民政府"));
    let ran = run(dir.path(), &["build", "a.toml", "-o", "made", "--to", "docx"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    let document = std::fs::read(common::only(&dir.path().join("made"), ".docx")).expect("read");
    write(&dir.path().join("旧/甲.docx"), &document);
    write(&dir.path().join("旧/说明.txt"), "notes");
    let ran = run(dir.path(), &["import", "旧", "-o", "one"]);
    expect(&ran, 0, &["说明.txt"]);
    assert!(dir.path().join("one/report.toml").exists());
    write(&dir.path().join("旧/乙.docx"), &document);
    expect(&run(dir.path(), &["import", "旧/*.docx", "-o", "two"]), 0, &[]);
    assert!(dir.path().join("two/甲/report.toml").exists());
    assert!(dir.path().join("two/乙/report.toml").exists());
    std::fs::create_dir(dir.path().join("空")).expect("a folder");
    expect(&run(dir.path(), &["import", "空", "-o", "three"]), 2, &["空", "Word"]);
}

#[test]
fn archives_of_units_are_read_and_others_named_with_the_way_out() {
    let dir = folder();
    county(dir.path());
    let units = dir.path().join("报来");
    let plain = report("白河镇人民政府");
    let inner = archive(&[(b"a.toml", plain.as_bytes(), 0)]);
    let hidden = report("黑水镇人民政府");
    write(
        &units.join("几个镇.zip"),
        archive(&[
            ("白河镇.toml".as_bytes(), plain.as_bytes(), UTF8),
            ("__MACOSX/白河镇.toml".as_bytes(), b"x", UTF8),
            ("里面.zip".as_bytes(), &inner, 0),
            ("../../黑水镇.toml".as_bytes(), hidden.as_bytes(), 0),
        ]),
    );
    write(&units.join("有密码.zip"), archive(&[(b"a.toml", b"0123456789abcdef", ENCRYPTED)]));
    write(&units.join("坏的.zip"), "PK\u{3}\u{4}broken");
    write(&units.join("空的.zip"), archive(&[(b"a.jpg", b"photo", 0)]));
    write(&units.join("大.7z"), "7z");
    let ran = run(dir.path(), &["collect", "报来", "-o", "汇总"]);
    expect(
        &ran,
        1,
        &["计入 6 个", "有密码", "7Z 压缩包", "RAR 压缩包", "里面.zip", "坏的.zip", "空的.zip"],
    );
    let status = std::fs::read_to_string(dir.path().join("汇总/报送情况.html")).expect("a page");
    for unit in ["石桥镇人民政府", "白河镇人民政府", "黑水镇人民政府", "松岭镇人民政府"]
    {
        assert!(status.contains(unit), "{unit}");
    }
    assert!(status.contains("石桥镇.zip/石桥镇/年报.toml"), "{status}");
    // Nothing was unpacked anywhere.
    assert!(!dir.path().join("黑水镇.toml").exists() && !units.join("石桥镇").exists());
    // Each command reads the archive itself, too.
    expect(&run(dir.path(), &["check", "报来/石桥镇.zip"]), 0, &["检查了 1 份，其中 1 份"]);
    expect(&run(dir.path(), &["convert", "报来/石桥镇.zip", "a.xlsx"]), 0, &["已生成"]);
    let ran = run(dir.path(), &["build", "报来/石桥镇.zip", "--to", "docx", "-o", "made"]);
    expect(&ran, 0, &["已生成"]);
    let ran = run(dir.path(), &["check", "报来/石桥镇.zip", "--fix"]);
    expect(&ran, 0, &["压缩包里"]);
}

#[test]
fn an_archive_costs_no_more_than_its_limits() {
    let dir = folder();
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    bomb.start_file("a.toml", zip::write::SimpleFileOptions::default()).expect("an entry");
    bomb.write_all(&vec![b' '; 16 << 20]).expect("memory");
    write(&dir.path().join("in/a.zip"), bomb.finish().expect("memory").into_inner());
    expect(&run(dir.path(), &["check", "in"]), 2, &["400 倍"]);
    let names: Vec<String> = (0..40).map(|number| format!("{number}.toml")).collect();
    let many: Vec<Entry<'_>> =
        names.iter().map(|name| (name.as_bytes(), b"year = 2025".as_slice(), 0)).collect();
    write(&dir.path().join("in/a.zip"), archive(&many));
    let ran = run(dir.path(), &["check", "in", "--limit", "package-parts=39"]);
    expect(&ran, 1, &["39 个"]);
}

#[test]
fn x1_many_reports_are_not_built_beside_their_data_unasked() {
    let dir = folder();
    county(dir.path());
    let before = common::names(&dir.path().join("报来"));
    let ran = run(dir.path(), &["build", "报来", "--to", "docx"]);
    expect(&ran, 2, &["报来/云砚镇.toml → 报来", "-o", "--in-place"]);
    assert_eq!(common::names(&dir.path().join("报来")), before);
    let ran = run(dir.path(), &["build", "报来", "--to", "docx", "-o", "out"]);
    expect(&ran, 1, &["白河镇.rar"]);
    // One of the four has an error.
    assert_eq!(common::names(&dir.path().join("out")).len(), 3);
    assert_eq!(common::names(&dir.path().join("报来")), before);
    let ran = run(dir.path(), &["build", "报来", "--to", "docx", "--in-place"]);
    expect(&ran, 1, &["已生成"]);
    assert_eq!(common::names(&dir.path().join("报来")).len(), before.len() + 2);
    // What was made is no input of the next run.
    let ran = run(dir.path(), &["build", "报来", "--to", "docx", "--in-place"]);
    expect(&ran, 1, &["共 4 份"]);
    assert_eq!(common::names(&dir.path().join("报来")).len(), before.len() + 2);
    expect(&run(dir.path(), &["check", "报来"]), 1, &["检查了 4 份"]);
}

#[test]
fn x1_nothing_is_searched_too_deep_or_in_folders_of_the_system() {
    let dir = folder();
    write(&dir.path().join("in/1/2/3/4/5/6/report.toml"), report("云砚镇人民政府"));
    write(&dir.path().join("in/1/2/3/4/5/6b/7/report.toml"), report("青石镇人民政府"));
    write(&dir.path().join("in/a.toml"), report("松岭镇人民政府"));
    let ran = run(dir.path(), &["check", "in"]);
    expect(&ran, 1, &["超过 6 层", "检查了 2 份"]);
    if Path::new("/proc/self").exists() {
        for command in [["check", "/proc"], ["build", "/proc"]] {
            expect(&run(dir.path(), &command), 2, &["系统自己的文件夹"]);
        }
        let ran = run(dir.path(), &["collect", "/sys", "-o", "out"]);
        expect(&ran, 2, &["系统自己的文件夹"]);
    }
}

#[test]
fn a_path_that_leads_nowhere_writes_no_list() {
    let dir = folder();
    let ran = run(dir.path(), &["check", "没有.toml", "--list", "清单.xlsx"]);
    expect(&ran, 2, &["没有.toml"]);
    assert!(!dir.path().join("清单.xlsx").exists());
}

#[test]
fn every_row_of_the_status_has_a_reason_and_leads_to_its_findings() {
    let dir = folder();
    county(dir.path());
    let units = "year = 2025\n[organ]\nname = \"云溪县人民政府\"\n";
    let names = ["云砚镇", "青石镇", "松岭镇", "石桥镇", "白河镇", "黑水镇"];
    let list = names.map(|name| format!("[[unit]]\nname = \"{name}人民政府\"\n")).concat();
    write(&dir.path().join("名册.toml"), format!("{units}{list}"));
    let ran = run(dir.path(), &["collect", "报来", "-o", "汇总", "--units", "名册.toml"]);
    expect(&ran, 1, &["黑水镇人民政府"]);
    let status = std::fs::read_to_string(dir.path().join("汇总/报送情况.html")).expect("a page");
    let rows: Vec<&str> = status.split("<tr").skip(2).collect();
    assert!(rows.len() >= 7, "{}", rows.len());
    for row in rows {
        assert!(!row.contains("<td></td></tr>"), "{row}");
    }
    // The one with errors leads to them.
    let (before, _) = status.split_once("青石镇人民政府</a>").expect("a link");
    let anchor = before.rsplit_once("href=\"#").expect("a place").1.trim_end_matches("\">");
    assert!(status.contains(&format!("<h3 id=\"{anchor}\">青石镇人民政府</h3>")), "{anchor}");
    assert!(!status.contains("nianbao explain"), "a unit has no commands");
}

/// Waits for a line with a word.
#[cfg(unix)]
fn wait_for(lines: &mut impl Iterator<Item = std::io::Result<String>>, word: &str) {
    for line in lines.by_ref() {
        if line.expect("UTF-8").contains(word) {
            return;
        }
    }
    panic!("no {word}");
}

#[cfg(unix)]
#[test]
fn x5_watching_ends_at_the_first_signal() {
    use std::io::BufRead as _;
    use std::process::Stdio;
    let dir = folder();
    write(&dir.path().join("report.toml"), report("云砚镇人民政府"));
    for command in [["build", ".", "--to", "docx"].as_slice(), ["check", "."].as_slice()] {
        let mut child = common::nianbao(dir.path())
            .args(command)
            .arg("--watch")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut lines = std::io::BufReader::new(child.stdout.take().expect("a pipe")).lines();
        wait_for(&mut lines, "正在等待");
        let id = child.id().to_string();
        let sent = std::process::Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.expect("kill").success());
        let start = std::time::Instant::now();
        let ended = loop {
            match child.try_wait().expect("a child") {
                Some(status) => break Some(status),
                None if start.elapsed().as_secs() > 20 => break None,
                None => std::thread::sleep(std::time::Duration::from_millis(50)),
            }
        };
        let _ = child.kill();
        assert_eq!(ended.and_then(|status| status.code()), Some(130), "{command:?}");
    }
}

#[test]
fn check_runs_again_when_a_report_changes() {
    use std::io::BufRead as _;
    let dir = folder();
    write(&dir.path().join("in/a.toml"), report("云砚镇人民政府"));
    let mut child = common::nianbao(dir.path())
        .args(["check", "in", "--watch"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = std::io::BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut until = |word: &str| {
        lines.by_ref().map(|line| line.expect("UTF-8")).any(|line| line.contains(word))
    };
    assert!(until("检查了 1 份，其中 1 份没有错误") && until("正在等待"));
    write(&dir.path().join("in/b.toml"), report("青石镇人民政府").replace("19,", "20,"));
    assert!(until("检查了 2 份，其中 1 份没有错误"));
    let _ = child.kill();
    let _ = child.wait();
}
