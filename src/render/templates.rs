//! Owns the templates at hand: the built-in editions, and folders that add to or replace them.
//! Must not know where a folder lies: it is handed names and bytes.

#[cfg(feature = "pdf")]
use super::pdf::ProjectSandboxes;
use super::word_templates;
use crate::editions::BUILT_IN_EDITIONS;
use crate::form::{Form, FormRegistry};
use crate::limits::Limits;
use docx_fill::diag::{Sink, Sources};
use docx_fill::template::{ParseOptions, Template};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Files by name, as `2021/report.docx`.
pub(super) type TemplateFiles = BTreeMap<String, Vec<u8>>;

/// What every edition draws with.
const COMMON_FILES: [(&str, &[u8]); 3] = [
    ("gongwen.typ", include_bytes!("../../templates/gongwen.typ")),
    ("redhead.typ", include_bytes!("../../templates/redhead.typ")),
    ("report.typ", include_bytes!("../../templates/report.typ")),
];

/// Which documents are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderTargets {
    /// Word.
    pub docx: bool,
    /// PDF.
    pub pdf: bool,
}

/// The templates at hand.
#[derive(Clone)]
pub struct Templates {
    library: FormRegistry,
    files: TemplateFiles,
    /// Editions of which something did not come with the program; `""` for what every edition uses.
    foreign: BTreeSet<String>,
    limits: Limits,
    #[cfg(feature = "pdf")]
    sandbox: Option<Arc<dyn super::sandbox::Sandbox>>,
    /// Where what came with the program is set, if not here.
    #[cfg(feature = "pdf")]
    pool: Option<Arc<dyn super::sandbox::Sandbox>>,
    /// Where large documents of what came with the program are set.
    #[cfg(feature = "pdf")]
    large_sandbox: Option<Arc<dyn super::sandbox::Sandbox>>,
}

/// An edition with its templates read, to be used for any number of reports.
pub struct EditionTemplates {
    /// The form.
    pub form: Arc<Form>,
    /// The Word template; absent if it is faulty or not wanted.
    pub word: Option<Template>,
    /// Whether the Word template names figures by their official words.
    pub(super) uses_labels: bool,
    /// Most bytes of the text of a part of the Word document.
    pub(super) max_part_bytes: usize,
    /// The Typst project; absent if it is faulty or not wanted.
    #[cfg(feature = "pdf")]
    pub(super) typst: Option<super::pdf::EditionProject>,
}

impl Templates {
    /// What comes with the program.
    pub fn built_in() -> Templates {
        let common = COMMON_FILES.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
        let own = BUILT_IN_EDITIONS
            .iter()
            .map(|edition| (format!("{}/report.docx", edition.name), edition.document.to_vec()));
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

    /// Sets what templates and the documents made from them may cost.
    pub fn set_limits(&mut self, limits: &Limits) {
        self.limits = *limits;
    }

    /// Has everything that does not come with the program set in a sandbox. Without one it is set like
    /// the program's own, with no limit of time or memory.
    #[cfg(feature = "pdf")]
    pub fn set_sandbox(&mut self, sandbox: Arc<dyn super::sandbox::Sandbox>) {
        self.sandbox = Some(sandbox);
    }

    /// Has what came with the program set elsewhere. It needs no guard, but what Typst keeps for the next document
    /// is common to all threads of a process, and those wait for each other; processes do not.
    #[cfg(feature = "pdf")]
    pub fn set_pool(&mut self, press: Arc<dyn super::sandbox::Sandbox>) {
        self.pool = Some(press);
    }

    /// Has large documents of what came with the program set elsewhere, where they can be stopped.
    #[cfg(feature = "pdf")]
    pub fn set_large_sandbox(&mut self, workshop: Arc<dyn super::sandbox::Sandbox>) {
        self.large_sandbox = Some(workshop);
    }

    /// Adds a folder of templates: `<edition>/form.toml`, `<edition>/report.docx`, Typst files.
    pub fn overlay_files(&mut self, files: TemplateFiles, sources: &mut Sources, sink: &mut Sink) {
        for (name, bytes) in files {
            let edition = name.split_once('/').map_or("", |(edition, _)| edition);
            self.foreign.insert(edition.to_owned());
            if name.ends_with("/form.toml") {
                let shown = sources.add_binary(name.as_str());
                let Some(text) = crate::data::decode_utf8(shown, &bytes, sink) else { continue };
                let source = sources.add_text(name.as_str(), text);
                if let Some(form) = Form::read(source, text, sink) {
                    self.foreign.insert(form.edition.clone());
                    self.library.add_form(form);
                }
            } else {
                self.files.insert(name, bytes);
            }
        }
    }

    /// The forms.
    pub fn library(&self) -> &FormRegistry {
        &self.library
    }

    /// Reads the templates of a form, as far as they are wanted. Faults are in the sink.
    pub fn read_edition(
        &self,
        form: &Arc<Form>,
        wanted: RenderTargets,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> EditionTemplates {
        let word = wanted.docx.then(|| self.word_template(form, sources, sink)).flatten();
        let by_label = |template: &Template| {
            template.tags().iter().any(|tag| tag.paths.iter().any(|path| !path.is_ascii()))
        };
        EditionTemplates {
            form: form.clone(),
            max_part_bytes: self.limits.output_bytes(),
            uses_labels: word.as_ref().is_some_and(by_label),
            word,
            #[cfg(feature = "pdf")]
            typst: (wanted.pdf)
                .then(|| self.typst_project(form, BTreeMap::new(), false, sources, sink))
                .flatten(),
        }
    }

    /// The Typst project of a form, with the files of a letterhead if there is one. Unless everything in it
    /// came with the program, it goes to the sandbox.
    #[cfg(feature = "pdf")]
    pub(super) fn typst_project(
        &self,
        form: &Arc<Form>,
        letterhead: super::letterhead::LetterheadFiles,
        foreign: bool,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Option<super::pdf::EditionProject> {
        let own = self.foreign.contains("") || self.foreign.contains(&form.edition);
        let foreign = own || foreign;
        let places = if foreign {
            ProjectSandboxes { all: self.sandbox.as_ref(), large: None }
        } else {
            ProjectSandboxes { all: self.pool.as_ref(), large: self.large_sandbox.as_ref() }
        };
        super::pdf::build_project(form, (&self.files, letterhead), (places, foreign), sources, sink)
    }

    /// The edition's own Word template, or one made from the form.
    fn word_template(
        &self,
        form: &Form,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Option<Template> {
        let name = format!("{}/report.docx", form.edition);
        let source = sources.add_binary(format!("templates/{name}"));
        match self.files.get(&name) {
            Some(bytes) => {
                Template::parse_with(bytes.as_slice(), source, &self.parse_options(), sink)
            }
            None => {
                let bytes = word_templates::form_template(form);
                Template::parse_with(bytes, source, &self.parse_options(), sink)
            }
        }
    }

    /// The limits of the run, for every Word document that is read.
    pub(super) fn parse_options(&self) -> ParseOptions {
        ParseOptions { limits: (&self.limits).into(), ..ParseOptions::default() }
    }
}
