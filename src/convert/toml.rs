//! Owns the layout of a TOML file: values first, then a `[table]` for each table of the file, rows
//! within a line.
//! Must not know the other syntaxes, nor how a part is written (`syntax`).

use super::comments::Comments;
use super::{InlineWriter, with_place, write_inline};
use crate::data::{DataEntry, DataNode, DataValue, UNREAD_SIGN};
use crate::syntax::toml::TomlWriter;
use docx_fill::diag::SourcePlace;

/// Returns the file, and the tree with the spans of its values in it.
pub(super) fn write_toml(root: &DataNode, comments: &Comments) -> (String, DataNode) {
    let mut file = TomlFileWriter { out: TomlWriter::default(), comments };
    let root = file.write_root(root);
    (file.out.finish(), root)
}

struct TomlFileWriter<'c> {
    out: TomlWriter,
    comments: &'c Comments,
}

impl TomlFileWriter<'_> {
    fn write_root(&mut self, root: &DataNode) -> DataNode {
        for line in &self.comments.head {
            self.out.raw_comment_line(line);
        }
        if !self.comments.head.is_empty() {
            self.out.blank_line();
        }
        let DataValue::Table(entries) = &root.value else {
            return write_inline(&mut self.out, root);
        };
        let is_table = |entry: &&DataEntry| matches!(entry.node.value, DataValue::Table(_));
        let mut found: Vec<DataEntry> = Vec::new();
        for entry in entries.iter().filter(|entry| !is_table(entry)) {
            found.push(self.write_pair(entry));
        }
        for entry in entries.iter().filter(is_table) {
            let DataValue::Table(inner) = &entry.node.value else { continue };
            if self.out.offset() > 0 {
                self.out.blank_line();
            }
            self.write_comments_above(entry);
            let start = self.out.offset();
            self.out.table_header(&entry.key);
            let place = SourcePlace::from(start..self.out.offset());
            self.out.end_line(self.comments.line_comment(entry.key_place));
            let inner = inner.iter().map(|entry| self.write_pair(entry)).collect();
            let node = DataNode { value: DataValue::Table(inner), place };
            found.push(DataEntry { key: entry.key.clone(), key_place: place, node });
        }
        for line in &self.comments.end {
            self.out.raw_comment_line(line);
        }
        DataNode { value: DataValue::Table(found), place: SourcePlace::from(0..0) }
    }

    /// Writes an entry on a line of its own, or several for a multi-line text; returns it with its
    /// spans.
    fn write_pair(&mut self, entry: &DataEntry) -> DataEntry {
        self.write_comments_above(entry);
        let start = self.out.offset();
        self.out.assign_key(&entry.key, 0);
        let key_place = SourcePlace::from(start..self.out.offset());
        let node = match &entry.node.value {
            DataValue::Text(words) => {
                let start = self.out.offset();
                self.out.multiline_text(words);
                with_place(&entry.node, start, self.out.offset())
            }
            _ => write_inline(&mut self.out, &entry.node),
        };
        self.out.end_line(self.comments.line_comment(entry.key_place));
        DataEntry { key: entry.key.clone(), key_place, node }
    }

    fn write_comments_above(&mut self, entry: &DataEntry) {
        for line in self.comments.lines_above(entry.key_place) {
            self.out.raw_comment_line(line);
        }
    }
}

impl InlineWriter for TomlWriter {
    fn write_inline_scalar(&mut self, value: &DataValue) {
        match value {
            DataValue::Bool(value) => self.push_bool(*value),
            DataValue::Number(digits) => self.push_number(digits, 0),
            DataValue::Date(text) => self.push_date(text),
            DataValue::Text(text) => self.push_text(text),
            DataValue::Unread => self.push_text(UNREAD_SIGN),
            // Rejected before: TOML has no null.
            DataValue::Null | DataValue::List(_) | DataValue::Table(_) => self.push_text(""),
        }
    }

    fn write_inline_key(&mut self, key: &str) {
        self.assign_key(key, 0);
    }
}
