//! Owns rendering a report of a session: its templates, and the bytes of a target.
//! Must not know how a target is made.

use super::Session;
use crate::form::Form;
#[cfg(feature = "pdf")]
use crate::render::PdfResources;
#[cfg(feature = "pdf")]
use crate::render::fonts::Fonts;
#[cfg(feature = "pdf")]
use crate::render::letterhead::render_letterhead_pdf;
use crate::render::letterhead::{
    LetterheadFiles, LetterheadJob, LetterheadTemplate, render_letterhead_docx,
};
use crate::render::{self, EditionTemplates, RenderJob, RenderTargets, Templates};
use docx_fill::template::RenderedDocx;
use std::sync::Arc;

/// The templates of one report.
#[derive(Clone, Copy)]
pub struct RenderTemplates<'a> {
    /// Those of its edition.
    pub edition: &'a EditionTemplates,
    /// Its letterhead; without one the report is made as it is published.
    pub letterhead: Option<LetterheadJob<'a>>,
}

impl Session<'_> {
    /// Reads the templates of a form's edition.
    pub fn read_edition(
        &mut self,
        templates: &Templates,
        form: &Arc<Form>,
        targets: RenderTargets,
    ) -> EditionTemplates {
        templates.read_edition(form, targets, &mut self.sources, &mut self.pending)
    }

    /// Reads the templates of a letterhead; the templates of the program and the form are those of the report.
    pub fn read_letterhead(
        &mut self,
        templates: &Templates,
        form: &Arc<Form>,
        files: &LetterheadFiles,
        targets: RenderTargets,
    ) -> LetterheadTemplate {
        templates.read_letterhead(form, files, targets, &mut self.sources, &mut self.pending)
    }

    /// Renders a Word document; if asked for, with a proof that its layout is the template's.
    pub fn render_docx(
        &mut self,
        job: &RenderJob<'_>,
        templates: RenderTemplates<'_>,
        verify: bool,
    ) -> Option<Vec<u8>> {
        let RenderTemplates { edition, letterhead } = templates;
        let sink = &mut self.pending;
        if let Some(letterhead) = letterhead {
            return render_letterhead_docx(job, edition, &letterhead, verify, sink);
        }
        let bytes = render::render_docx(job, edition, sink);
        if let (true, Some(bytes), Some(word)) = (verify, &bytes, &edition.word) {
            word.verify_layout(bytes, sink);
        }
        bytes.map(RenderedDocx::into_bytes)
    }

    /// Renders a PDF.
    #[cfg(feature = "pdf")]
    pub fn render_pdf(
        &mut self,
        job: &RenderJob<'_>,
        templates: RenderTemplates<'_>,
        fonts: &Fonts,
    ) -> Option<Vec<u8>> {
        let (with, sink) = (PdfResources { fonts, sources: &self.sources }, &mut self.pending);
        match templates.letterhead {
            Some(letterhead) => render_letterhead_pdf(job, &letterhead, with, sink),
            None => render::render_pdf(job, templates.edition, with, sink),
        }
    }
}
