//! Pipes, devices and files of gigabytes under every name that the program reads: they are told at once, not
//! waited for.

use super::common::{Ran, nianbao};
use super::support::{Docx, paragraph};
use super::{everything, words, write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const REPORT: &str = "year = 2025\n[organ]\nname = \"云砚镇人民政府\"\n";
/// Who has not ended by then waits for something.
const PATIENCE: Duration = Duration::from_mins(1);

/// A place where the program reads a file, and the command that reads it.
struct Place {
    file: &'static str,
    command: &'static str,
}

const fn place(file: &'static str, command: &'static str) -> Place {
    Place { file, command }
}

/// Every way in which a file comes into the program by its name.
const NAMED: &[Place] = &[
    place("in/r.toml", "build in/r.toml --to docx -o out"),
    place("in/r.yaml", "check in/r.yaml"),
    place("in/r.xlsx", "check in/r.xlsx"),
    place("in/r.json", "convert in/r.json in/x.toml"),
    place("in/r.csv", "convert in/r.csv in/x.toml"),
    place("p.toml", "check r.toml --previous p.toml"),
    place("c.toml", "check r.toml --config c.toml"),
    place("h.docx", "build r.toml --letterhead h.docx --to docx -o out"),
    place("list", "build --from-list list --to docx -o out"),
    place("list", "build @list --to docx -o out"),
    place("s.json", "merge-summary -o all.json s.json"),
    place("t.docx", "fill t.docx d.json -o o.docx"),
    place("e.json", "fill good.docx e.json -o o.docx"),
    place("blank.docx", "fill --form blank.docx r.toml -o o.docx"),
    place("old.docx", "import old.docx -o new"),
    place("t.docx", "template check t.docx"),
    place("e.json", "template check good.docx --data e.json"),
    place("t.docx", "template tags t.docx"),
    place("units.toml", "collect county -o total.toml --units units.toml"),
    place("own.toml", "collect county -o total.toml --own own.toml"),
];
/// Every way in which the program finds a file by itself.
const FOUND: &[Place] = &[
    place("in/report.toml", "check in"),
    place("in/report.toml", "build in --to docx -o out"),
    place("in/a/b/report.json", "build in --to docx -o out"),
    place("nianbao.toml", "check r.toml"),
    place("t/2021/report.typ", "build r.toml --templates t -o out"),
    place("t/2021/form.toml", "check r.toml --templates t"),
    place("t/2021/pictures/a.png", "check r.toml --templates t"),
    place("h/letterhead.toml", "build r.toml --letterhead h --to docx -o out"),
    place("out/.nianbao-state.jsonl", "build r.toml --to docx -o out"),
    place("parts/a.txt", "fill good.docx d.json -o o.docx --partials parts"),
    place("county/乙/report.toml", "collect county -o total.toml"),
];
const LOCK: Place = place("out/.nianbao.lock", "build r.toml --to docx -o out");

/// What lies beside the file in question.
fn surroundings(dir: &Path) {
    for name in ["r.toml", "county/甲/report.toml"] {
        write(dir, name, REPORT);
    }
    write(dir, "good.docx", Docx::new(&paragraph("{{a}}")).bytes());
    write(dir, "d.json", "{\"a\": \"甲\"}");
}

/// Runs the program, which is to end by itself.
fn ended(dir: &Path, command: &str) -> Ran {
    let mut child = nianbao(dir);
    child.args(words(command)).stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
    let mut child = child.spawn().expect("started");
    let start = Instant::now();
    while child.try_wait().expect("known").is_none() {
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("`{command}` waits");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().expect("ended").into()
}

/// What is wrong where a place is given a file that is made by this; `told` is what the program may say of it.
fn missed(Place { file, command }: &Place, make: fn(&Path), told: &[&str]) -> Option<String> {
    let dir = tempfile::tempdir().expect("a folder");
    surroundings(dir.path());
    let path = dir.path().join(file);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    make(&path);
    let ran = ended(dir.path(), command);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    let is_told = said.contains(name) && told.iter().any(|words| said.contains(words));
    let good = matches!(ran.code, 1 | 2) && is_told && !said.contains("panicked");
    let mut left = everything(dir.path());
    left.retain(|file| [".tmp", "o.docx"].iter().any(|end| file.ends_with(end)));
    let bad = !good || !left.is_empty();
    bad.then(|| format!("{file}: {command}: exit code {}, left {left:?}\n{said}", ran.code))
}

fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo").success());
}

/// A link by a person's own hand, to a device that has no end.
fn device(path: &Path) {
    std::os::unix::fs::symlink("/dev/zero", path).expect("linked");
}

/// More than four gigabytes that take no room.
fn hole(path: &Path) {
    std::fs::File::create(path).and_then(|file| file.set_len(4_200_000_000)).expect("made");
}

#[test]
fn pipes_are_not_waited_for() {
    let places = NAMED.iter().chain(FOUND).chain([&LOCK]);
    // Without settings a report is judged all the same.
    let settings = |one: &&Place| one.file == "nianbao.toml";
    for one in FOUND.iter().filter(settings) {
        let missed = missed(one, pipe, &["不是普通文件"]).unwrap_or_default();
        assert!(missed.contains("exit code 0") && missed.contains("不是普通文件"), "{missed}");
    }
    let wrong: Vec<_> = places
        .filter(|one| !settings(one))
        .filter_map(|one| missed(one, pipe, &["不是普通文件"]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn devices_are_not_read() {
    let told = ["不是普通文件", "链接"];
    let wrong: Vec<_> = NAMED.iter().filter_map(|one| missed(one, device, &told)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Where the program passes links over, it comes to an end without the device.
#[test]
fn devices_behind_links_are_not_read() {
    for Place { file, command } in FOUND.iter().chain([&LOCK]) {
        let dir = tempfile::tempdir().expect("a folder");
        surroundings(dir.path());
        let path = dir.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        device(&path);
        let ran = ended(dir.path(), command);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        let is_read = said.contains("太大") || said.contains("panicked");
        assert!(matches!(ran.code, 0..=2) && !is_read, "{file}: {command}: {}\n{said}", ran.code);
    }
}

#[test]
fn files_of_gigabytes_are_refused_at_once() {
    let places = NAMED.iter().chain(FOUND);
    let wrong: Vec<_> = places.filter_map(|one| missed(one, hole, &["太大"])).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A file above the limit is refused by its size, and the standard input after as many bytes as the limit has: neither is
/// read into more memory than the program has here.
#[test]
fn five_gigabytes_of_data_are_refused_within_little_memory() {
    let dir = tempfile::tempdir().expect("a folder");
    surroundings(dir.path());
    let data = dir.path().join("big.json");
    std::fs::File::create(&data).and_then(|file| file.set_len(5 << 30)).expect("made");
    for (input, command) in [
        ("/dev/null", "fill good.docx big.json -o o.docx"),
        ("/dev/zero", "fill good.docx - --data-type json -o o.docx --limit file=64"),
    ] {
        let bound = format!("ulimit -v 1000000; ulimit -t 60; exec \"$0\" \"$@\" < {input}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &bound, env!("CARGO_BIN_EXE_nianbao")]).args(words(command));
        let ran: Ran = shell.current_dir(dir.path()).output().expect("started").into();
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(ran.code == 2 && said.contains("MB"), "{command}: {} {said}", ran.code);
        assert!(!dir.path().join("o.docx").exists());
    }
}
