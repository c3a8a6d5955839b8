//! Owns the bench at the other side of the border of `sandbox`.
//! Must not know processes, nor how the values travel.

use super::fonts::Fonts;
use super::pdf::MAIN_FILE;
use super::sandbox::{ProjectFiles, TypesetJob, TypesetOutput};
use super::typst_world::TypstProject;
use std::collections::BTreeMap;

/// The bench at the other side: it keeps fonts and projects for the documents that follow.
pub struct TypesetWorker {
    fonts: Fonts,
    projects: BTreeMap<u8, TypstProject>,
}

impl TypesetWorker {
    /// Creates a world with nothing but fonts.
    pub fn new(fonts: Fonts) -> TypesetWorker {
        TypesetWorker { fonts, projects: BTreeMap::new() }
    }

    /// Takes a project, in the place of the one that had its number; false if a path is none.
    pub fn load_project(&mut self, number: u8, files: &ProjectFiles) -> bool {
        let project = TypstProject::new(MAIN_FILE, files);
        project.map(|project| self.projects.insert(number, project)).is_some()
    }

    /// Sets a document of a project.
    pub fn typeset(&self, number: u8, document: TypesetJob) -> TypesetOutput {
        let project = self.projects.get(&number);
        project.map(|project| project.compile_pdf(document, &self.fonts)).unwrap_or_default()
    }
}
