//! Owns any Typst template with any data: its files, what it gets, what comes out.
//! Must not know reports, nor where files lie.

use super::fonts::Fonts;
use super::pdf::{stop_words, translate_message};
use super::sandbox::{
    ProjectFiles, Sandbox, SandboxError, TypesetFormat, TypesetJob, TypesetOptions, TypesetOutput,
    TypstDiagnostic, TypstLocation,
};
use super::typst_world::{MISSING_GLYPH, TypstProject};
use crate::msg;
use crate::report::Date;
use docx_fill::diag::{Diagnostic, Location, Severity, SourceId, Sources};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Path of the data in the project of every template.
pub const TYPST_DATA_FILE: &str = "/data.json";

/// Any Typst template: its main file, and the files that it reads.
///
/// The template reads the data with `json("/data.json")`. Texts, numbers and truth values at the top of the data are also
/// texts in `sys.inputs`, as `typst compile --input` gives them; `sys.inputs.data` is the path of the data, unless the
/// data has a value of that name. Paths begin with a slash; those of packages with their names:
/// `@preview/name:1.0.0/lib.typ`. There is no network, no clock, and no file but those that were added.
///
/// A template of a stranger may never end: hand it to a [`Sandbox`] that holds it to limits.
///
/// ```
/// use nianbao::render::fonts::Fonts;
/// use nianbao::render::{TypstPlace, TypstRequest, TypstTemplate};
/// use docx_fill::diag::Sink;
///
/// let mut template = TypstTemplate::new("/letter.typ");
/// template.add_file("/letter.typ", "#let data = json(\"/data.json\")\nDear #data.name".into());
/// let fonts = Fonts::new(Vec::new(), &mut Sink::new());
/// let data = serde_json::json!({"name": "Li"});
/// let made = template.render(&data, &TypstRequest::default(), TypstPlace::Here(&fonts)).unwrap();
/// assert!(made.pdf.unwrap().starts_with(b"%PDF"));
/// ```
pub struct TypstTemplate {
    main: String,
    files: Arc<ProjectFiles>,
}

/// A request for a document of a template.
#[derive(Debug, Clone)]
pub struct TypstRequest {
    /// Kind of output.
    pub format: TypesetFormat,
    /// Names of PDF standards, such as `a-2b` and `ua-1`; see [`super::pdf_standards`].
    pub standards: Vec<String>,
}

impl Default for TypstRequest {
    fn default() -> TypstRequest {
        TypstRequest { format: TypesetFormat::Pdf, standards: Vec::new() }
    }
}

/// The process that typesets a template.
#[derive(Clone, Copy)]
pub enum TypstPlace<'a> {
    /// In this process with these fonts, without limits of time and memory: for templates that are trusted.
    Here(&'a Fonts),
    /// Behind a guard.
    Guarded(&'a dyn Sandbox),
}

impl TypstTemplate {
    /// Creates a template with the path of its main file.
    pub fn new(main: impl Into<String>) -> TypstTemplate {
        TypstTemplate { main: main.into(), files: Arc::default() }
    }

    /// Adds a file.
    pub fn add_file(&mut self, path: impl Into<String>, bytes: Vec<u8>) {
        Arc::make_mut(&mut self.files).insert(path.into(), bytes);
    }

    /// Checks whether a file was added.
    pub fn has_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Typesets the template with data.
    pub fn render(
        &self,
        data: &Value,
        request: &TypstRequest,
        place: TypstPlace<'_>,
    ) -> Result<TypesetOutput, SandboxError> {
        self.render_all(std::slice::from_ref(data), request, place)
    }

    /// Typesets the template with the data of each record, as one document. The pages of a record are what they are alone,
    /// with page numbers, labels and counters of their own; title, authors and date are those of the first.
    pub fn render_all(
        &self,
        records: &[Value],
        request: &TypstRequest,
        place: TypstPlace<'_>,
    ) -> Result<TypesetOutput, SandboxError> {
        let date = records.first().and_then(|data| data.get("date")).and_then(Value::as_str);
        let day = date.and_then(Date::parse);
        let options = TypesetOptions {
            main: self.main.clone(),
            inputs: records.iter().map(inputs_of).collect(),
            format: request.format,
            standards: request.standards.clone(),
            is_dated: day.is_some(),
        };
        let data_file = |data: &Value| (TYPST_DATA_FILE.to_owned(), data.to_string().into_bytes());
        let job = TypesetJob {
            ident: String::new(),
            files: records.iter().map(data_file).collect(),
            date: day.unwrap_or(Date { year: 1970, month: 1, day: 1 }),
            options: Some(options),
        };
        match place {
            TypstPlace::Guarded(sandbox) => sandbox.typeset(&self.files, job),
            TypstPlace::Here(fonts) => {
                let project = TypstProject::new(&self.main, &self.files);
                let project = project.ok_or(SandboxError::Crashed)?;
                Ok(project.compile_pdf(job, fonts))
            }
        }
    }

    /// Names the sources of the template, for messages; `name` gives the name of a path.
    pub fn add_sources(
        &self,
        sources: &mut Sources,
        name: &dyn Fn(&str) -> String,
    ) -> BTreeMap<String, SourceId> {
        let texts = self.files.iter().filter(|(path, _)| super::has_extension(path, "typ"));
        let texts =
            texts.filter_map(|(path, bytes)| Some((path, std::str::from_utf8(bytes).ok()?)));
        texts.map(|(path, text)| (path.clone(), sources.add_text(name(path), text))).collect()
    }
}

/// Returns what `sys.inputs` holds of data.
fn inputs_of(data: &Value) -> Vec<(String, String)> {
    let mut inputs = vec![("data".to_owned(), TYPST_DATA_FILE.to_owned())];
    for (name, value) in data.as_object().into_iter().flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => continue,
        };
        inputs.retain(|(known, _)| known != name);
        inputs.push((name.clone(), text));
    }
    inputs
}

/// Returns what Typst said as a finding; places are those of known sources.
pub fn typst_finding(said: &TypstDiagnostic, sources: &BTreeMap<String, SourceId>) -> Diagnostic {
    let place = |spot: &TypstLocation| match (sources.get(&spot.path), spot.span()) {
        (Some(id), Some(span)) => Location::text(*id, span),
        (Some(id), None) => Location::File(*id),
        (None, _) => Location::Nowhere,
    };
    let at = said.spot.as_ref().map_or(Location::Nowhere, place);
    if let Some(c) = said.message.strip_prefix(MISSING_GLYPH).and_then(|rest| rest.chars().next()) {
        let code = format!("U+{:04X}", u32::from(c));
        let message = msg!("font.no-glyph", character = c, code = code);
        let hint = msg!("typst.fonts-hint");
        return Diagnostic::warning("no-glyph", at, message).with_hint(hint);
    }
    let severity = if said.error { Severity::Error } else { Severity::Warning };
    let mut out = Diagnostic::new("typst", severity, at, translate_message(&said.message));
    for hint in &said.hints {
        out = out.with_hint(msg!("typst.hint", hint = hint.as_str()));
    }
    if said.message.starts_with("unknown font family") {
        out = out.with_hint(msg!("typst.fonts-hint"));
    }
    for spot in &said.trace {
        out = out.with_label(place(spot), msg!("typst.trace"));
    }
    out
}

/// Returns the finding for a template that was stopped.
pub fn typst_stop_finding(why: &SandboxError, template: SourceId) -> Diagnostic {
    let (message, hint) = stop_words(why);
    Diagnostic::error("typst-stopped", Location::File(template), message).with_hint(hint)
}
