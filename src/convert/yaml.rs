//! Owns the layout of a YAML file: blocks for tables, rows within a line, multi-line texts as
//! literal blocks.
//! Must not know the other syntaxes, nor how a part is written (`syntax`).

use super::comments::Comments;
use super::{InlineWriter, is_flat, with_place, write_inline};
use crate::data::{DataEntry, DataNode, DataValue, UNREAD_SIGN};
use crate::syntax::yaml::YamlWriter;
use docx_fill::diag::SourcePlace;

/// Returns the file, and the tree with the spans of its values in it.
pub(super) fn write_yaml(root: &DataNode, comments: &Comments) -> (String, DataNode) {
    let mut file = YamlFileWriter { out: YamlWriter::default(), comments };
    for line in &comments.head {
        file.out.raw_comment_line(0, line);
    }
    if !comments.head.is_empty() {
        file.out.blank_line();
    }
    let found = match &root.value {
        DataValue::Table(entries) if !entries.is_empty() => file.write_block(entries, 0),
        _ => {
            let found = write_inline(&mut file.out, root);
            file.out.end_line(None);
            found
        }
    };
    for line in &comments.end {
        file.out.raw_comment_line(0, line);
    }
    (file.out.finish(), found)
}

struct YamlFileWriter<'c> {
    out: YamlWriter,
    comments: &'c Comments,
}

impl YamlFileWriter<'_> {
    fn write_block(&mut self, entries: &[DataEntry], depth: usize) -> DataNode {
        let first = self.out.offset();
        let mut found = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let nested = matches!(&entry.node.value, DataValue::Table(inner) if !inner.is_empty())
                && (depth == 0 || !is_flat(&entry.node));
            if depth == 0 && at > 0 && nested {
                self.out.blank_line();
            }
            found.push(self.write_entry(entry, depth, nested));
        }
        let place = SourcePlace::from(first..self.out.offset());
        DataNode { value: DataValue::Table(found), place }
    }

    fn write_entry(&mut self, entry: &DataEntry, depth: usize, nested: bool) -> DataEntry {
        for line in self.comments.lines_above(entry.key_place) {
            self.out.raw_comment_line(depth, line);
        }
        let mut beside = self.comments.line_comment(entry.key_place);
        let lines =
            matches!(&entry.node.value, DataValue::Text(text) if YamlWriter::is_literal(text));
        if let (true, Some(words)) = (lines, beside) {
            // A comment is not allowed beside the header of a literal block by all readers.
            self.out.raw_comment_line(depth, words);
            beside = None;
        }
        let start = self.out.offset();
        self.out.block_key(depth, &entry.key);
        let key_place = SourcePlace::from(start..self.out.offset());
        let node = match &entry.node.value {
            DataValue::Table(inner) if nested => {
                self.out.end_line(beside);
                self.write_block(inner, depth + 1)
            }
            DataValue::Text(text) if lines => {
                let start = self.out.offset();
                self.out.push_literal(depth, text);
                with_place(&entry.node, start, self.out.offset())
            }
            _ => {
                self.out.push_space();
                let node = write_inline(&mut self.out, &entry.node);
                self.out.end_line(beside);
                node
            }
        };
        DataEntry { key: entry.key.clone(), key_place, node }
    }
}

impl InlineWriter for YamlWriter {
    fn write_inline_scalar(&mut self, value: &DataValue) {
        match value {
            DataValue::Bool(value) => self.push_bool(*value),
            DataValue::Number(digits) => self.push_number(digits),
            DataValue::Date(text) => self.push_date(text),
            DataValue::Text(text) => self.push_text(text),
            DataValue::Unread => self.push_text(UNREAD_SIGN),
            DataValue::Null | DataValue::List(_) | DataValue::Table(_) => self.push_null(),
        }
    }

    fn write_inline_key(&mut self, key: &str) {
        self.flow_key(key);
    }
}
