//! Forms of other families go through every command and back, and the annual report does not notice them.
//! Must not know the rules: the golden cases show what is said.

mod common;

use common::{copy, run};
use std::path::{Path, PathBuf};

/// A folder with the forms of the golden cases, and what a test makes.
fn workspace() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&common::root().join("tests/cases/check/form-family/forms"), &folder.path().join("forms"));
    let path = folder.path().to_owned();
    (folder, path)
}

/// Runs a command with the forms; it has to find nothing wrong.
fn succeed(dir: &Path, args: &[&str]) -> String {
    let args: Vec<&str> = args.iter().copied().chain(["--templates", "forms"]).collect();
    let ran = run(dir, &args);
    assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout
}

/// Writes a filled report of the family.
fn write_report(dir: &Path, name: &str, figures: [u32; 2]) {
    let [routine, special] = figures;
    let folder = dir.join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = format!(
        "year = 2025\nfamily = \"inspections\"\nvariant = \"special\"\n\n[organ]\nname = \"{name}\"\n\
         level = \"department\"\n\n[text]\noverview = \"本年度按计划开展行政检查，问题都已督促整改。\"\n\n[counts]\n\
         inspections = {{ routine = {routine}, special = {special} }}\n"
    );
    std::fs::write(folder.join("report.toml"), text).expect("written");
}

fn text_of(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

#[test]
fn a_fresh_file_names_its_form_in_every_syntax() {
    let (_folder, dir) = workspace();
    let new = ["--year", "2025", "--organ", "云砚镇人民政府", "--form", "inspections/special"];
    succeed(&dir, &[&["new", "fresh"], new.as_slice()].concat());
    succeed(&dir, &[&["new", "book", "--xlsx"], new.as_slice()].concat());
    for (from, to) in [
        ("book/report.xlsx", "again.toml"),
        ("again.toml", "again.json"),
        ("again.json", "again.yaml"),
        ("again.yaml", "again.xlsx"),
        ("again.xlsx", "last.toml"),
    ] {
        succeed(&dir, &["convert", from, to]);
    }
    for file in ["fresh/report.toml", "again.toml", "again.json", "again.yaml", "last.toml"] {
        let text = text_of(&dir.join(file));
        for word in ["family", "variant"] {
            assert!(text.contains(word), "{file}: {text}");
        }
    }
    // Next year's file is of the same form.
    write_report(&dir, "甲局", [3, 2]);
    succeed(&dir, &["new", "next", "--from", "甲局"]);
    let next = text_of(&dir.join("next/report.toml"));
    assert!(
        next.contains("family = \"inspections\"") && next.contains("variant = \"special\""),
        "{next}"
    );
    let other =
        run(&dir, &["new", "other", "--from", "甲局", "--form", "2021", "--templates", "forms"]);
    assert!(other.code == 2 && !dir.join("other").exists(), "{}{}", other.stdout, other.stderr);
}

#[test]
fn a_document_of_another_family_reads_back_as_it() {
    let (_folder, dir) = workspace();
    write_report(&dir, "甲局", [3, 2]);
    succeed(&dir, &["check", "甲局"]);
    succeed(&dir, &["build", "甲局", "-o", "made", "--to", "docx"]);
    let made = common::only(&dir.join("made"), ".docx");
    let made = made.to_str().expect("a name");
    succeed(&dir, &["import", made, "-o", "read"]);
    let read = text_of(&dir.join("read/report.toml"));
    for word in ["family = \"inspections\"", "variant = \"special\"", "year = 2025"] {
        assert!(read.contains(word), "{word}: {read}");
    }
    succeed(&dir, &["check", "read"]);
    // The annual report is read as it was, although other forms are there.
    let sample = common::root().join("samples/yunyan-2025");
    let sample = sample.to_str().expect("a path");
    let alone = run(&dir, &["check", sample]);
    let beside = run(&dir, &["check", sample, "--templates", "forms"]);
    assert_eq!((alone.stdout, alone.code), (beside.stdout, beside.code));
    succeed(&dir, &["build", sample, "-o", "annual", "--to", "docx"]);
    let annual = common::only(&dir.join("annual"), ".docx");
    succeed(&dir, &["import", annual.to_str().expect("a name"), "-o", "again"]);
    assert!(!text_of(&dir.join("again/report.toml")).contains("family"));
}

#[test]
fn a_roll_up_of_another_family_can_be_checked_and_built() {
    let (_folder, dir) = workspace();
    for (name, figures) in [("units/甲局", [3, 2]), ("units/乙局", [4, 0])] {
        write_report(&dir, name, figures);
    }
    for to in ["total", "total/again.json", "total/again.yaml"] {
        let args = ["collect", "units", "-o", to, "--templates", "forms"];
        let ran = run(&dir, &args);
        assert!(ran.code < 2, "{}{}", ran.stdout, ran.stderr);
    }
    let total = text_of(&dir.join("total/report.toml"));
    let total = total.replace("name = \"\"", "name = \"云砚县\"");
    std::fs::write(dir.join("county.toml"), &total).expect("written");
    assert!(
        total.contains("family = \"inspections\"") && total.contains("variant = \"special\""),
        "{total}"
    );
    assert!(total.contains("routine = 7, special = 2"), "{total}");
    let checked = run(&dir, &["check", "county.toml", "--templates", "forms"]);
    assert!(
        !checked.stdout.contains("unknown-key") && !checked.stdout.contains("no-edition"),
        "{}",
        checked.stdout
    );
}

#[test]
fn an_own_rule_can_be_explained() {
    let (_folder, dir) = workspace();
    let said = succeed(&dir, &["explain", "inspection-total"]);
    assert!(
        said.contains("“日常检查” + “其他”") || said.contains("“日常检查” + “专项检查”"),
        "{said}"
    );
}

#[test]
fn a_faulty_form_is_never_replaced_by_another() {
    let (_folder, dir) = workspace();
    let form = dir.join("forms/special/form.toml");
    let broken = text_of(&form).replace("[39, 39, 39, 39]", "[39, 39, 39, 40]");
    std::fs::write(&form, broken).expect("written");
    write_report(&dir, "甲局", [3, 2]);
    let new = ["new", "fresh", "--year", "2025", "--organ", "云砚镇人民政府"];
    for args in [
        new.as_slice(),
        &["check", "甲局"],
        &["build", "甲局", "-o", "made", "--to", "docx"],
        &["collect", ".", "-o", "total"],
        &["convert", "甲局/report.toml", "out.json"],
        &["form", "show"],
        &["template", "make", "2021", "-o", "out.docx"],
    ] {
        let args: Vec<&str> = args.iter().copied().chain(["--templates", "forms"]).collect();
        let ran = run(&dir, &args);
        assert_eq!(ran.code, 2, "{args:?}: {}{}", ran.stdout, ran.stderr);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("157") && said.contains("form.toml"), "{args:?}: {said}");
    }
    for made in ["fresh", "made", "total", "out.json", "out.docx"] {
        assert!(!dir.join(made).exists(), "{made}");
    }
}

/// The form that the documents build from nothing is whole: a report of it is begun, filled in, built and explained.
#[test]
fn the_form_of_the_documents_works() {
    for page in ["docs/form-file.md", "docs/form-file.zh.md"] {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path();
        let text = text_of(&common::root().join(page));
        let (_, rest) = text.split_once("```toml\n").expect("a form");
        let (form, _) = rest.split_once("```").expect("its end");
        std::fs::create_dir_all(dir.join("forms/inspections")).expect("a folder");
        std::fs::write(dir.join("forms/inspections/form.toml"), form).expect("written");
        let new = ["new", "fresh", "--year", "2025", "--organ", "云砚镇人民政府"];
        succeed(dir, &[new.as_slice(), &["--form", "inspections"]].concat());
        let file = dir.join("fresh/report.toml");
        let text = text_of(&file);
        // The form makes no difference between levels, so the file has none.
        assert!(
            text.contains("family = \"inspections\"") && !text.contains("level"),
            "{page}: {text}"
        );
        let filled = text.replace(
            "overview = \"\"\"\n\n\"\"\"",
            "overview = \"本年度按计划开展行政检查，问题都已督促整改。\"",
        );
        std::fs::write(&file, filled.replace("routine = 0", "routine = 12")).expect("written");
        succeed(dir, &["check", "fresh", "--strict"]);
        succeed(dir, &["build", "fresh", "-o", "made", "--to", "docx"]);
        let made = std::fs::read(common::only(&dir.join("made"), ".docx")).expect("a document");
        let body = common::part(&made, "word/document.xml");
        assert!(body.contains("日常检查") && body.matches(">12<").count() == 2, "{page}: {body}");
        succeed(dir, &["explain", "inspection-total"]);
    }
}

/// What lies where last year's report would be, and is one of another family, is not taken for it: the next is looked
/// for, and if there is none that is said.
#[test]
fn a_report_of_another_family_is_not_last_years() {
    let (_folder, dir) = workspace();
    let sample = text_of(&common::root().join("samples/yunyan-2025/report.toml"));
    for (folder, year) in [("甲局2025", "2025"), ("old", "2024")] {
        std::fs::create_dir_all(dir.join(folder)).expect("a folder");
        let text = sample.replace("year = 2025", &format!("year = {year}"));
        std::fs::write(dir.join(folder).join("report.toml"), text).expect("written");
    }
    write_report(&dir, "甲局2024", [3, 4]);
    let other = text_of(&dir.join("甲局2024/report.toml"));
    std::fs::write(dir.join("甲局2024/report.toml"), other.replace("2025", "2024"))
        .expect("written");
    let check = |args: &[&str]| {
        let args = [&["check", "甲局2025", "--templates", "forms"], args].concat();
        run(&dir, &args).stdout
    };
    let alone = check(&[]);
    assert!(alone.contains("[not-compared]"), "{alone}");
    std::fs::copy(dir.join("old/report.toml"), dir.join("甲局2025/年报2024.toml")).expect("copied");
    let beside = check(&[]);
    assert!(!beside.contains("[not-compared]") && beside.contains("2024"), "{beside}");
    // A file of another family that is named is refused, and no text is compared with it.
    let named = check(&["--previous", "甲局2024/report.toml"]);
    assert!(!named.contains("[same-as-last-year]"), "{named}");
}

/// A mark for rewriting spares a text its other findings only as long as it is an error itself.
#[test]
fn a_lowered_mark_hides_no_wrong_number() {
    let (_folder, dir) = workspace();
    let sample = text_of(&common::root().join("samples/yunyan-2025/report.toml"));
    let at = sample.find("[text]").expect("texts");
    let line = sample[at..].find("\"\"\"\n").expect("a text") + at + 4;
    let marked =
        format!("{}【待改写】收到政府信息公开申请 987 件。\n{}", &sample[..line], &sample[line..]);
    std::fs::write(dir.join("report.toml"), marked).expect("written");
    std::fs::write(dir.join("office.toml"), "[rules]\nunfinished = \"remark\"\n").expect("written");
    let refused = run(&dir, &["check", "report.toml"]).stdout;
    assert!(refused.contains("[unfinished]") && !refused.contains("[text-number]"), "{refused}");
    let lowered = run(&dir, &["check", "report.toml", "--config", "office.toml"]).stdout;
    assert!(lowered.contains("[text-number]"), "{lowered}");
}
