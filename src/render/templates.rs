//! Owns the templates at hand: the built-in editions, and folders that add to or replace them.
//! Must not know where a folder lies: it is handed names and bytes.

use super::blank;
#[cfg(feature = "pdf")]
use super::pdf::Places;
use crate::form::{Form, Library};
use crate::limits::Limits;
use docx_fill::diag::{Sink, Sources};
use docx_fill::template::{ParseOptions, Template};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Files by name, as `2021/report.docx`.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// What every edition draws with, and what belongs to one.
const BUILT_IN: [(&str, &[u8]); 6] = [
    ("gongwen.typ", include_bytes!("../../templates/gongwen.typ")),
    ("redhead.typ", include_bytes!("../../templates/redhead.typ")),
    ("2019/report.docx", include_bytes!("../../templates/2019/report.docx")),
    ("2019/report.typ", include_bytes!("../../templates/2019/report.typ")),
    ("2021/report.docx", include_bytes!("../../templates/2021/report.docx")),
    ("2021/report.typ", include_bytes!("../../templates/2021/report.typ")),
];

/// Which documents are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Word.
    pub docx: bool,
    /// PDF.
    pub pdf: bool,
}

/// The templates at hand.
#[derive(Clone)]
pub struct Templates {
    library: Library,
    files: Files,
    /// Editions of which something did not come with the program; `""` for what every edition uses.
    foreign: BTreeSet<String>,
    limits: Limits,
    #[cfg(feature = "pdf")]
    sandbox: Option<Arc<dyn super::sandbox::Sandbox>>,
    /// Where what came with the program is set, if not here.
    #[cfg(feature = "pdf")]
    press: Option<Arc<dyn super::sandbox::Sandbox>>,
    /// Where large documents of what came with the program are set.
    #[cfg(feature = "pdf")]
    large: Option<Arc<dyn super::sandbox::Sandbox>>,
}

/// An edition with its templates read, to be used for any number of reports.
pub struct Edition {
    /// The form.
    pub form: Arc<Form>,
    /// The Word template; absent if it is faulty or not wanted.
    pub word: Option<Template>,
    /// Whether the Word template names figures by their official words.
    pub(super) labels: bool,
    /// Most bytes of the text of a part of the Word document.
    pub(super) most: usize,
    /// The Typst project; absent if it is faulty or not wanted.
    #[cfg(feature = "pdf")]
    pub(super) typst: Option<super::pdf::Project>,
}

impl Templates {
    /// What comes with the program.
    pub fn built_in() -> Templates {
        let files = BUILT_IN.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
        Templates {
            library: Library::built_in(),
            files: files.collect(),
            foreign: BTreeSet::new(),
            limits: Limits::default(),
            #[cfg(feature = "pdf")]
            sandbox: None,
            #[cfg(feature = "pdf")]
            press: None,
            #[cfg(feature = "pdf")]
            large: None,
        }
    }

    /// Sets what templates and the documents made from them may cost.
    pub fn limit(&mut self, limits: &Limits) {
        self.limits = *limits;
    }

    /// Has everything that does not come with the program set in a sandbox. Without one it is set like
    /// the program's own, with no limit of time or memory.
    #[cfg(feature = "pdf")]
    pub fn confine(&mut self, sandbox: Arc<dyn super::sandbox::Sandbox>) {
        self.sandbox = Some(sandbox);
    }

    /// Has what came with the program set elsewhere. It needs no guard, but what Typst keeps for the next document
    /// is common to all threads of a process, and those wait for each other; processes do not.
    #[cfg(feature = "pdf")]
    pub fn set_at(&mut self, press: Arc<dyn super::sandbox::Sandbox>) {
        self.press = Some(press);
    }

    /// Has large documents of what came with the program set elsewhere, where they can be stopped.
    #[cfg(feature = "pdf")]
    pub fn set_large_at(&mut self, workshop: Arc<dyn super::sandbox::Sandbox>) {
        self.large = Some(workshop);
    }

    /// Adds a folder of templates: `<edition>/form.toml`, `<edition>/report.docx`, Typst files.
    pub fn overlay(&mut self, files: Files, sources: &mut Sources, sink: &mut Sink) {
        for (name, bytes) in files {
            let edition = name.split_once('/').map_or("", |(edition, _)| edition);
            self.foreign.insert(edition.to_owned());
            if name.ends_with("/form.toml") {
                let shown = sources.add_binary(name.as_str());
                let Some(text) = crate::data::decode(shown, &bytes, sink) else { continue };
                let source = sources.add_text(name.as_str(), text);
                if let Some(form) = Form::read(source, text, sink) {
                    self.foreign.insert(form.edition.clone());
                    self.library.add(form);
                }
            } else {
                self.files.insert(name, bytes);
            }
        }
    }

    /// The forms.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Reads the templates of a form, as far as they are wanted. Faults are in the sink.
    pub fn edition(
        &self,
        form: &Arc<Form>,
        wanted: Wanted,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Edition {
        let word = wanted.docx.then(|| self.word(form, sources, sink)).flatten();
        let by_label = |template: &Template| {
            template.tags().iter().any(|tag| tag.paths.iter().any(|path| !path.is_ascii()))
        };
        Edition {
            form: form.clone(),
            most: self.limits.output_bytes(),
            labels: word.as_ref().is_some_and(by_label),
            word,
            #[cfg(feature = "pdf")]
            typst: (wanted.pdf)
                .then(|| self.project(form, BTreeMap::new(), false, sources, sink))
                .flatten(),
        }
    }

    /// The Typst project of a form, with the files of a letterhead if there is one. Unless everything in it
    /// came with the program, it goes to the sandbox.
    #[cfg(feature = "pdf")]
    pub(super) fn project(
        &self,
        form: &Arc<Form>,
        letterhead: super::letterhead::LetterheadFiles,
        foreign: bool,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Option<super::pdf::Project> {
        let own = self.foreign.contains("") || self.foreign.contains(&form.edition);
        let foreign = own || foreign;
        let places = if foreign {
            Places { all: self.sandbox.as_ref(), large: None }
        } else {
            Places { all: self.press.as_ref(), large: self.large.as_ref() }
        };
        super::pdf::project(form, (&self.files, letterhead), (places, foreign), sources, sink)
    }

    /// The edition's own Word template, or one made from the form.
    fn word(&self, form: &Form, sources: &mut Sources, sink: &mut Sink) -> Option<Template> {
        let name = format!("{}/report.docx", form.edition);
        let source = sources.add_binary(format!("templates/{name}"));
        match self.files.get(&name) {
            Some(bytes) => {
                let limits = (&self.limits).into();
                let options = ParseOptions { limits, ..ParseOptions::default() };
                Template::parse_with(bytes.as_slice(), source, &options, sink)
            }
            None => Template::parse(blank::template(form), source, sink),
        }
    }
}
