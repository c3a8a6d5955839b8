//! Owns the small commands: `new`, `explain`, `fill`, `form show`, `template make`.
//! Must not know how a document is filled or a form is read.

use super::args::{Cli, ExplainArgs, FillArgs, FormShowArgs, NewArgs, TemplateMakeArgs};
use super::console::print_stdout;
use super::files::{self, DataFileKind, PictureFiles, display_path};
use super::{Failure, Outcome, Terminal, atomic_write, limits, load};
use docx_fill::diag::{Lang, Sink, Sources, show_hidden};
use docx_fill::prose::LinkSchemes;
use docx_fill::slice::TextSlice as _;
use docx_fill::template::{CompiledTemplate, LinkRules, ParseOptions, RenderOptions};
use nianbao::check::rules;
use nianbao::data::{DataNode, DataValue};
use nianbao::form::{Form, FormRegistry};
use nianbao::render::word_templates;
use nianbao::{msg, starter};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;

/// Runs `nianbao new DIR --year … --organ …`.
pub(crate) fn run_new(cli: &Cli, ask: &NewArgs, lang: Lang) -> Result<Outcome, Failure> {
    let library = load_forms(cli, lang)?;
    let Some(form) = library.for_year(ask.year) else {
        return Err(Failure::without_cause(msg!(
            "io.year-without-form",
            year = u32::from(ask.year)
        )));
    };
    let file = ask.dir.join(if ask.xlsx { "report.xlsx" } else { "report.toml" });
    if file.exists() {
        return Err(Failure::without_cause(msg!("io.exists", file = display_path(&file))));
    }
    let content = if ask.xlsx {
        let made = starter::starter_workbook(form, &ask.organ, ask.year);
        made.map_err(|reason| Failure::not_made(&file, reason))?
    } else {
        starter::starter_toml(form, &ask.organ, ask.year).into_bytes()
    };
    atomic_write::write_file(&file, &content)?;
    print_stdout(&format!("{}\n", msg!("done.written", file = display_path(&file)).in_lang(lang)));
    Ok(Outcome::Clean)
}

/// Returns the known forms; reports faulty ones.
pub(crate) fn load_forms(cli: &Cli, lang: Lang) -> Result<FormRegistry, Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let templates = load::load_templates(cli, &mut sources, &mut sink)?;
    let found = sink.into_sorted();
    print_stdout(&docx_fill::diag::render_diagnostics(
        &found,
        &sources,
        docx_fill::diag::DiagnosticFormat::Human,
        lang,
    ));
    Ok(templates.library().clone())
}

/// Returns the form of an edition.
pub(crate) fn form_of_edition<'a>(
    library: &'a FormRegistry,
    edition: &str,
) -> Result<&'a Arc<Form>, Failure> {
    library.by_edition(edition).ok_or_else(|| {
        let known: Vec<&String> = library.forms().iter().map(|form| &form.edition).collect();
        Failure::without_cause(msg!("io.unknown-edition", edition = edition, known = known))
    })
}

/// Runs `nianbao form show [EDITION]`.
pub(crate) fn run_form_show(cli: &Cli, ask: &FormShowArgs, lang: Lang) -> Result<Outcome, Failure> {
    let library = load_forms(cli, lang)?;
    match &ask.edition {
        Some(name) => print_stdout(&format_form(form_of_edition(&library, name)?)),
        None => {
            for form in library.forms() {
                print_stdout(&format!("{}\n", show_hidden(&form_headline(form, "  ", ""))));
            }
        }
    }
    Ok(Outcome::Clean)
}

/// Returns edition, name and the notice that prescribes the form, in one line.
fn form_headline(form: &Form, open: &str, close: &str) -> String {
    format!("{}  {}{open}{}{close}", form.edition, form.name, form.notice_number)
}

/// Returns ids and labels, one per line.
fn format_form(form: &Form) -> String {
    let mut out = String::new();
    // A form may come from a foreign folder.
    let mut line = |words: &str| {
        out.push_str(&show_hidden(words));
        out.push('\n');
    };
    line(&form_headline(form, "（", "）"));
    for section in &form.sections {
        let heading = section.heading.as_deref().unwrap_or_default();
        let head = format!("[{}] {heading}", section.id);
        line("");
        line(head.trim_end());
        let Some(table) = section.table.map(|at| &form.tables[at]) else { continue };
        line(&format!("  {}", table.name));
        for (at, row) in table.rows.iter().enumerate() {
            let columns: Vec<&str> =
                table.row_columns(at).map(|column| table.columns[column].id.as_str()).collect();
            line(&format!("  {:<28}{}", row.id, table.row_name(at)));
            if table.rows.len() < 10 {
                line(&format!("  {:<28}  {}", "", columns.join(", ")));
            }
        }
        line("  --");
        for column in &table.columns {
            let named = column.unit.is_empty() || column.label.contains(&column.unit);
            let unit = if named { String::new() } else { format!("（{}）", column.unit) };
            line(&format!("  {:<28}{}{unit}", column.id, column.label));
        }
        for identity in &table.identities {
            line(&format!("  = {}", identity.id));
        }
    }
    out
}

/// Runs `nianbao template make EDITION -o OUT.docx`.
pub(crate) fn run_template_make(
    cli: &Cli,
    ask: &TemplateMakeArgs,
    lang: Lang,
) -> Result<Outcome, Failure> {
    let library = load_forms(cli, lang)?;
    atomic_write::write_file(
        &ask.out,
        &word_templates::form_template(form_of_edition(&library, &ask.edition)?),
    )?;
    print_stdout(&format!(
        "{}\n",
        msg!("done.written", file = display_path(&ask.out)).in_lang(lang)
    ));
    Ok(Outcome::Clean)
}

/// Runs `nianbao explain [ID]`.
pub(crate) fn run_explain(ask: &ExplainArgs, lang: Lang) -> Result<Outcome, Failure> {
    match &ask.rule {
        None => print_stdout(&rules::list_rules(lang)),
        Some(id) => {
            let unknown = || Failure::without_cause(msg!("rules.unknown", id = id));
            print_stdout(&rules::explain_rule(id, lang).ok_or_else(unknown)?);
        }
    }
    Ok(Outcome::Clean)
}

/// Returns the forms needed to read a data file: a text may hold any data and needs none.
fn forms_for_data(data: &Path) -> Result<FormRegistry, Failure> {
    Ok(match files::data_file_kind(data)? {
        DataFileKind::Text(_) => FormRegistry::default(),
        DataFileKind::Workbook | DataFileKind::Csv | DataFileKind::Word => FormRegistry::built_in(),
    })
}

/// Runs `nianbao fill TEMPLATE.docx DATA -o OUT.docx`.
pub(crate) fn run_fill(
    cli: &Cli,
    ask: &FillArgs,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    if let Some(blank) = &ask.form {
        return super::untagged_form::fill_untagged_form(cli, ask, blank, terminal);
    }
    let (Some(template), Some(data)) = (&ask.template, &ask.data) else {
        return Err(Failure::without_cause(msg!("args.missing", arg = "DATA")));
    };
    let schemes = ask.link_schemes.iter().map(String::as_str);
    let schemes = LinkSchemes::with_extra(schemes).map_err(|wrong| {
        let (arg, value) = ("--link-schemes", wrong);
        Failure::without_cause(msg!("args.bad-value", arg = arg, value = value))
    })?;
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let root = load::parse_tree(data, &forms_for_data(data)?, &mut sources, &mut sink)?;
    let source = sources.add_binary(display_path(template));
    let partials =
        ask.partials.as_deref().map(files::read_partials).transpose()?.unwrap_or_default();
    let (partials, limits) = (Arc::new(partials), limits::run_limits().into());
    let parse = ParseOptions { partials, limits, ..ParseOptions::default() };
    let template = CompiledTemplate::parse_tolerant(
        files::read_recorded(template)?,
        source,
        &parse,
        &mut sink,
    );
    // The process ends when it is filled; to take it apart before would only cost time.
    let template = ManuallyDrop::new(template);
    let filled = if let (Some((_, root)), Some(template)) = (root, template.as_ref()) {
        let value = json_value(&root);
        let folder = data.parent().filter(|dir| !dir.as_os_str().is_empty());
        let mut paths = find_file_paths(&value);
        paths.extend_from_slice(template.named_files());
        let files = PictureFiles::read_existing(folder.unwrap_or(Path::new(".")), &paths)?;
        let render = RenderOptions {
            allow_missing: ask.allow_missing,
            max_bytes: limits::run_limits().output_bytes(),
            links: LinkRules { schemes, ..LinkRules::default() },
            ..RenderOptions::default()
        };
        let filled = template.render(&value, &files, &render, &mut sink);
        if let (Some(bytes), true) = (&filled, ask.verify) {
            template.verify_layout(bytes, &mut sink);
        }
        filled
    } else {
        None
    };
    let failed = sink.has_errors();
    let outcome = terminal.report_findings(sink, &sources);
    if let (Some(bytes), false) = (filled, failed) {
        atomic_write::write_file(&ask.out, &bytes)?;
        terminal.print_info(&msg!("done.written", file = display_path(&ask.out)));
    }
    terminal.print_closing_line();
    Ok(outcome)
}

/// Returns the texts that may be paths of a picture or a document, also within Markdown.
fn find_file_paths(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => {
            let end = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            let named = ["png", "jpg", "jpeg", "svg", "docx", "docm", "dotx", "doc"];
            let named = named.contains(&end.as_str());
            let mut paths =
                if named && !text.contains('\n') { vec![text.clone()] } else { Vec::new() };
            if end == "svg" {
                // Word needs a bitmap beside an SVG.
                paths.extend(
                    paths.first().map(|path| format!("{}png", path.slice(..path.len() - 3))),
                );
            }
            paths.extend(nianbao::render::content::text_pictures(&vec![text.clone()]));
            paths
        }
        serde_json::Value::Array(items) => items.iter().flat_map(find_file_paths).collect(),
        serde_json::Value::Object(map) => map.values().flat_map(find_file_paths).collect(),
        _ => Vec::new(),
    }
}

/// Returns a number as a JSON value, unless it would lose digits.
fn json_number(digits: &str) -> Option<serde_json::Value> {
    let whole = digits.parse::<i64>().is_ok();
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    if whole || count <= 15 { serde_json::from_str(digits).ok() } else { None }
}

/// Returns the tree as a JSON value. A number that JSON cannot represent stays text.
fn json_value(node: &DataNode) -> serde_json::Value {
    match &node.value {
        DataValue::Null => serde_json::Value::Null,
        DataValue::Bool(value) => (*value).into(),
        DataValue::Number(digits) => json_number(digits).unwrap_or_else(|| digits.as_str().into()),
        DataValue::Text(text) | DataValue::Date(text) => text.as_str().into(),
        DataValue::List(items) => items.iter().map(json_value).collect(),
        DataValue::Table(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), json_value(&entry.node))).collect()
        }
    }
}
