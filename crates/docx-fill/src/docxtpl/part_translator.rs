//! Owns translating the tags of one part: which tag becomes what, and what is told of it.
//! Must not know how the bytes of the part are changed.

use super::expressions::ExprTranslator;
use super::jinja_ast::JinjaExpr;
use super::jinja_parser::{SyntaxFault, parse_expression};
use super::jinja_tags::{JinjaKind, TagReach};
use super::loop_source::LoopSource;
use super::loop_uses::{LoopUses, LoopedData};
use super::name_scope::NameScope;
use super::sites::{PartSites, SiteEdit};
use super::statements::{ForLoop, Statement, given_names, parse_statement};
use super::target_expr::{Refusal, TargetExpr, Translated, limited};
use crate::diag::{Message, Problem, Severity, WordLocation, msg};
use std::collections::BTreeSet;
use std::ops::Range;

/// A block that has been opened.
struct OpenBlock {
    /// Name that its end repeats.
    name: String,
    /// Its tags: the opening one, those of its branches.
    sites: Vec<usize>,
    /// True if one of its tags has no equal, so that all of it stays.
    is_refused: bool,
}

/// A translator of the tags of a part.
pub(super) struct PartTranslator<'a> {
    found: PartSites<'a>,
    edits: Vec<SiteEdit>,
    problems: Vec<(WordLocation, Problem)>,
    /// Cases in which tags are not the same, by tag.
    notes: Vec<(usize, Message)>,
    /// Cases that are rare, by tag.
    remarks: Vec<(usize, Message)>,
    names: NameScope,
    uses: LoopUses,
    /// The tags of loops of which it was told that they may go through a group, by their lists.
    perhaps_groups: BTreeSet<String>,
    open: Vec<OpenBlock>,
}

/// The tags of a part, translated.
pub(super) struct TagTranslation<'a> {
    pub(super) found: PartSites<'a>,
    /// One for each tag.
    pub(super) edits: Vec<SiteEdit>,
    pub(super) problems: Vec<(WordLocation, Problem)>,
    /// Number of tags without an end.
    pub(super) unclosed: usize,
}

/// Names what stays, and why.
const STAYS_RULE: &str = "docxtpl-stays";
/// Names what a translated tag does otherwise.
const DIFFERS_RULE: &str = "docxtpl-differs";

impl<'a> PartTranslator<'a> {
    /// Translates all tags of a part.
    pub(super) fn translate(found: PartSites<'a>) -> TagTranslation<'a> {
        let count = found.sites.len();
        let uses = LoopUses::find(&found.sites);
        let mut translator = PartTranslator {
            found,
            uses,
            perhaps_groups: BTreeSet::new(),
            edits: vec![SiteEdit::Keep; count],
            problems: Vec::new(),
            notes: Vec::new(),
            remarks: Vec::new(),
            names: NameScope::default(),
            open: Vec::new(),
        };
        let unclosed = std::mem::take(&mut translator.found.unclosed);
        for pair in &unclosed {
            translator.refuse_range(pair.0, &pair.1);
        }
        for at in 0..count {
            if translator.edits[at] == SiteEdit::Keep {
                translator.translate_site(at);
            }
        }
        while let Some(block) = translator.open.pop() {
            translator.keep(block.sites[0]..count);
            let way_out = msg!("docxtpl.hint-block");
            translator
                .refuse(block.sites[0], Refusal::of_place(msg!("docxtpl.not-closed"), way_out));
        }
        translator.report_notes();
        let PartTranslator { found, edits, problems, .. } = translator;
        TagTranslation { found, edits, problems, unclosed: unclosed.len() }
    }

    fn refuse_range(&mut self, paragraph: usize, range: &Range<usize>) {
        let place = self.found.locate(paragraph, range);
        let message = msg!("docxtpl.stays", tag = &place.excerpt, why = msg!("docxtpl.unclosed"));
        let hint = msg!("docxtpl.hint-unclosed");
        self.problems.push((place, Problem::error(STAYS_RULE, message).with_hint(hint)));
    }

    /// Reports that a tag stays.
    fn refuse(&mut self, at: usize, refusal: Refusal) {
        let site = &self.found.sites[at];
        let place = self.found.locate(site.paragraph, &site.tag.range);
        let message = msg!("docxtpl.stays", tag = self.found.written(at), why = refusal.why);
        let problem = Problem::error(STAYS_RULE, message).with_hint(refusal.way_out);
        self.problems.push((place, problem));
    }

    /// Notes cases in which a tag is not the same.
    fn note(&mut self, at: usize, notes: Vec<Message>) {
        self.notes.extend(notes.into_iter().map(|note| (at, note)));
    }

    /// Reports the notes of all tags that are translated in the end.
    fn report_notes(&mut self) {
        let notes = std::mem::take(&mut self.notes).into_iter();
        let notes = notes.map(|(at, note)| (at, note, Severity::Warning));
        let remarks = std::mem::take(&mut self.remarks).into_iter();
        let remarks = remarks.map(|(at, note)| (at, note, Severity::Info));
        for (at, note, severity) in notes.chain(remarks) {
            if self.edits[at] == SiteEdit::Keep {
                continue;
            }
            let site = &self.found.sites[at];
            let place = self.found.locate(site.paragraph, &site.tag.range);
            let message = msg!("docxtpl.differs", tag = self.found.written(at), note = note);
            let problem = Problem { severity, ..Problem::warning(DIFFERS_RULE, message) };
            self.problems.push((place, problem));
        }
    }

    /// Leaves tags as they are.
    fn keep(&mut self, range: Range<usize>) {
        self.edits[range].fill(SiteEdit::Keep);
    }

    fn translate_site(&mut self, at: usize) {
        let tag = &self.found.sites[at].tag;
        if tag.joins {
            let way_out = msg!("docxtpl.hint-joins");
            let refusal = Refusal::of_place(msg!("docxtpl.joins"), way_out);
            self.refuse(at, refusal);
            self.read_refused_block(at);
            self.lose_names(at);
            return;
        }
        let done = match tag.kind {
            JinjaKind::Comment => self.translate_comment(at),
            JinjaKind::Value => self.translate_value(at),
            JinjaKind::Statement => self.translate_statement(at),
        };
        if let Err(refusal) = done {
            self.refuse(at, refusal);
            self.lose_names(at);
        }
    }

    /// Keeps the names that a statement gives, and that stays, from being taken for names of the data.
    fn lose_names(&mut self, at: usize) {
        let tag = &self.found.sites[at].tag;
        if tag.kind == JinjaKind::Statement {
            for name in given_names(&tag.body) {
                self.names.bind(&name, None);
            }
        }
    }

    /// Keeps count of a block whose tag stays.
    fn read_refused_block(&mut self, at: usize) {
        if self.found.sites[at].tag.kind != JinjaKind::Statement {
            return;
        }
        match parse_statement(&self.found.sites[at].tag.body.clone()) {
            Ok(Statement::For(_)) => self.open_block(at, "for", true),
            Ok(Statement::If(_)) => self.open_block(at, "if", true),
            Ok(Statement::OtherBlock(name)) => self.open_block(at, &name, true),
            Ok(Statement::ElseIf(_) | Statement::Else) => {
                if let Some(block) = self.open.last_mut() {
                    block.is_refused = true;
                }
            }
            Ok(Statement::End(_)) => {
                if let Some(block) = self.open.pop() {
                    self.keep(block.sites[0]..at + 1);
                    self.names.leave();
                }
            }
            _ => {}
        }
    }

    fn translate_comment(&mut self, at: usize) -> Translated<()> {
        let tag = &self.found.sites[at].tag;
        match tag.reach {
            TagReach::Text | TagReach::Run => {
                let body = tag.body.replace("--}}", "- -}}");
                self.edits[at] = SiteEdit::Text(limited(format!("{{{{!-- {body} --}}}}"))?);
                Ok(())
            }
            TagReach::Paragraph => self.remove_paragraph(at),
            TagReach::Row | TagReach::Cell => {
                Err(Refusal::of_place(msg!("docxtpl.comment"), msg!("docxtpl.hint-comment")))
            }
        }
    }

    fn translate_value(&mut self, at: usize) -> Translated<()> {
        let tag = &self.found.sites[at].tag;
        let expr = parse_expression(&tag.body).map_err(|fault| syntax_refusal(&fault))?;
        let reach = tag.reach;
        let mut translator = ExprTranslator::new(&self.names);
        let (edit, mut notes) = match reach {
            TagReach::Text | TagReach::Run => {
                let text = translator.printing_tags(&expr)?;
                let mut notes = translator.notes;
                if reach == TagReach::Run {
                    notes.push(msg!("docxtpl.note-rich-text"));
                }
                (SiteEdit::Text(text), notes)
            }
            TagReach::Paragraph => {
                let value = translator.value(&expr)?;
                let notes = translator.notes;
                self.check_alone(at)?;
                (
                    SiteEdit::Paragraph(TargetExpr::call("document", &[&value.argument()]).tag()?),
                    notes,
                )
            }
            TagReach::Row | TagReach::Cell => {
                let way_out = msg!("docxtpl.hint-column");
                return Err(Refusal::of_place(msg!("docxtpl.raw-cells"), way_out));
            }
        };
        if reach == TagReach::Paragraph {
            notes.push(msg!("docxtpl.note-document"));
        }
        self.edits[at] = edit;
        self.note(at, notes);
        Ok(())
    }

    fn translate_statement(&mut self, at: usize) -> Translated<()> {
        let body = self.found.sites[at].tag.body.clone();
        let statement = match parse_statement(&body) {
            Ok(statement) => statement,
            Err(fault) => {
                self.open_unread(at, &body);
                return Err(syntax_refusal(&fault));
            }
        };
        match statement {
            Statement::For(statement) => self.open_for(at, statement),
            Statement::If(condition) => {
                let tag = self.condition_tag("#if", &condition, at);
                self.open_with(at, "if", tag)
            }
            Statement::ElseIf(condition) => {
                let tag = self.condition_tag("else if", &condition, at);
                self.add_branch(at, tag)
            }
            Statement::Else => self.add_branch(at, Ok("{{else}}".to_owned())),
            Statement::End(name) => self.close_block(at, &name),
            Statement::Set(name, value) => self.set_value(at, &name, &value),
            Statement::SpanColumns(value) => self.cell_tag(at, "span", &value),
            Statement::ShadeCell(value) => self.cell_tag(at, "shade", &value),
            Statement::MergeCells => self.merge_cells(at),
            Statement::OtherBlock(name) => {
                self.open_block(at, &name, true);
                Err(Refusal::of_place(
                    msg!("docxtpl.statement", name = &name),
                    statement_hint(&name),
                ))
            }
            Statement::Other(name) => Err(Refusal::of_place(
                msg!("docxtpl.statement", name = &name),
                statement_hint(&name),
            )),
        }
    }

    /// Opens the block of a statement that cannot be read.
    fn open_unread(&mut self, at: usize, body: &str) {
        for name in ["for", "if"] {
            if body.split_whitespace().next() == Some(name) {
                self.open_block(at, name, true);
            }
        }
    }

    fn open_block(&mut self, at: usize, name: &str, is_refused: bool) {
        match name {
            "for" => self.names.enter_loop(None, Vec::new()),
            _ => self.names.enter_condition(),
        }
        self.open.push(OpenBlock { name: name.to_owned(), sites: vec![at], is_refused });
    }

    /// Opens a block with its tag, or one that stays.
    fn open_with(&mut self, at: usize, name: &str, tag: Translated<String>) -> Translated<()> {
        self.open_block(at, name, tag.is_err());
        let placed = tag.and_then(|tag| self.place(at, tag));
        if let (Err(_), Some(block)) = (&placed, self.open.last_mut()) {
            block.is_refused = true;
        }
        placed
    }

    fn condition_tag(&mut self, word: &str, expr: &JinjaExpr, at: usize) -> Translated<String> {
        let mut translator = ExprTranslator::new(&self.names);
        let condition = translator.condition(expr)?;
        let notes = translator.notes;
        self.note(at, notes);
        Ok(format!("{{{{{word} {condition}}}}}"))
    }

    fn open_for(&mut self, at: usize, statement: ForLoop) -> Translated<()> {
        let names = statement.names.clone();
        let head = self.loop_head(at, statement);
        let (list, params, bound) = match &head {
            Ok(head) => (Some(head.rooted_list.clone()), head.params.clone(), head.bound.clone()),
            Err(_) => {
                let unknown = |name: &String| (name.clone(), TargetExpr::Path(name.clone()));
                (None, Vec::new(), names.iter().map(unknown).collect())
            }
        };
        self.open.push(OpenBlock { name: "for".to_owned(), sites: vec![at], is_refused: false });
        self.names.enter_loop(list, params);
        for pair in bound {
            self.names.bind(&pair.0, Some(pair.1));
        }
        let placed = head.and_then(|head| self.place(at, limited(head.tag)?));
        if let (Err(_), Some(block)) = (&placed, self.open.last_mut()) {
            block.is_refused = true;
        }
        placed
    }

    /// Translates what a loop goes through, with the names of its turns.
    fn loop_head(&mut self, at: usize, statement: ForLoop) -> Translated<LoopHead> {
        if statement.is_recursive {
            return Err(Refusal::of_value(msg!("docxtpl.recursive")));
        }
        let looped = self.uses.looped_data(at, &statement.list);
        let has_one_name = statement.names.len() == 1;
        let source = LoopSource::of(statement, looped, &self.names)?;
        let mut translator = ExprTranslator::new(&self.names);
        let list = translator.value(&source.list)?.argument();
        let notes = std::mem::take(&mut translator.notes);
        translator.rooted = true;
        let rooted_list = translator.value(&source.list)?.argument();
        self.note(at, notes);
        if looped == LoopedData::Unknown
            && has_one_name
            && self.perhaps_groups.insert(rooted_list.clone())
        {
            self.remarks.push((at, msg!("docxtpl.note-names")));
        }
        let LoopSource { params, bound, .. } = source;
        let tag = format!("{{{{#each {list} as |{}|}}}}", params.join(" "));
        Ok(LoopHead { tag, rooted_list, params, bound })
    }

    fn add_branch(&mut self, at: usize, tag: Translated<String>) -> Translated<()> {
        let alone = || Refusal::of_place(msg!("docxtpl.end-alone"), msg!("docxtpl.hint-block"));
        let block = self.open.last_mut().ok_or_else(alone)?;
        block.sites.push(at);
        let placed = tag.and_then(|tag| self.place(at, tag));
        if let (Err(_), Some(block)) = (&placed, self.open.last_mut()) {
            block.is_refused = true;
        }
        placed
    }

    fn close_block(&mut self, at: usize, name: &str) -> Translated<()> {
        let alone = || Refusal::of_place(msg!("docxtpl.end-alone"), msg!("docxtpl.hint-block"));
        if self.open.last().is_none_or(|block| block.name != name) {
            return Err(alone());
        }
        let mut block = self.open.pop().ok_or_else(alone)?;
        self.names.leave();
        block.sites.push(at);
        let first = block.sites[0];
        let end = if name == "for" { "{{/each}}" } else { "{{/if}}" };
        if block.is_refused {
            // The tag that has no equal was named.
            self.keep(first..at + 1);
            return Ok(());
        }
        let placed = self.check_block(&block).and_then(|()| self.place(at, end.to_owned()));
        if placed.is_err() {
            self.keep(first..at + 1);
        }
        placed
    }

    /// Checks whether the tags of a block stand where ours govern the same.
    fn check_block(&mut self, block: &OpenBlock) -> Translated<()> {
        let first = block.sites[0];
        let last = block.sites[block.sites.len() - 1];
        let reach = |at: usize| match self.found.sites[at].tag.reach {
            TagReach::Run => TagReach::Text,
            other => other,
        };
        let hint = || msg!("docxtpl.hint-place");
        if block.sites.iter().any(|&at| reach(at) != reach(first)) {
            return Err(Refusal::of_place(msg!("docxtpl.levels"), hint()));
        }
        let paragraph = |at: usize| self.found.sites[at].paragraph;
        if reach(first) == TagReach::Row {
            return Ok(());
        }
        if !block.sites.iter().all(|&at| self.found.share_container(first, at)) {
            return Err(Refusal::of_place(msg!("docxtpl.cells"), hint()));
        }
        if reach(first) != TagReach::Text || paragraph(first) == paragraph(last) {
            return Ok(());
        }
        let is_whole = self.found.begins_paragraph(first) && self.found.ends_paragraph(last);
        let has_text = !self.found.ends_paragraph(first) && !self.found.begins_paragraph(last);
        if is_whole && has_text && block.name == "for" {
            return Err(Refusal::of_place(msg!("docxtpl.loop-paragraphs"), hint()));
        }
        if block.sites.iter().any(|&at| self.found.is_alone(at)) {
            self.note(first, vec![msg!("docxtpl.note-empty")]);
        } else if is_whole {
            self.note(first, vec![msg!("docxtpl.note-nothing-left")]);
        }
        Ok(())
    }

    fn set_value(&mut self, at: usize, name: &str, value: &JinjaExpr) -> Translated<()> {
        let hint = || msg!("docxtpl.hint-value");
        let bound = if self.names.is_in_condition() {
            Err(Refusal::of_place(msg!("docxtpl.set-in-block"), hint()))
        } else {
            let mut translator = ExprTranslator::new(&self.names);
            translator.rooted = true;
            let value = translator.value(value);
            let notes = translator.notes;
            // Values that are made of each other would double from tag to tag.
            let value = value.and_then(|value| limited(value.argument()).map(|_| value));
            value.inspect(|_| self.note(at, notes))
        };
        let placed = match (&bound, self.found.sites[at].tag.reach) {
            (Err(_), _) => Ok(()),
            (Ok(_), TagReach::Text | TagReach::Run) => {
                self.edits[at] = SiteEdit::Text(String::new());
                Ok(())
            }
            (Ok(_), TagReach::Paragraph) => self.remove_paragraph(at),
            (Ok(_), TagReach::Row | TagReach::Cell) => {
                Err(Refusal::of_place(msg!("docxtpl.comment"), msg!("docxtpl.hint-comment")))
            }
        };
        self.names.bind(name, bound.as_ref().ok().cloned());
        bound.map(drop).and(placed)
    }

    fn cell_tag(&mut self, at: usize, helper: &str, value: &JinjaExpr) -> Translated<()> {
        let mut translator = ExprTranslator::new(&self.names);
        let value = translator.value(value)?.argument();
        let mut notes = translator.notes;
        if helper == "span" {
            notes.push(msg!("docxtpl.note-span"));
        }
        self.edits[at] = SiteEdit::Text(TargetExpr::call(helper, &[&value]).tag()?);
        self.note(at, notes);
        Ok(())
    }

    /// Merges a cell with those of the other turns, if its text is the same in each.
    fn merge_cells(&mut self, at: usize) -> Translated<()> {
        let refused = || Refusal::of_place(msg!("docxtpl.merge"), msg!("docxtpl.hint-merge"));
        let paragraph = self.found.paragraph(at);
        if paragraph.row.is_none() || paragraph.has_non_text {
            return Err(refused());
        }
        let own = self.found.written(at);
        let neighbours = self.found.neighbours(at);
        let value = match neighbours.as_slice() {
            [] => TargetExpr::text(paragraph.text.replacen(own, "", 1).trim())?,
            &[other] if self.found.sites[other].tag.kind == JinjaKind::Value => {
                let rest = paragraph.text.replacen(own, "", 1);
                if rest.replacen(self.found.written(other), "", 1).trim() != "" {
                    return Err(refused());
                }
                let expr = parse_expression(&self.found.sites[other].tag.body)
                    .map_err(|fault| syntax_refusal(&fault))?;
                ExprTranslator::new(&self.names).value(&expr)?
            }
            _ => return Err(refused()),
        };
        let is_constant = match &value {
            TargetExpr::Path(path) => path.starts_with("@root."),
            TargetExpr::Constant { printed, .. } => !printed.is_empty(),
            TargetExpr::Call(_) => false,
        };
        if !is_constant {
            return Err(refused());
        }
        let tag = TargetExpr::call("merge", &[&value.argument()]).tag()?;
        for &other in &neighbours {
            self.edits[other] = SiteEdit::Absorbed;
        }
        self.edits[at] = SiteEdit::Paragraph(tag);
        Ok(())
    }

    /// Puts a tag of a block in the place of another.
    fn place(&mut self, at: usize, tag: String) -> Translated<()> {
        self.edits[at] = match self.found.sites[at].tag.reach {
            TagReach::Text | TagReach::Run => SiteEdit::Text(tag),
            TagReach::Paragraph => {
                self.check_alone(at)?;
                SiteEdit::Paragraph(tag)
            }
            TagReach::Row if self.found.is_alone_in_row(at) => SiteEdit::Paragraph(tag),
            TagReach::Row => {
                let way_out = msg!("docxtpl.hint-row");
                return Err(Refusal::of_place(msg!("docxtpl.row-shared"), way_out));
            }
            TagReach::Cell => {
                let way_out = msg!("docxtpl.hint-column");
                return Err(Refusal::of_place(msg!("docxtpl.column"), way_out));
            }
        };
        Ok(())
    }

    fn check_alone(&self, at: usize) -> Translated<()> {
        if self.found.is_alone(at) {
            return Ok(());
        }
        Err(Refusal::of_place(msg!("docxtpl.paragraph-shared"), msg!("docxtpl.hint-paragraph")))
    }

    fn remove_paragraph(&mut self, at: usize) -> Translated<()> {
        self.check_alone(at)?;
        self.edits[at] = if self.found.can_lose_paragraph(at) {
            SiteEdit::RemoveParagraph
        } else {
            SiteEdit::Paragraph(String::new())
        };
        Ok(())
    }
}

/// The tag of a loop with what its names stand for.
struct LoopHead {
    tag: String,
    /// The list as an argument that means the same in the loop.
    rooted_list: String,
    /// Names that the tag gives to an item and its key.
    params: Vec<String>,
    bound: Vec<(String, TargetExpr)>,
}

fn syntax_refusal(fault: &SyntaxFault) -> Refusal {
    Refusal::of_value(msg!("docxtpl.syntax", near = &fault.near))
}

fn statement_hint(name: &str) -> Message {
    match name {
        "macro" | "call" | "include" | "import" | "from" | "extends" | "block" => {
            msg!("docxtpl.hint-partial")
        }
        "hm" => msg!("docxtpl.hint-column"),
        _ => msg!("docxtpl.hint-statement"),
    }
}
