//! Owns the set of templates: the built-in editions, and folders that add to or replace them.
//! Must not know where a folder lies: it receives names and bytes.

#[cfg(feature = "pdf")]
use super::pdf::{ProjectParts, ProjectSandboxes};
use super::template_files::TemplateFiles;
#[cfg(feature = "pdf")]
use super::template_files::{ProjectAdditions, TemplateFindings};
use super::word_templates;
use crate::editions::BUILT_IN_EDITIONS;
use crate::form::{Form, FormRegistry};
use crate::limits::Limits;
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Sink, SourceId, Sources};
use docx_fill::template::{CompiledTemplate, ParseOptions};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Files with which every edition is drawn.
const COMMON_FILES: [(&str, &[u8]); 4] = [
    ("gongwen.toml", include_bytes!("../../templates/gongwen.toml")),
    ("gongwen.typ", include_bytes!("../../templates/gongwen.typ")),
    ("redhead.typ", include_bytes!("../../templates/redhead.typ")),
    ("report.typ", include_bytes!("../../templates/report.typ")),
];

/// Folder of the built-in files whose own folder is another form's.
const BUILT_IN_FOLDER: &str = "built-in";

/// The documents to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderTargets {
    /// True for a Word document.
    pub docx: bool,
    /// True for a PDF.
    pub pdf: bool,
}

/// A set of templates.
#[derive(Clone)]
pub struct Templates {
    library: FormRegistry,
    files: TemplateFiles,
    /// Folders with files that are not built in; `""` for the files common to all forms.
    foreign: BTreeSet<String>,
    limits: Limits,
    #[cfg(feature = "pdf")]
    sandbox: Option<Arc<dyn super::sandbox::Sandbox>>,
    /// Sandbox for documents of built-in templates, if they are not typeset in this process.
    #[cfg(feature = "pdf")]
    pool: Option<Arc<dyn super::sandbox::Sandbox>>,
    /// Sandbox for large documents of built-in templates.
    #[cfg(feature = "pdf")]
    large_sandbox: Option<Arc<dyn super::sandbox::Sandbox>>,
}

/// An edition with its templates read, for use with any number of reports.
pub struct EditionTemplates {
    /// Form of the edition.
    pub form: Arc<Form>,
    /// Word template; `None` if it is faulty or not wanted.
    pub word: Option<CompiledTemplate>,
    /// True if the Word template names figures by their official labels.
    pub(super) uses_labels: bool,
    /// Maximum size in bytes of the text of a part of the Word document.
    pub(super) max_part_bytes: usize,
    /// Typst project; `None` if it is faulty or not wanted.
    #[cfg(feature = "pdf")]
    pub(super) typst: Option<super::pdf::EditionProject>,
}

impl Templates {
    /// Returns the built-in templates.
    pub fn built_in() -> Templates {
        let common = COMMON_FILES.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
        let own = BUILT_IN_EDITIONS.iter().filter_map(|edition| {
            Some((format!("{}/report.docx", edition.name), edition.document?.to_vec()))
        });
        Templates {
            library: FormRegistry::built_in(),
            files: common.chain(own).collect(),
            foreign: BTreeSet::new(),
            limits: Limits::default(),
            #[cfg(feature = "pdf")]
            sandbox: None,
            #[cfg(feature = "pdf")]
            pool: None,
            #[cfg(feature = "pdf")]
            large_sandbox: None,
        }
    }

    /// Sets the limits for templates and the documents made from them.
    pub fn set_limits(&mut self, limits: &Limits) {
        self.limits = *limits;
    }

    /// Sets the sandbox for templates that are not built in. Without one, they are typeset in this
    /// process, with no limit of time or memory.
    #[cfg(feature = "pdf")]
    pub fn set_sandbox(&mut self, sandbox: Arc<dyn super::sandbox::Sandbox>) {
        self.sandbox = Some(sandbox);
    }

    /// Sets a pool of processes for built-in templates. They need no isolation, but all threads of
    /// a process share Typst's cache and wait for each other; processes do not.
    #[cfg(feature = "pdf")]
    pub fn set_pool(&mut self, press: Arc<dyn super::sandbox::Sandbox>) {
        self.pool = Some(press);
    }

    /// Sets the sandbox for large documents of built-in templates, so that they can be stopped.
    #[cfg(feature = "pdf")]
    pub fn set_large_sandbox(&mut self, workshop: Arc<dyn super::sandbox::Sandbox>) {
        self.large_sandbox = Some(workshop);
    }

    /// Adds a folder of templates: `<folder>/form.toml`, `<folder>/report.docx`, Typst files. A form replaces the
    /// built-in one of its folder if family and variant are the same.
    pub fn overlay_files(&mut self, files: TemplateFiles, sources: &mut Sources, sink: &mut Sink) {
        let mut forms = Vec::new();
        for (name, bytes) in &files {
            let Some(folder) = name.strip_suffix("/form.toml") else { continue };
            let shown = sources.add_binary(name.as_str());
            let Some(text) = crate::data::decode_text(shown, bytes, sink) else { continue };
            let source = sources.add_text(name.as_str(), &*text);
            if let Some(mut form) = Form::read(source, &text, sink) {
                folder.clone_into(&mut form.folder);
                forms.push((source, form));
            }
        }
        // What replaces a built-in form goes first, so that no other is compared with the replaced one.
        forms.sort_by_key(|(_, form)| !self.is_known_folder(&form.folder));
        for (source, form) in forms {
            self.add_form(source, form, sink);
        }
        for (name, bytes) in files {
            let folder = name.split_once('/').map_or("", |(folder, _)| folder);
            self.foreign.insert(folder.to_owned());
            if !name.ends_with("/form.toml") {
                self.files.insert(name, bytes);
            }
        }
    }

    fn is_known_folder(&self, folder: &str) -> bool {
        self.library.forms().iter().any(|form| form.folder == folder)
    }

    /// Adds a form that is not built in; one that is there already is an error.
    fn add_form(&mut self, source: SourceId, form: Form, sink: &mut Sink) {
        let (name, folder) = (form.full_name(), form.folder.clone());
        let others = self.library.forms().iter();
        let mut others = others.filter(|known| known.folder == folder && !known.is_akin(&form));
        if others.next().is_some() {
            self.set_apart(&folder);
        }
        if let Err(same) = self.library.add_form(form) {
            let message = msg!("form.same", name = name, folder = &same.folder);
            sink.push(Diagnostic::error("form-file", Location::File(source), message));
        }
    }

    /// Moves the built-in files of a folder whose name a form of another family has.
    fn set_apart(&mut self, folder: &str) {
        let (from, to) = (format!("{folder}/"), format!("{BUILT_IN_FOLDER}/{folder}"));
        self.library.rename_folder(folder, &to);
        let rename = |(name, bytes): (String, Vec<u8>)| match name.strip_prefix(&from) {
            Some(file) => (format!("{to}/{file}"), bytes),
            None => (name, bytes),
        };
        self.files = std::mem::take(&mut self.files).into_iter().map(rename).collect();
    }

    /// Returns the registry of forms.
    pub fn library(&self) -> &FormRegistry {
        &self.library
    }

    /// Reads the templates of a form that are wanted. Faults go to the sink.
    pub fn read_edition(
        &self,
        form: &Arc<Form>,
        wanted: RenderTargets,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> EditionTemplates {
        let word = wanted.docx.then(|| self.word_template(form, sources, sink)).flatten();
        let by_label = |template: &CompiledTemplate| {
            template.tags().iter().any(|tag| tag.paths.iter().any(|path| !path.is_ascii()))
        };
        EditionTemplates {
            form: form.clone(),
            max_part_bytes: self.limits.output_bytes(),
            uses_labels: word.as_ref().is_some_and(by_label),
            word,
            #[cfg(feature = "pdf")]
            typst: (wanted.pdf)
                .then(|| {
                    let log = &mut TemplateFindings { sources, sink };
                    self.typst_project(form, ProjectAdditions::default(), log)
                })
                .flatten(),
        }
    }

    /// Returns the Typst project of a form, with the files of a letterhead if there is one. Unless
    /// all of it is built in, it goes to the sandbox.
    #[cfg(feature = "pdf")]
    pub(super) fn typst_project(
        &self,
        form: &Arc<Form>,
        additions: ProjectAdditions,
        log: &mut TemplateFindings<'_>,
    ) -> Option<super::pdf::EditionProject> {
        let own = self.has_foreign_files(&form.folder);
        let foreign = own || additions.foreign;
        let sandboxes = if foreign {
            ProjectSandboxes { all: self.sandbox.as_ref(), large: None }
        } else {
            ProjectSandboxes { all: self.pool.as_ref(), large: self.large_sandbox.as_ref() }
        };
        let additions = ProjectAdditions { foreign, ..additions };
        let parts = ProjectParts { templates: &self.files, additions, sandboxes };
        super::pdf::build_project(form, parts, log)
    }

    /// Checks whether files that are not built in stand in a form's folder, around it, or beside all forms.
    #[cfg(feature = "pdf")]
    fn has_foreign_files(&self, folder: &str) -> bool {
        let holds = |own: &String| {
            folder
                .strip_prefix(own.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.foreign.contains("") || self.foreign.iter().any(holds)
    }

    /// Returns the edition's own Word template, else one made from the form.
    fn word_template(
        &self,
        form: &Form,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Option<CompiledTemplate> {
        let name = format!("{}/report.docx", form.folder);
        let source = sources.add_binary(format!("templates/{name}"));
        match self.files.get(&name) {
            Some(bytes) => {
                CompiledTemplate::parse_with(bytes.as_slice(), source, &self.parse_options(), sink)
            }
            None => {
                let bytes = word_templates::form_template(form);
                CompiledTemplate::parse_with(bytes, source, &self.parse_options(), sink)
            }
        }
    }

    /// Returns the limits of the run, for every Word document that is read.
    pub(super) fn parse_options(&self) -> ParseOptions {
        ParseOptions { limits: (&self.limits).into(), ..ParseOptions::default() }
    }
}
