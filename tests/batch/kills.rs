//! No link is followed or replaced, no kill and no full disk leaves half a file, and two runs in one folder do no harm.

use super::*;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const NAME: &str = "第0镇人民政府2025年政府信息公开工作年度报告.docx";

#[test]
fn links_are_neither_followed_nor_replaced() {
    let dir = dir();
    let out = dir.path().join("out");
    reports(dir.path(), 2, "链接");
    write(&dir.path().join("victim"), "untouched");
    std::fs::create_dir(&out).expect("made");
    let link = |name: &str| symlink("../victim", out.join(name)).expect("linked");
    let is_link = |name: &str| out.join(name).is_symlink();
    // One report fails, the other is built.
    link(NAME);
    let ran = docx(dir.path(), &["in"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("生成 1，未变 0，有错误未生成 0，无法处理 1"), "{}", ran.stdout);
    assert!(ran.stderr.contains(NAME) && ran.stderr.contains("是链接"), "{}", ran.stderr);
    assert!(is_link(NAME));
    // A link to the right content is still a link.
    std::fs::remove_file(out.join(NAME)).expect("removed");
    assert_eq!(docx(dir.path(), &["in"]).code, 0);
    let content = std::fs::read(out.join(NAME)).expect("read");
    std::fs::write(dir.path().join("elsewhere"), content).expect("written");
    std::fs::remove_file(out.join(NAME)).expect("removed");
    symlink("../elsewhere", out.join(NAME)).expect("linked");
    let ran = docx(dir.path(), &["in"]);
    assert!(ran.stdout.contains("生成 0，未变 1") && ran.code == 1, "{}", ran.stdout);
    assert!(is_link(NAME));
    std::fs::remove_file(out.join(NAME)).expect("removed");
    // The run's own files.
    for name in [".nianbao-state.jsonl", ".nianbao.lock", "s.json"] {
        let _ = std::fs::remove_file(out.join(name));
        link(name);
        let ran = docx(dir.path(), &["in", "--summary", "out/s.json"]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.stdout);
        assert!(ran.stderr.contains("链接") && ran.stderr.contains(name), "{}", ran.stderr);
        assert!(is_link(name) && !out.join(NAME).exists(), "{name}");
        std::fs::remove_file(out.join(name)).expect("removed");
    }
    assert_eq!(std::fs::read(dir.path().join("victim")).expect("read"), b"untouched");
}

#[test]
fn nothing_is_added_to_a_memory_with_another_name() {
    let dir = dir();
    let out = dir.path().join("out");
    reports(dir.path(), 2, "硬链接");
    let victim = dir.path().join("victim");
    write(&victim, "untouched\n");
    std::fs::create_dir(&out).expect("made");
    std::fs::hard_link(&victim, out.join(".nianbao-state.jsonl")).expect("linked");
    assert_eq!(docx(dir.path(), &["in"]).code, 0);
    assert!(docx(dir.path(), &["in"]).stdout.contains("生成 0，未变 2"));
    // A true memory that somebody has given another name stays as it was there.
    std::fs::remove_file(&victim).expect("removed");
    std::fs::hard_link(out.join(".nianbao-state.jsonl"), &victim).expect("linked");
    let before = std::fs::read(&victim).expect("read");
    assert!(docx(dir.path(), &["in", "--force"]).stdout.contains("生成 2，未变 0"));
    assert_eq!(std::fs::read(&victim).expect("read"), before);
    let memory = std::fs::read(out.join(".nianbao-state.jsonl")).expect("read");
    assert!(memory.len() > before.len(), "two more lines");
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let dir = dir();
    reports(dir.path(), 2, "设备");
    std::fs::create_dir_all(dir.path().join("out").join(NAME)).expect("made");
    let ran = docx(dir.path(), &["in"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("生成 1，未变 0，有错误未生成 0，无法处理 1"), "{}", ran.stdout);
    assert!(dir.path().join("out").join(NAME).is_dir());
    let ran = docx(dir.path(), &["in", "--summary", "/dev/full"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("/dev/full"), "{}", ran.stderr);
    assert!(!std::fs::metadata("/dev/full").expect("there").is_file());
    assert_eq!(leftovers(&dir.path().join("out")), [""; 0]);
}

#[test]
fn a_full_disk_leaves_the_old_files() {
    let dir = dir();
    let out = dir.path().join("out");
    reports(dir.path(), 5, "旧");
    // The programs that limit themselves: 4 KB for a file, then a disk of 40 KB where that is allowed.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let disk = "mount -t tmpfs -o size=40k none out && { \"$0\" \"$@\"; code=$?; cp -a out/. copy/; exit $code; }";
    let shell = |script: &str, wrap: &[&str]| -> Ran {
        let program = nianbao(dir.path());
        let mut command = std::process::Command::new(wrap.first().unwrap_or(&"sh"));
        command.current_dir(dir.path()).args(wrap.iter().skip(1));
        if !wrap.is_empty() {
            command.arg("sh");
        }
        command.args(["-c", script]).arg(program.get_program());
        command.args(["build", "in", "-o", "out", "--to", "docx", "--jobs", "2"]);
        command.output().expect("a shell").into()
    };
    assert_eq!(docx(dir.path(), &["in"]).code, 0);
    let old = documents(&out);
    reports(dir.path(), 5, "新");
    let ran = shell(limited, &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("写不了") && ran.stdout.contains("无法处理 5"), "{}", ran.stderr);
    assert_eq!(documents(&out), old);
    assert_eq!(leftovers(&out), [""; 0]);
    assert!(docx(dir.path(), &["in"]).stdout.contains("生成 5，未变 0"), "with room it goes on");
    let new = documents(&out);
    let may = std::process::Command::new("unshare").args(["-rm", "true"]).status();
    if may.is_ok_and(|status| status.success()) {
        std::fs::create_dir(dir.path().join("copy")).expect("made");
        let ran = shell(disk, &["unshare", "-rm"]);
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("写不了"), "{}", ran.stderr);
        let made = documents(&dir.path().join("copy"));
        assert!(!made.is_empty() && made.len() < 5, "some fit, others do not");
        assert!(made.iter().all(|(name, bytes)| new[name] == *bytes));
        assert_eq!(leftovers(&dir.path().join("copy")), [""; 0]);
    }
}

fn spawn(dir: &Path, args: &[&str]) -> Child {
    let mut command = nianbao(dir);
    command.args(["build", "-o", "out", "--to", "docx"]).args(args);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("started")
}

#[test]
fn two_runs_take_turns() {
    let dir = dir();
    let out = dir.path().join("out");
    reports(dir.path(), 20, "两个");
    let both = [spawn(dir.path(), &["in", "--force"]), spawn(dir.path(), &["in", "--force"])];
    for child in both {
        let ran: Ran = child.wait_with_output().expect("ended").into();
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    assert!(docx(dir.path(), &["in"]).stdout.contains("生成 0，未变 20"));
    // One that has to wait says so, and Ctrl-C ends the waiting.
    let lock = std::fs::File::open(out.join(".nianbao.lock")).expect("there");
    lock.lock().expect("locked");
    for signal in [None, Some("-INT")] {
        let mut child = spawn(dir.path(), &["in"]);
        let mut line = String::new();
        let mut stderr = std::io::BufReader::new(child.stderr.take().expect("piped"));
        std::io::BufRead::read_line(&mut stderr, &mut line).expect("a line");
        assert!(line.contains("另一个 nianbao"), "{line}");
        match signal {
            Some(signal) => {
                lock.lock().expect("locked");
                send(&child, signal);
                assert_eq!(child.wait().expect("ended").code(), Some(130));
            }
            None => {
                lock.unlock().expect("unlocked");
                assert_eq!(child.wait().expect("ended").code(), Some(0));
                lock.lock().expect("locked");
            }
        }
    }
}

fn send(child: &Child, signal: &str) {
    let id = child.id().to_string();
    let sent = std::process::Command::new("kill").args([signal, &id]).status();
    assert!(sent.expect("kill").success());
}

#[test]
fn an_interrupt_ends_between_two_reports() {
    let dir = dir();
    let out = dir.path().join("out");
    reports(dir.path(), 400, "中断");
    for signal in ["-INT", "-TERM"] {
        let child = spawn(dir.path(), &["in", "--jobs", "2", "--summary", "s.json", "--force"]);
        while documents(&out).is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        send(&child, signal);
        let ran: Ran = child.wait_with_output().expect("ended").into();
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        assert!(ran.stderr.contains("已停止"), "{}", ran.stderr);
        assert_eq!(leftovers(&out), [""; 0]);
        let value = summary(&dir.path().join("s.json"));
        assert_eq!(value["complete"], false);
        let told = value["reports"].as_array().expect("a list").len();
        let made = documents(&out).len();
        assert_eq!(told, made);
        let ran = docx(dir.path(), &["in"]);
        assert!(ran.stdout.contains(&format!("生成 {}，未变 {made}", 400 - made)), "{}", ran.code);
        std::fs::remove_dir_all(&out).expect("removed");
    }
}

/// A shell in a folder, with the program on its path.
#[cfg(feature = "pdf")]
fn shell(dir: &Path, line: &str, variables: &[(&str, &str)]) -> Ran {
    let program = nianbao(dir).get_program().to_owned();
    let folder = Path::new(&program).parent().expect("a folder").to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = std::process::Command::new("bash");
    command.current_dir(dir).args(["-c", line]).envs(variables.iter().copied());
    command.env("PATH", format!("{}:{path}", folder.display()));
    command.output().expect("a shell").into()
}

#[cfg(feature = "pdf")]
#[test]
fn the_commands_of_the_guide_run() {
    let dir = dir();
    copy(&root().join("samples"), &dir.path().join("samples"));
    copy(&root().join("samples"), &dir.path().join("reports"));
    let guide = std::fs::read_to_string(root().join("docs/scale.md")).expect("read");
    let blocks = guide.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let commands: Vec<&str> = blocks.flat_map(str::lines).collect();
    assert_eq!(commands.len(), 3);
    for line in commands {
        let ran = shell(dir.path(), line, &[]);
        assert_eq!(ran.code, 0, "{line}\n{}{}", ran.stdout, ran.stderr);
    }
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).expect("read");
    let built = |text: &str| text.replace("\"unchanged\"", "\"built\"");
    let (whole, joined) = (built(&read("summary.json")), built(&read("all.json")));
    assert_eq!(
        whole.lines().take(8).collect::<Vec<_>>(),
        joined.lines().take(8).collect::<Vec<_>>()
    );
    // The script as Slurm runs it.
    let script = root().join("docs/scale/slurm.sh").display().to_string();
    for task in ["1", "2", "3"] {
        let variables = [
            ("SLURM_ARRAY_TASK_ID", task),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
            ("SLURM_CPUS_PER_TASK", "2"),
        ];
        let ran = shell(dir.path(), &format!("bash '{script}'"), &variables);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }
    assert_eq!(shell(dir.path(), "nianbao merge-summary -o a.json summary/*.json", &[]).code, 1);
    let ran =
        shell(dir.path(), "rm summary/4.json; nianbao merge-summary -o a.json summary/*.json", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[cfg(feature = "pdf")]
#[test]
fn the_manifest_is_yaml_and_its_command_runs() {
    use docx_fill::diag::{Sink, Sources};
    use nianbao::data::{Syntax, load_data};
    let dir = dir();
    copy(&root().join("samples"), &dir.path().join("reports"));
    let text = std::fs::read_to_string(root().join("docs/scale/kubernetes.yaml")).expect("read");
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("kubernetes.yaml", text.as_str());
    assert!(load_data(source, &text, Syntax::Yaml, &mut sink).is_some(), "{sink:?}");
    assert!(sink.is_empty(), "{sink:?}");
    // The folded text under `>-`, as YAML folds it.
    let folded = text.split(">-\n").nth(1).expect("a command");
    let command: Vec<&str> = folded
        .lines()
        .take_while(|line| line.starts_with("              "))
        .map(str::trim)
        .collect();
    let command = command.join(" ").replace("/data", &dir.path().display().to_string());
    assert!(command.contains("--summary"), "{command}");
    for index in ["0", "1", "2", "3", "4", "5", "6", "7"] {
        let ran = shell(dir.path(), &command, &[("JOB_COMPLETION_INDEX", index)]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }
    let ran = shell(dir.path(), "nianbao merge-summary -o all.json summary/*.json", &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

/// Numbers that are the same in every run of the test.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    let dir = dir();
    let out = dir.path().join("out");
    let mut versions = Vec::new();
    let start = Instant::now();
    for word in ["甲版", "乙版"] {
        reports(dir.path(), 24, word);
        assert_eq!(docx(dir.path(), &["in"]).code, 0);
        versions.push(documents(&out));
    }
    let whole = u64::try_from(start.elapsed().as_micros() / 2).expect("short");
    let (mut dice, mut killed, mut between, mut littered) = (Dice(0x9E37_79B9), 0, 0, 0);
    for round in 0..200 {
        reports(dir.path(), 24, ["甲版", "乙版"][round % 2]);
        let mut child = spawn(dir.path(), &["in", "--jobs", "2"]);
        std::thread::sleep(Duration::from_micros(dice.below(whole)));
        let _ = child.kill();
        killed += usize::from(child.wait().expect("ended").signal() == Some(9));
        let now = documents(&out);
        assert_eq!(now.len(), 24);
        for (name, bytes) in &now {
            let known = versions.iter().any(|version| version[name] == *bytes);
            assert!(known, "round {round}: {name} has {} bytes", bytes.len());
        }
        between += usize::from(!versions.contains(&now));
        littered += leftovers(&out).len();
        if round % 10 == 9 {
            let ran = docx(dir.path(), &["in"]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            assert_eq!(documents(&out), versions[round % 2]);
            assert_eq!(leftovers(&out), [""; 0]);
            assert!(docx(dir.path(), &["in"]).stdout.contains("生成 0，未变 24"));
        }
    }
    // Otherwise the test shows nothing.
    assert!(killed > 20 && between > 0, "{killed} killed, {between} in between, {littered} left");
}
