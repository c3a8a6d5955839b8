//! Owns the small commands: `new`, `explain`, `fill`, `form show`, `template make`.
//! Must not know how a document is filled or a form is read.

use super::args::{Cli, Explain, Fill, FormShow, New, TemplateMake};
use super::console::say;
use super::files::{self, Kind, Pictures, shown};
use super::{Failure, Outcome, Terminal, limits, load, out};
use docx_fill::diag::{Lang, Sink, Sources, visible};
use docx_fill::prose::Schemes;
use docx_fill::slice::TextSlice as _;
use docx_fill::template::{LinkRules, ParseOptions, RenderOptions, Template};
use nianbao::check::rules;
use nianbao::data::{Node, Value};
use nianbao::form::{Form, Library};
use nianbao::render::blank;
use nianbao::{starter, text};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;

/// `nianbao new DIR --year … --organ …`
pub(crate) fn new(cli: &Cli, ask: &New, lang: Lang) -> Result<Outcome, Failure> {
    let library = library(cli, lang)?;
    let Some(form) = library.for_year(ask.year) else {
        return Err(Failure::plain(text!("io.year-without-form", year = u32::from(ask.year))));
    };
    let file = ask.dir.join(if ask.xlsx { "report.xlsx" } else { "report.toml" });
    if file.exists() {
        return Err(Failure::plain(text!("io.exists", file = shown(&file))));
    }
    let content = if ask.xlsx {
        let made = starter::workbook(form, &ask.organ, ask.year);
        made.map_err(|reason| Failure::not_made(&file, reason))?
    } else {
        starter::toml(form, &ask.organ, ask.year).into_bytes()
    };
    out::write(&file, &content)?;
    say(&format!("{}\n", text!("done.written", file = shown(&file)).in_lang(lang)));
    Ok(Outcome::Clean)
}

/// The forms at hand; faulty ones are said.
pub(crate) fn library(cli: &Cli, lang: Lang) -> Result<Library, Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let templates = load::templates(cli, &mut sources, &mut sink)?;
    let found = sink.into_sorted();
    say(&docx_fill::diag::print(&found, &sources, docx_fill::diag::Format::Human, lang));
    Ok(templates.library().clone())
}

/// The form of an edition.
pub(crate) fn edition<'a>(library: &'a Library, edition: &str) -> Result<&'a Arc<Form>, Failure> {
    library.edition(edition).ok_or_else(|| {
        let known: Vec<&String> = library.forms().iter().map(|form| &form.edition).collect();
        Failure::plain(text!("io.unknown-edition", edition = edition, known = known))
    })
}

/// `nianbao form show [EDITION]`
pub(crate) fn form_show(cli: &Cli, ask: &FormShow, lang: Lang) -> Result<Outcome, Failure> {
    let library = library(cli, lang)?;
    match &ask.edition {
        Some(name) => say(&form_text(edition(&library, name)?)),
        None => {
            for form in library.forms() {
                say(&format!("{}\n", visible(&head(form, "  ", ""))));
            }
        }
    }
    Ok(Outcome::Clean)
}

/// Edition, name and the notice that issued the form, in one line.
fn head(form: &Form, open: &str, close: &str) -> String {
    format!("{}  {}{open}{}{close}", form.edition, form.name, form.notice_number)
}

/// Ids and labels, one a line.
fn form_text(form: &Form) -> String {
    let mut out = String::new();
    // A form may come from a folder of somebody else.
    let mut line = |words: &str| {
        out.push_str(&visible(words));
        out.push('\n');
    };
    line(&head(form, "（", "）"));
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

/// `nianbao template make EDITION -o OUT.docx`
pub(crate) fn template_make(cli: &Cli, ask: &TemplateMake, lang: Lang) -> Result<Outcome, Failure> {
    let library = library(cli, lang)?;
    out::write(&ask.out, &blank::template(edition(&library, &ask.edition)?))?;
    say(&format!("{}\n", text!("done.written", file = shown(&ask.out)).in_lang(lang)));
    Ok(Outcome::Clean)
}

/// `nianbao explain [ID]`
pub(crate) fn explain(ask: &Explain, lang: Lang) -> Result<Outcome, Failure> {
    match &ask.rule {
        None => say(&rules::list(lang)),
        Some(id) => {
            let unknown = || Failure::plain(text!("rules.unknown", id = id));
            say(&rules::explain(id, lang).ok_or_else(unknown)?);
        }
    }
    Ok(Outcome::Clean)
}

/// The forms that reading a data file needs: a text holds any data and needs none.
fn forms_for(data: &Path) -> Result<Library, Failure> {
    Ok(match files::kind(data)? {
        Kind::Text(_) => Library::default(),
        Kind::Workbook | Kind::Csv | Kind::Word => Library::built_in(),
    })
}

/// `nianbao fill TEMPLATE.docx DATA -o OUT.docx`
pub(crate) fn fill(cli: &Cli, ask: &Fill, mut terminal: Terminal) -> Result<Outcome, Failure> {
    if let Some(blank) = &ask.form {
        return super::form::fill(cli, ask, blank, terminal);
    }
    let (Some(template), Some(data)) = (&ask.template, &ask.data) else {
        return Err(Failure::plain(text!("args.missing", arg = "DATA")));
    };
    let schemes = ask.link_schemes.iter().map(String::as_str);
    let schemes = Schemes::with(schemes).map_err(|wrong| {
        let (arg, value) = ("--link-schemes", wrong);
        Failure::plain(text!("args.bad-value", arg = arg, value = value))
    })?;
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let root = load::tree(data, &forms_for(data)?, &mut sources, &mut sink)?;
    let source = sources.add_binary(shown(template));
    let partials = ask.partials.as_deref().map(files::partials).transpose()?.unwrap_or_default();
    let parse = ParseOptions { partials: Arc::new(partials), limits: limits::asked().into() };
    let template = Template::open(files::read(template)?, source, &parse, &mut sink);
    // The process ends when it is filled; to take it apart before would only cost time.
    let template = ManuallyDrop::new(template);
    let filled = if let (Some((_, root)), Some(template)) = (root, template.as_ref()) {
        let value = value(&root);
        let folder = data.parent().filter(|dir| !dir.as_os_str().is_empty());
        let mut paths = file_paths(&value);
        paths.extend_from_slice(template.files());
        let files = Pictures::read(folder.unwrap_or(Path::new(".")), &paths)?;
        let render = RenderOptions {
            allow_missing: ask.allow_missing,
            max_bytes: limits::asked().output_bytes(),
            links: LinkRules { schemes, ..LinkRules::default() },
            ..RenderOptions::default()
        };
        let filled = template.render(&value, &files, &render, &mut sink);
        if let (Some(bytes), true) = (&filled, ask.verify) {
            template.verify(bytes, &mut sink);
        }
        filled
    } else {
        None
    };
    let failed = sink.has_errors();
    let outcome = terminal.report(sink, &sources);
    if let (Some(bytes), false) = (filled, failed) {
        out::write(&ask.out, &bytes)?;
        terminal.tell(&text!("done.written", file = shown(&ask.out)));
    }
    terminal.close();
    Ok(outcome)
}

/// Texts that name a picture or a document, or show one by Markdown.
fn file_paths(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => {
            let end = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            let named = ["png", "jpg", "jpeg", "svg", "docx", "docm", "dotx", "doc"];
            let named = named.contains(&end.as_str());
            let mut paths =
                if named && !text.contains('\n') { vec![text.clone()] } else { Vec::new() };
            if end == "svg" {
                // Word wants pixels beside it.
                paths.extend(
                    paths.first().map(|path| format!("{}png", path.slice(..path.len() - 3))),
                );
            }
            paths.extend(nianbao::render::content::pictures(&vec![text.clone()]));
            paths
        }
        serde_json::Value::Array(items) => items.iter().flat_map(file_paths).collect(),
        serde_json::Value::Object(map) => map.values().flat_map(file_paths).collect(),
        _ => Vec::new(),
    }
}

/// A number as JSON values hold it, unless it would lose digits there.
fn number(digits: &str) -> Option<serde_json::Value> {
    let whole = digits.parse::<i64>().is_ok();
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    if whole || count <= 15 { serde_json::from_str(digits).ok() } else { None }
}

/// The tree as JSON values. A number that JSON cannot hold stays text.
fn value(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(digits) => number(digits).unwrap_or_else(|| digits.as_str().into()),
        Value::Text(text) | Value::Date(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(value).collect(),
        Value::Table(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), value(&entry.node))).collect()
        }
    }
}
