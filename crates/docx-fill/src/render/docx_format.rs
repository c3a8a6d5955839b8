//! Owns the instructions specific to Word: Markdown, pictures, fitted values, identifiers, empty cells.
//! Must not know how tags are parsed.

use crate::additions::attached::RenderedAttachedContent;
use crate::additions::resources::RenderResources;
use crate::diag::Problem;
use crate::diag::msg;
use crate::document::shared_ids::IdKind;
use crate::eval::document_value::{InsertRequest, misplaced_document};
use crate::eval::renderer::{
    OutputFormat, RenderSettings, check_xml_chars, forbidden_character, item_count, write_run_text,
};
use crate::eval::scope::RenderScope;
use crate::insert::InsertedDocuments;
use crate::ir::part::{
    ContentCompletion, ControlCompletion, EmptyParagraph, FitTag, LinePlace, MarkdownTag,
    OwnListProperties, PartRendering, StyledListTag, TemplatePart, WordInstr,
};
use crate::ir::partials::Partials;
use crate::ir::program::TagId;
use crate::ir::word_values::{LetterCase, MergeFieldTag};
use crate::opc::OpcError;
use crate::opc::xml::find_forbidden;
use crate::prose;
use crate::render::cells::{self, CellMark};
use crate::render::control_state::settle_control;
use crate::render::markdown_writer;
use crate::render::picture;
use crate::slice::{TextEdit as _, TextSlice as _};
use crate::syntax::expr::Expr;
use crate::value::{parse_decimal, printed_text};
use crate::word::block_ends::{TABLE_GAP, ends_with_paragraph, ends_with_table};
use crate::word::list_reference::ListReference;
use crate::word::properties::Properties;
use crate::word::styles::{AppliedStyles, StyleSheet};
use std::fmt::Write as _;

/// Maximum number of characters in a `fit` tag.
const MAX_FIT: usize = 1000;

/// Values of `w:jc` by which the last line of a paragraph is not stretched, but lines before breaks are (17.18.44).
const JUSTIFIED: [&str; 5] =
    ["both", "lowKashida", "mediumKashida", "highKashida", "thaiDistribute"];

/// Rendering of one Word part.
pub(crate) struct DocxFormat<'a, 'r, 'p> {
    pub(crate) part: &'a TemplatePart,
    pub(crate) styles: &'a StyleSheet,
    pub(crate) resources: &'r mut RenderResources<'p>,
    pub(crate) documents: &'r mut InsertedDocuments,
    /// All parts of the template, and how they are rendered.
    pub(crate) parts: &'a [TemplatePart],
    pub(crate) settings: RenderSettings,
    pub(crate) partials: &'a Partials,
    /// Changes of cells in tables that are not complete, in the order of their positions.
    pub(crate) cell_marks: Vec<CellMark>,
    /// Problems of attached content, and of other parts that are rendered with this one.
    pub(crate) problems: Vec<(TagId, Problem)>,
    /// The error by which attached content could not be written.
    pub(crate) failure: Option<OpcError>,
    /// The parts that the turn has of its own and to which attached content leads, the innermost last.
    pub(crate) graphic_parts: Vec<String>,
}

impl<'a> OutputFormat<'a> for DocxFormat<'a, '_, '_> {
    fn render_special(
        &mut self,
        number: usize,
        scope: &RenderScope<'a>,
        out: &mut String,
    ) -> Result<(), Vec<Problem>> {
        match &self.part.word_instrs[number] {
            WordInstr::Markdown(markdown) => self.render_markdown(markdown, scope, out),
            WordInstr::Fit(fit) => Ok(write_fitted(fit, scope, out)?),
            WordInstr::Cell(cell) => Ok(cell.render(scope, out, &mut self.cell_marks)?),
            WordInstr::Image(inline) => {
                Ok(picture::write_inline_picture(inline, scope, self.resources, out)?)
            }
            WordInstr::Placeholder(holder) => {
                Ok(holder.write_picture(scope, self.resources, out)?)
            }
            WordInstr::PlaceholderAlt(holder) => Ok(holder.write_alt(scope, out)?),
            WordInstr::ColumnWidth(width) => {
                write_column_width(*width, scope, out);
                Ok(())
            }
            WordInstr::GridSpan { list, covered, unit } => {
                let count = list_length(list, scope)?;
                let _ = write!(out, "{}", (covered - unit + count * unit).max(1));
                Ok(())
            }
            WordInstr::RowLimit { list, rows } => {
                Ok(check_row_limit(list_length(list, scope)?, *rows)?)
            }
            WordInstr::RestartLists(lists) => {
                for list in lists {
                    self.resources.restart_list(list);
                }
                Ok(())
            }
            WordInstr::MergeField(field) => Ok(write_merge_field(field, scope, out)?),
            WordInstr::SectionHeaders(section) => {
                let section = &self.part.sections[*section];
                let named = self.name_headers(section, false, scope);
                self.resources.write_section_headers(named, out);
                Ok(())
            }
            WordInstr::EndSection { section, between_turns, is_outside } => {
                let last = scope.current_iteration().is_some_and(|(at, count)| at + 1 == count);
                if !(*between_turns && last) && self.resources.is_in_section(out) {
                    let section = &self.part.sections[*section];
                    let named = self.name_headers(section, *is_outside, scope);
                    self.resources.write_section_end(section, named, out);
                }
                Ok(())
            }
            WordInstr::BeginAttached(number) => {
                self.begin_attached(*number, scope);
                Ok(())
            }
            without_data => {
                self.render_without_data(without_data, out);
                Ok(())
            }
        }
    }

    fn insert_document(
        &mut self,
        tag: TagId,
        asked: InsertRequest,
        at: usize,
    ) -> Result<(), Problem> {
        if self.resources.is_in_attached() {
            return Err(misplaced_document());
        }
        self.documents.request_insertion(tag, asked, at);
        Ok(())
    }

    fn line_end(&mut self, tag: TagId) -> Option<String> {
        let places = &self.part.line_places;
        let place = places.iter().find(|place| place.tag == tag)?;
        if !self.is_justified(place) {
            return None;
        }
        let end = self.paragraph_end(place);
        self.resources.has_short_lines |= end.is_none();
        end
    }

    fn extra_bytes(&self) -> usize {
        self.resources.extra_bytes()
    }

    fn finish_guarded(&mut self, number: usize, from: usize, out: &mut String) {
        if !matches!(self.part.guards[number], ContentCompletion::LastParagraph(_)) {
            self.resources.rewind_to(from);
        }
        match &self.part.guards[number] {
            ContentCompletion::LastParagraph(empty) => {
                if !ends_with_paragraph(out.slice(from..)) {
                    self.write_empty_paragraph(empty, out);
                }
            }
            ContentCompletion::CellMarks => {
                let marks = self.cell_marks.split_off(self.first_mark_from(from));
                if let Some(kept) = cells::apply_marks(out, from, marks) {
                    self.documents.move_requests(&|at| kept.new_position(at));
                }
            }
            ContentCompletion::Control(control) => self.settle_control(control, from, out),
            ContentCompletion::Attached(content) => {
                let piece = out.slice(from..).to_owned();
                out.cut_from(from);
                let shown = content.form.and_then(|_| self.graphic_parts.pop());
                let filled = RenderedAttachedContent { piece, shown };
                match self.resources.end_attached(content, filled, &self.part.identities) {
                    Ok(problems) => self.problems.extend(problems),
                    Err(error) => self.failure = self.failure.take().or(Some(error)),
                }
            }
            ContentCompletion::TableRows => {
                if !out.slice(from..).contains("<w:tr") {
                    out.cut_from(from);
                    self.cell_marks.truncate(self.first_mark_from(from));
                    self.documents.move_requests(&|at| (at < from).then_some(at));
                }
            }
        }
    }
}

impl<'a> DocxFormat<'a, '_, '_> {
    /// Returns the index of the first cell mark at or after a position.
    fn first_mark_from(&self, from: usize) -> usize {
        self.cell_marks.partition_point(|mark| mark.at < from)
    }

    /// Makes a filled-in content control agree with what it shows.
    fn settle_control(&mut self, control: &ControlCompletion, from: usize, out: &mut String) {
        let settled = settle_control(out.slice(from..), control.placeholder.as_deref());
        if let Some((text, entries)) = &settled.unlisted {
            let message = msg!("template.control-unlisted", text = text);
            let problem = Problem::warning("control-value", message);
            let hint = msg!("template.hint-control-unlisted", entries = entries.clone());
            self.problems.push((control.tag, problem.with_hint(hint)));
        }
        if settled.edits.is_empty() {
            return;
        }
        let text = settled.apply_to(out.slice(from..));
        out.replace_text(from.., &text);
        let new_position = |at: usize| match at.checked_sub(from) {
            Some(inner) => from + settled.new_position(inner),
            None => at,
        };
        self.documents.move_requests(&|at| Some(new_position(at)));
        for mark in self.cell_marks.iter_mut().rev().take_while(|mark| mark.at >= from) {
            mark.at = new_position(mark.at);
        }
    }

    /// Begins attached content, and fills in the part with tags to which it leads.
    fn begin_attached(&mut self, number: usize, scope: &RenderScope<'a>) {
        let ContentCompletion::Attached(content) = &self.part.guards[number] else { return };
        if let Some(shown) = content.form {
            match self.render_graphic_part(shown, scope) {
                Ok(name) => self.graphic_parts.push(name),
                Err(error) => self.failure = self.failure.take().or(Some(error)),
            }
        }
        self.resources.begin_attached(content);
    }

    /// Renders an instruction about identifiers, lists or tables, which needs no data.
    fn render_without_data(&mut self, instr: &WordInstr, out: &mut String) {
        match instr {
            WordInstr::StyledList(styled) => self.write_styled_list(styled, out),
            WordInstr::KeepTablesApart if ends_with_table(out) => out.push_str(TABLE_GAP),
            WordInstr::UniqueId(kind, value) => {
                // The part itself, which is rendered too, has the value of the template.
                if self.part.rendering == PartRendering::InCopies {
                    self.resources.reserve_id(*kind, value);
                }
                self.resources.write_unique_id(*kind, value, out);
            }
            WordInstr::SharedId(place) => self.resources.write_shared_id(*place, out),
            WordInstr::BeginTurn(places) => self.resources.begin_turn(self.part, places),
            _ => {}
        }
    }

    /// Writes the paragraph of a cell that lost its content, in the list of this iteration.
    fn write_empty_paragraph(&mut self, empty: &EmptyParagraph, out: &mut String) {
        let Some(list) = &empty.list else { return out.push_str(&empty.xml) };
        out.push_str(empty.xml.slice(..list.start));
        self.resources.write_unique_id(IdKind::List, empty.xml.slice(list.clone()), out);
        out.push_str(empty.xml.slice(list.end..));
    }

    /// Writes the list of a paragraph whose style names it, or the indent of the style, once the list has restarted.
    fn write_styled_list(&mut self, styled: &StyledListTag, out: &mut String) {
        let Some(id) = self.resources.restarted_list(&styled.list) else { return };
        let Some(style) = &styled.style else { return out.push_str(&styled.indent) };
        let own = ListReference::default();
        let level = self.resources.numbering().level_of(&own, style, self.styles);
        let level = level.filter(|(list, _)| *list == styled.list).map_or(0, |(_, level)| level);
        let _ = match styled.own {
            OwnListProperties::None => write!(
                out,
                "<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{id}\"/></w:numPr>"
            ),
            OwnListProperties::WithoutLevel => {
                write!(out, "<w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{id}\"/>")
            }
            OwnListProperties::WithLevel => write!(out, "<w:numId w:val=\"{id}\"/>"),
        };
    }

    /// Checks whether a paragraph style gives a list.
    fn is_in_list(&self, style: Option<&str>) -> bool {
        self.styles.list_reference(style).list.is_some_and(|list| list != "0")
    }

    /// Checks whether the paragraph of a tag is justified, so that Word stretches a line before a line break over the
    /// whole width (17.18.44).
    fn is_justified(&self, place: &LinePlace) -> bool {
        let properties =
            Properties::parse_paragraph(self.part.source.slice(place.paragraph_properties.clone()));
        let style = properties.child_attribute("w:pStyle", "w:val");
        let applied = AppliedStyles { paragraph: style.as_deref(), ..AppliedStyles::default() };
        let justified = properties.child_attribute("w:jc", "w:val").or_else(|| {
            let found = self.styles.find_paragraph_property(&applied, "w:jc", &|_| true)?;
            found.property.value().map(str::to_owned)
        });
        justified.is_some_and(|value| JUSTIFIED.contains(&value.as_str()))
    }

    /// Returns what ends a paragraph and begins another like it; `None` where no paragraph can end, or another one would
    /// be something else, such as the next item of a list.
    fn paragraph_end(&self, place: &LinePlace) -> Option<String> {
        let source = &self.part.source;
        let paragraph = source.slice(place.paragraph_properties.clone());
        let run = source.slice(place.run_properties.clone());
        // Tags in properties are filled where they stand, not in copies.
        if !place.can_end || paragraph.contains("{{") || run.contains("{{") {
            return None;
        }
        let mut properties = Properties::parse_paragraph(paragraph);
        if self.is_in_list(properties.child_attribute("w:pStyle", "w:val").as_deref()) {
            return None;
        }
        for once in ["w:pageBreakBefore", "w:sectPr", "w:pPrChange"] {
            properties.remove_child(once);
        }
        let properties = properties.to_xml();
        Some(format!("</w:t></w:r></w:p><w:p>{properties}<w:r>{run}<w:t xml:space=\"preserve\">"))
    }

    fn render_markdown(
        &mut self,
        markdown: &'a MarkdownTag,
        scope: &RenderScope<'a>,
        out: &mut String,
    ) -> Result<(), Vec<Problem>> {
        let value = scope.require_value(&markdown.expr)?;
        let text = match value.get() {
            Some(serde_json::Value::String(text)) => text,
            None => return Ok(()),
            Some(_) => {
                let message = msg!("template.not-text", name = "markdown");
                return Err(Problem::error("value-not-text", message).into());
            }
        };
        check_xml_chars(text, &markdown.expr)?;
        self.resources.count_prose_bytes(text.len());
        let blocks = prose::parse_markdown(text);
        let problems =
            markdown_writer::write_markdown(&blocks, markdown, self.styles, self.resources, out);
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

fn list_length<'a>(list: &'a Expr, scope: &RenderScope<'a>) -> Result<usize, Problem> {
    item_count(&scope.require_value(list)?)
}

/// Reports a list with more items than there are rows for.
fn check_row_limit(count: usize, rows: usize) -> Result<(), Problem> {
    if count <= rows {
        return Ok(());
    }
    let message = msg!("template.surplus", count = count, rows = rows);
    Err(Problem::error("rows-surplus", message).with_hint(msg!("template.hint-surplus")))
}

/// Writes the width of the current column of those that share a width; the last one gets the remainder.
fn write_column_width(width: u32, scope: &RenderScope<'_>, out: &mut String) {
    let (index, count) = scope.current_iteration().unwrap_or((0, 1));
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    let each = width / count;
    let is_last = index + 1 == count as usize;
    let own = if is_last { width - each * (count - 1) } else { each };
    let _ = write!(out, "{own}");
}

/// Writes the value of a merge field as text; a field whose name the data lacks stays.
fn write_merge_field(
    field: &MergeFieldTag,
    scope: &RenderScope<'_>,
    out: &mut String,
) -> Result<(), Problem> {
    let found = field.data_names().iter().map(|name| scope.find_name(name)).find(Option::is_some);
    let Some(value) = found.flatten() else {
        out.push_str(&field.original);
        let message = msg!("template.merge-field-unknown", name = &field.name);
        let problem = Problem::warning("merge-field", message);
        return Err(problem.with_hint(msg!("template.hint-merge-field-unknown")));
    };
    let text = value.get().map(printed_text).transpose()?.unwrap_or_default().into_owned();
    if let Some(c) = find_forbidden(&text) {
        return Err(forbidden_character(&text, c, vec![field.name.clone()]));
    }
    let text = match field.case {
        LetterCase::AsIs => text,
        LetterCase::Upper => text.to_uppercase(),
        LetterCase::Lower => text.to_lowercase(),
    };
    let parts =
        if text.is_empty() { ["", "", ""] } else { [&*field.before, &*text, &*field.after] };
    let _ = write!(out, "<w:r>{}<w:t xml:space=\"preserve\">", field.run_properties);
    write_run_text(out, &parts.concat(), "w:t");
    out.push_str("</w:t></w:r>");
    Ok(())
}

/// Writes a value; one with more characters than the limit is condensed, in a run of its own.
fn write_fitted<'a>(
    fit: &'a FitTag,
    scope: &RenderScope<'a>,
    out: &mut String,
) -> Result<(), Problem> {
    let value = scope.require_value(&fit.expr)?;
    let limit = scope.require_value(&fit.limit)?;
    let Some(value) = value.get() else { return Ok(()) };
    let text = printed_text(value)?;
    check_xml_chars(&text, &fit.expr)?;
    let limit =
        limit.get().and_then(parse_decimal).and_then(crate::value::number::Decimal::to_integer);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let Some(limit) = limit.filter(|limit| (1..=MAX_FIT).contains(limit)) else {
        let message = msg!("template.fit-limit", limit = MAX_FIT);
        return Err(Problem::error("helper-arguments", message));
    };
    let count = text.chars().count();
    if count <= limit {
        write_run_text(out, &text, fit.element);
        return Ok(());
    }
    // Word accepts a character scale of 1 to 600 percent (`w:w`).
    let percent = (100 * limit / count).max(1);
    let mut squeezed = Properties::parse_run(&fit.run_properties);
    squeezed.set_child("w:w", &format!("<w:w w:val=\"{percent}\"/>"));
    let element = fit.element;
    let begin = |properties: &str| format!("<w:r>{properties}<{element} xml:space=\"preserve\">");
    let end = format!("</{element}></w:r>");
    out.push_str(&end);
    out.push_str(&begin(&squeezed.to_xml()));
    write_run_text(out, &text, element);
    out.push_str(&end);
    out.push_str(&begin(&fit.run_properties));
    Ok(())
}
