//! Owns the front door of the library: an engine with its settings, templates that are rendered with any serializable
//! data, and one error with all findings.
//! Must not know how a template is compiled or rendered.

use crate::analyze::data_shape::data_shape;
use crate::analyze::json_schema::schema_value;
use crate::analyze::requirement::{ListedTag, Requirement};
use crate::diag::{
    Diagnostic, DiagnosticFormat, Lang, Severity, Sink, SourceId, Sources, describe_location, msg,
    render_diagnostics,
};
use crate::helper::{Arguments, HelperError, HelperSet, HelperSignature};
use crate::ir::partials::Partials;
use crate::opc::PackageLimits;
use crate::template::{Assets, CompiledTemplate, ParseOptions, RenderOptions, RenderedDocx};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The settings that templates share: helpers, partials, limits and the language of messages.
///
/// ```
/// # let bytes = std::fs::read("examples/templates/welcome.docx").unwrap();
/// let mut engine = docx_fill::Engine::new();
/// engine.add_helper("shout", |args| Ok(args.text(0)?.to_uppercase().into()));
/// let template = engine.template(bytes)?;
/// let docx = template.render(&serde_json::json!({ "name": "Ada", "team": "us" }))?;
/// # assert!(docx.starts_with(b"PK"));
/// # Ok::<(), docx_fill::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Engine {
    limits: PackageLimits,
    partials: BTreeMap<String, String>,
    helpers: HelperSet,
    lang: Lang,
    options: RenderOptions,
}

impl Engine {
    /// Creates an engine with the built-in helpers, no partials, and messages in English.
    pub fn new() -> Self {
        Engine::default()
    }

    /// Sets the language of messages.
    pub fn set_language(&mut self, lang: Lang) -> &mut Self {
        self.lang = lang;
        self
    }

    /// Sets what a template may cost when it is opened.
    pub fn set_limits(&mut self, limits: PackageLimits) -> &mut Self {
        self.limits = limits;
        self
    }

    /// Sets how documents are rendered: missing values, compression, links.
    pub fn set_options(&mut self, options: RenderOptions) -> &mut Self {
        self.options = options;
        self
    }

    /// Adds a text that templates include by `{{> name}}`.
    pub fn add_partial(&mut self, name: impl Into<String>, text: impl Into<String>) -> &mut Self {
        self.partials.insert(name.into(), text.into());
        self
    }

    /// Adds a helper that tags call by `{{name argument …}}`, with any number of arguments and no options. It takes the
    /// place of a built-in one of the same name. `Value` is that of `serde_json`; a text becomes one by `.into()`.
    pub fn add_helper<F>(&mut self, name: impl Into<String>, function: F) -> &mut Self
    where
        F: Fn(&Arguments<'_>) -> Result<Value, HelperError> + Send + Sync + 'static,
    {
        self.add_helper_with(name, HelperSignature::default(), function)
    }

    /// Adds a helper whose calls are checked against a signature when a template is compiled.
    ///
    /// ```
    /// use docx_fill::{Engine, HelperError, HelperSignature};
    ///
    /// let signature = HelperSignature {
    ///     min_args: 1,
    ///     max_args: 1,
    ///     options: vec!["times".into()],
    ///     ..HelperSignature::default()
    /// };
    /// Engine::new().add_helper_with("repeat", signature, |args| {
    ///     let times = args.option("times").map_or(Some(2), |times| times.as_u64());
    ///     let times = times.ok_or_else(|| HelperError::new("`times` is no whole number"))?;
    ///     Ok((0..times.min(100)).map(|_| args.text(0)).collect::<Result<String, _>>()?.into())
    /// });
    /// ```
    pub fn add_helper_with<F>(
        &mut self,
        name: impl Into<String>,
        signature: HelperSignature,
        function: F,
    ) -> &mut Self
    where
        F: Fn(&Arguments<'_>) -> Result<Value, HelperError> + Send + Sync + 'static,
    {
        self.helpers.add(name, signature, function);
        self
    }

    /// Compiles a .docx; an error tells everything that is wrong with it.
    pub fn template(&self, bytes: impl Into<Arc<[u8]>>) -> Result<Template, Error> {
        let mut sources = Sources::default();
        let source = sources.add_binary("template.docx");
        let mut sink = Sink::new();
        let options = ParseOptions {
            limits: self.limits,
            partials: Arc::new(Partials::with_helpers(&self.partials, &self.helpers)),
            helpers: Arc::new(self.helpers.clone()),
        };
        let compiled = CompiledTemplate::parse_with(bytes, source, &options, &mut sink);
        let findings = sink.into_sorted();
        match compiled {
            Some(compiled) => Ok(Template {
                compiled,
                source,
                sources,
                findings,
                lang: self.lang,
                options: self.options.clone(),
            }),
            None => Err(Error { findings, sources, lang: self.lang }),
        }
    }
}

/// A compiled template, to be rendered any number of times from any number of threads.
#[derive(Debug)]
pub struct Template {
    compiled: CompiledTemplate,
    source: SourceId,
    sources: Sources,
    findings: Vec<Diagnostic>,
    lang: Lang,
    options: RenderOptions,
}

/// A rendered document with the warnings about its data.
///
/// It can be written to a file as it is: `std::fs::write("letter.docx", rendered)`.
#[derive(Debug, Clone)]
#[must_use]
pub struct Rendered {
    /// The bytes of the .docx.
    pub docx: RenderedDocx,
    /// Warnings about what is not as the template or the data wants it and still leaves a document, in the order of the places: a link
    /// that stays text, a condition about a name that the data lacks.
    pub warnings: Vec<Diagnostic>,
}

impl Rendered {
    /// Takes the bytes of the .docx, without the warnings.
    pub fn into_docx(self) -> Vec<u8> {
        self.docx.into_bytes()
    }
}

impl AsRef<[u8]> for Rendered {
    fn as_ref(&self) -> &[u8] {
        &self.docx
    }
}

/// The bytes of the .docx.
impl std::ops::Deref for Rendered {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.docx
    }
}

impl Template {
    /// Renders a document without pictures and other files; an error tells everything that is wrong with the data, each
    /// at its tag.
    pub fn render<T: Serialize + ?Sized>(&self, data: &T) -> Result<Rendered, Error> {
        let data = serde_json::to_value(data).map_err(|error| self.unserializable(&error))?;
        self.render_value(&data, &())
    }

    /// Renders a document from borrowed data, with files that values refer to, such as pictures: a map from paths to
    /// bytes, or `&()` for none.
    pub fn render_value(&self, data: &Value, assets: &dyn Assets) -> Result<Rendered, Error> {
        let mut sink = Sink::new();
        let docx = self.compiled.render(data, assets, &self.options, &mut sink);
        let findings = sink.into_sorted();
        match docx {
            Some(docx) => Ok(Rendered { docx, warnings: findings }),
            None => Err(self.error(findings)),
        }
    }

    /// Checks that every table of a rendered document has the rows, columns and cells of the template, but for what tags
    /// repeat, omit or merge.
    pub fn verify_layout(&self, rendered: &Rendered) -> Result<(), Error> {
        let mut sink = Sink::new();
        if self.compiled.verify_layout(&rendered.docx, &mut sink) {
            return Ok(());
        }
        Err(self.error(sink.into_sorted()))
    }

    /// Returns the warnings about the template.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// Returns the tags in reading order, part by part.
    pub fn tags(&self) -> &[ListedTag] {
        self.compiled.tags()
    }

    /// Returns the names of the data that tags use, with the kind of value that each has to be, tag by tag: a name that
    /// two tags use comes twice. [`Template::schema`] joins them.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.tags().iter().flat_map(|tag| &tag.requirements)
    }

    /// Returns a JSON Schema (draft 2020-12) of the data; `None` if the template uses more names than any data has.
    pub fn schema(&self) -> Option<Value> {
        data_shape(self.tags()).map(|shape| schema_value(&shape, "data"))
    }

    /// Returns findings of this template or of its rendering as text for people, one after the other with their places;
    /// `std::slice::from_ref(finding)` is one alone.
    pub fn describe(&self, findings: &[Diagnostic]) -> String {
        render_diagnostics(findings, &self.sources, DiagnosticFormat::Human, self.lang)
    }

    /// Returns the compiled form, for programs that collect findings of several files.
    pub fn compiled(&self) -> &CompiledTemplate {
        &self.compiled
    }

    fn error(&self, findings: Vec<Diagnostic>) -> Error {
        Error { findings, sources: self.sources.clone(), lang: self.lang }
    }

    fn unserializable(&self, error: &serde_json::Error) -> Error {
        let location = crate::diag::Location::File(self.source);
        let message = msg!("template.data-unserializable", reason = error.to_string());
        self.error(vec![Diagnostic::error("data-unserializable", location, message)])
    }
}

/// Everything that is wrong with a template or its data.
///
/// `{}` is one line about the first error; `{:#}` is all findings with their places and hints.
#[derive(Debug)]
pub struct Error {
    findings: Vec<Diagnostic>,
    sources: Sources,
    lang: Lang,
}

impl Error {
    /// Returns all findings, errors and warnings, in the order of their places.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// Returns the place of a finding in words, such as “table 1, row 2, cell 3”; `None` if it is about the whole file.
    pub fn location(&self, finding: &Diagnostic) -> Option<String> {
        describe_location(&finding.location, &self.sources, self.lang)
    }

    /// Returns the message of a finding in the language of the engine.
    pub fn message(&self, finding: &Diagnostic) -> String {
        finding.message.in_lang(self.lang)
    }

    /// Returns the hints of a finding in the language of the engine, often none.
    pub fn hints(&self, finding: &Diagnostic) -> Vec<String> {
        finding.hints.iter().map(|hint| hint.in_lang(self.lang)).collect()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            let format = DiagnosticFormat::Human;
            let text = render_diagnostics(&self.findings, &self.sources, format, self.lang);
            return f.write_str(text.trim_end());
        }
        let errors = || self.findings.iter().filter(|found| found.severity == Severity::Error);
        let Some(first) = errors().next() else { return Ok(()) };
        if let Some(place) = self.location(first) {
            write!(f, "{place}: ")?;
        }
        f.write_str(&first.message.in_lang(self.lang))?;
        match errors().count() {
            1 => Ok(()),
            count => {
                let more = msg!("template.and-more", count = count - 1);
                f.write_str(&more.in_lang(self.lang))
            }
        }
    }
}

impl std::error::Error for Error {}
