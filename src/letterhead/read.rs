//! Owns reading a letterhead from the tree of its file: English ids or Chinese names, every fault with
//! its place.
//! Must not know the file's syntax, nor what a letterhead looks like.

use super::{Imprint, Letterhead, Seal, Words};
use crate::data::{Entry, Node, Value};
use crate::report::{Date, date_of, is_key, nearest};
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Sink, SourceId, Text};

/// Keys with the Chinese names that are accepted for them.
pub const KEYS: [(&str, &str); 13] = [
    ("mark", "发文机关标志"),
    ("number", "发文字号"),
    ("signatory", "签发人"),
    ("copy", "份号"),
    ("secrecy", "密级"),
    ("urgency", "紧急程度"),
    ("rule", "红色分隔线"),
    ("logo", "单位标志"),
    ("seal", "印章"),
    ("signature", "署名"),
    ("date", "成文日期"),
    ("imprint", "版记"),
    ("suffix", "文件名后缀"),
];
const IMPRINT_KEYS: [(&str, &str); 3] =
    [("copies", "抄送"), ("organ", "印发机关"), ("date", "印发日期")];

/// Reads a letterhead. Faults go to the sink; what is sound is read nevertheless.
pub fn read(source: SourceId, root: &Node, sink: &mut Sink) -> Letterhead {
    let mut reader = Reader { source, sink };
    let mut out = Letterhead::default();
    for (key, node) in reader.entries(root, &KEYS) {
        match key {
            "mark" => out.mark = reader.words(node),
            "number" => out.number = reader.words(node),
            "signatory" => out.signatory = reader.list(node, "　"),
            "copy" => out.copy = reader.words(node),
            "secrecy" => out.secrecy = reader.words(node),
            "urgency" => out.urgency = reader.words(node),
            "rule" => out.rule = reader.flag(node),
            "logo" => out.logo = reader.words(node),
            "seal" => out.seal = reader.seal(node),
            "signature" => out.signature = reader.words(node),
            "date" => out.date = reader.date(node),
            "imprint" => out.imprint = Some(reader.imprint(node)),
            _ => out.suffix = reader.words(node),
        }
    }
    out
}

struct Reader<'a> {
    source: SourceId,
    sink: &'a mut Sink,
}

impl Reader<'_> {
    /// The entries of a table under their ids; unknown and double ones are said.
    fn entries<'n>(
        &mut self,
        node: &'n Node,
        known: &'static [(&'static str, &'static str)],
    ) -> Vec<(&'static str, &'n Node)> {
        let Value::Table(entries) = &node.value else {
            self.wrong_type(node, text!("data.kind-table"));
            return Vec::new();
        };
        let mut out: Vec<(&'static str, &Node)> = Vec::new();
        for entry in entries {
            let Some((id, _)) = known.iter().find(|key| is_key(&entry.key, **key)) else {
                self.unknown(entry, known);
                continue;
            };
            if out.iter().any(|(seen, _)| seen == id) {
                let message = text!("report.key-twice", key = &entry.key);
                let place = Place::Text(self.source, entry.key_span);
                self.sink.push(Diagnostic::error("key-twice", place, message));
            }
            out.push((id, &entry.node));
        }
        out
    }

    fn unknown(&mut self, entry: &Entry, known: &[(&'static str, &'static str)]) {
        let message = text!("report.unknown-key", key = &entry.key);
        let place = Place::Text(self.source, entry.key_span);
        let found = Diagnostic::error("unknown-key", place, message);
        let names: Vec<&str> = known.iter().flat_map(|(id, name)| [*id, *name]).collect();
        let near = if self.sink.is_full() { None } else { nearest(&entry.key, &names) };
        let hint = match near {
            Some(near) => text!("report.did-you-mean", name = near),
            None => {
                let ids: Vec<&str> = known.iter().map(|(id, _)| *id).collect();
                text!("report.known-keys", names = ids)
            }
        };
        self.sink.push(found.hint(hint));
    }

    fn wrong_type(&mut self, node: &Node, expected: Text) {
        let message = text!("report.wrong-type", expected = expected, found = node.kind());
        let place = Place::Text(self.source, node.span);
        self.sink.push(Diagnostic::error("wrong-type", place, message));
    }

    /// A text; of a number, such as that of a copy, its own digits.
    fn words(&mut self, node: &Node) -> Option<Words> {
        let (Value::Text(text) | Value::Number(text)) = &node.value else {
            self.wrong_type(node, text!("data.kind-text"));
            return None;
        };
        Some(Words { text: text.trim().to_owned(), source: self.source, span: node.span })
    }

    /// A text, or several as one.
    fn list(&mut self, node: &Node, between: &str) -> Option<Words> {
        let Value::List(items) = &node.value else { return self.words(node) };
        let words: Option<Vec<Words>> = items.iter().map(|item| self.words(item)).collect();
        let texts: Vec<String> = words?.into_iter().map(|words| words.text).collect();
        Some(Words { text: texts.join(between), source: self.source, span: node.span })
    }

    fn flag(&mut self, node: &Node) -> Option<bool> {
        let Value::Bool(flag) = node.value else {
            self.wrong_type(node, text!("data.kind-bool"));
            return None;
        };
        Some(flag)
    }

    fn seal(&mut self, node: &Node) -> Option<Seal> {
        match &node.value {
            Value::Bool(room) => Some(if *room { Seal::Room } else { Seal::None }),
            Value::Text(_) => self.words(node).map(Seal::Picture),
            _ => {
                self.wrong_type(node, text!("letterhead.expected-seal"));
                None
            }
        }
    }

    fn date(&mut self, node: &Node) -> Option<Date> {
        let date = date_of(node);
        if date.is_none() {
            self.wrong_type(node, text!("report.expected-date"));
        }
        date
    }

    fn imprint(&mut self, node: &Node) -> Imprint {
        let mut out = Imprint::default();
        for (key, node) in self.entries(node, &IMPRINT_KEYS) {
            match key {
                "copies" => out.copies = self.list(node, "，"),
                "organ" => out.organ = self.words(node),
                _ => out.date = self.date(node),
            }
        }
        out
    }
}
