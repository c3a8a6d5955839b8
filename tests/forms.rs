//! The built-in forms are the official ones, cell by cell, and a further edition needs no code.

use docx_fill::diag::{DiagnosticFormat, Lang, Sink, Sources, render_diagnostics};
use nianbao::form::{FigureKind, Form, FormRegistry, FormTable, GridContent};

/// A cell of an official grid: words or the kind of figure, colspan, rowspan.
type Cell = (String, usize, usize);

/// The official grid, as `tests/official/form-grids.json` gives it in a small subset of HTML.
fn official(name: &str) -> (usize, usize, Vec<Vec<Cell>>) {
    let json: serde_json::Value =
        serde_json::from_str(include_str!("official/form-grids.json")).expect("valid JSON");
    let number = |key: &str| {
        json[name][key].as_u64().and_then(|n| usize::try_from(n).ok()).expect("a number")
    };
    let html = json[name]["html"].as_str().expect("HTML");
    let rows =
        html.split("<tr>").skip(1).map(|row| cells(row.split("</tr>").next().expect("a row")));
    (number("rows"), number("cols"), rows.collect())
}

fn cells(row: &str) -> Vec<Cell> {
    let mut out = Vec::new();
    let mut rest = row;
    while let Some(at) = rest.find('<') {
        // `7×<td>` stands for seven such cells.
        let times = rest[..at].trim_end_matches('×').parse().unwrap_or(1);
        let (tag, after) = rest[at + 1..].split_once('>').expect("a tag");
        let (text, after) = after.split_once("</t").expect("a closing tag");
        rest = after.split_once('>').expect("a closing tag").1;
        let span = |name: &str| {
            let value = tag.split_whitespace().find_map(|word| word.strip_prefix(name));
            value.map_or(1, |value| value.trim_start_matches('=').parse().expect("a span"))
        };
        let cell = (text.to_owned(), span("colspan"), span("rowspan"));
        out.extend(std::iter::repeat_n(cell, times));
    }
    out
}

fn ours(table: &FormTable) -> Vec<Vec<Cell>> {
    let line = |cells: &Vec<nianbao::form::GridCell>| {
        cells
            .iter()
            .map(|cell| (content(table, &cell.content), cell.colspan, cell.rowspan))
            .collect()
    };
    table.lines.iter().map(line).collect()
}

fn content(table: &FormTable, content: &GridContent) -> String {
    match content {
        GridContent::Header { text, .. } => text.clone(),
        GridContent::Figure(cell) => match table.columns[table.cells[*cell].column].kind {
            FigureKind::Count => "{n}",
            FigureKind::Money => "{d}",
            FigureKind::Signed => "{±n}",
            FigureKind::Text => "{money}",
        }
        .to_owned(),
    }
}

#[test]
fn every_grid_is_the_official_one() {
    let library = FormRegistry::built_in();
    for (edition, table, name, figures) in [
        ("2021", "disclosure", "T2_2021", 10),
        ("2021", "requests", "T3_2021", 175),
        ("2021", "review", "T4", 15),
        ("2019", "disclosure", "T2_2019", 22),
        ("2019", "requests", "T3_2019", 161),
        ("2019", "review", "T4", 15),
    ] {
        let form = library.by_edition(edition).expect("built in");
        let table = form.table_by_id(table).expect("a table");
        let (rows, columns, grid) = official(name);
        assert_eq!((table.grid.rows(), table.grid.columns()), (rows, columns), "{name}");
        assert_eq!(ours(table), grid, "{name}");
        assert_eq!(table.cells.len(), figures, "{name}");
        let width: f64 = table.widths.iter().sum();
        assert!((width - 156.0).abs() < 1e-6, "{name} is as wide as the type area");
    }
}

/// The build script finds the forms; nobody lists them.
#[test]
fn every_form_below_templates_is_built_in() {
    let templates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let entries = std::fs::read_dir(&templates).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.into_string().expect("UTF-8"));
    let mut folders: Vec<String> =
        names.filter(|name| templates.join(name).join("form.toml").is_file()).collect();
    folders.sort();
    let mut known: Vec<String> =
        FormRegistry::built_in().forms().iter().map(|form| form.folder.clone()).collect();
    known.sort();
    assert!(known.len() > 1 && known == folders, "{known:?} {folders:?}");
}

#[test]
fn totals_are_planned_once_each() {
    for form in FormRegistry::built_in().forms() {
        for table in &form.tables {
            let planned: Vec<_> =
                table.eval_order.iter().filter_map(|&at| table.instances[at].computes).collect();
            let mut unique = planned.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(planned.len(), unique.len(), "{} {}", form.edition, table.id);
            let totals = (0..table.cells.len()).filter(|&cell| {
                let id = table.cells[cell];
                table.columns[id.column].id == "total" || table.rows[id.row].id == "handled-total"
            });
            assert_eq!(totals.count(), unique.len(), "{} {}", form.edition, table.id);
        }
    }
}

/// The 2021 form with the row that Hubei adds, as an edition of its own: text edits only.
fn with_extra_row() -> String {
    include_str!("../templates/2021/form.toml")
        .replace("edition = \"2021\"", "edition = \"hubei\"")
        .replace("years = { from = 2021 }", "years = { from = 2030, to = 2031 }")
        .replace(
            "[[table.row]]\nid = \"licensing\"",
            "[[table.row]]\nid = \"other-documents\"\nlabel = \"其他主动公开文件\"\n\n[[table.row]]\nid = \"licensing\"",
        )
        .replacen(
            "[[table.line]]\nhead = [{ text = \"第二十条第（五）项\"",
            "[[table.line]]\nrow = \"other-documents\"\nfigures = [\"issued\", \"repealed\", \"in-force\"]\n\n[[table.line]]\nhead = [{ text = \"第二十条第（五）项\"",
            1,
        )
}

fn read(text: &str) -> (Option<Form>, String) {
    let mut sources = Sources::default();
    let source = sources.add_text("form.toml", text);
    let mut sink = Sink::new();
    let form = Form::read(source, text, &mut sink);
    (form, render_diagnostics(&sink.into_sorted(), &sources, DiagnosticFormat::Short, Lang::En))
}

#[test]
fn an_extra_row_is_data() {
    let (form, messages) = read(&with_extra_row());
    assert_eq!(messages, "");
    let mut library = FormRegistry::built_in();
    assert!(library.add_form(form.expect("a valid form")).is_ok());
    let form = library.for_year(2030).expect("the new edition");
    let table = form.table_by_id("disclosure").expect("the table");
    assert_eq!((table.cells.len(), table.grid.rows()), (13, 15));
    assert_eq!(library.for_year(2025).map(|form| form.edition.as_str()), Some("2021"));
}

#[test]
fn faults_of_a_form_are_named_with_their_line() {
    let good = include_str!("../templates/2021/form.toml");
    for (from, to, expected) in [
        ("{ column = \"repealed\" }", "{ column = \"repeeled\" }", "repeeled"),
        ("rowspan = 22", "rowspan = 23", "overlap"),
        ("rowspan = 22", "rowspan = 21", "no cell in column"),
        ("natural-person + business +", "natural-person business +", "row-sum"),
        ("id = \"repeat\"\n", "id = \"petition\"\n", "defined twice"),
        ("widths = [45,", "width = [45,", "unknown key width"),
        ("widths = [45,", "widths = [46,", "46 + 37 + 37 + 37 = 157 mm, the type area has 156 mm"),
        ("family = \"information", "family = \"two/parts", "two/parts-disclosure"),
        ("edition = \"2021\"", "edition = \"a b\"", "a b"),
        ("levels = [\"", "levels = [\"village\", \"", "no level “village”"),
        ("edition = \"2021\"", "variant-name = \"甲\"", "lacks variant"),
    ] {
        assert!(good.contains(from), "{from}");
        let (form, messages) = read(&good.replacen(from, to, 1));
        assert!(form.is_none(), "{to}");
        assert!(messages.contains(expected) && messages.starts_with("form.toml:"), "{messages}");
    }
}

/// A fault of an identity is where it is written, not somewhere in its table.
#[test]
fn faults_of_identities_point_at_what_holds() {
    let good = include_str!("../templates/2021/form.toml");
    for (from, to) in [
        ("holds = \"received + carried-in", "holds = \"recieved + carried-in"),
        ("computes = \"total\"", "computes = \"totals\""),
        ("holds = \"carried-in = previous", "holds = \"carried = previous"),
    ] {
        assert!(good.contains(from), "{from}");
        let text = good.replacen(from, to, 1);
        let (_, messages) = read(&text);
        let line = 1 + text.split(to).next().expect("the text before").matches('\n').count();
        assert!(messages.starts_with(&format!("form.toml:{line}:")), "{line} {messages}");
    }
}

/// A form without a notice, an edition and a family is of its own family, named by its official name and first year.
#[test]
fn what_a_form_may_leave_out() {
    let good = include_str!("../templates/2021/form.toml");
    let without = |text: &str, start: &str| -> String {
        let lines = text.lines().filter(|line| !line.starts_with(start));
        lines.flat_map(|line| [line, "\n"]).collect()
    };
    let mut text = good.to_owned();
    for start in ["family", "edition", "notice"] {
        text = without(&text, start);
    }
    let text = text.replacen("name = \"", "name = \"另一种", 1);
    let (form, messages) = read(&text);
    assert_eq!(messages, "");
    let form = form.expect("a form");
    assert_eq!((form.edition.as_str(), form.variant_id()), ("2021", None));
    assert_eq!(form.family.id, form.name);
    let mut library = FormRegistry::built_in();
    assert!(library.add_form(form).is_ok());
    assert_eq!(library.for_year(2025).map(|form| form.full_name()).as_deref(), Some("2021"));
    // Of the same name as a known one it is of its family: here the very same form.
    let (form, _) = read(&without(&without(good, "family"), "edition"));
    let again = Form { folder: "again".to_owned(), ..form.expect("a form") };
    assert!(library.add_form(again).is_err());
}
