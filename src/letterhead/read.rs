//! Owns reading a letterhead from the tree of its file: English ids or Chinese names, every fault
//! with its place.
//! Must not know the file's syntax, nor the layout of a letterhead.

use super::{Imprint, Letterhead, LetterheadText, Seal};
use crate::data::{DataNode, DataValue, FaultRules, KeyNames, KnownKeysReader};
use crate::msg;
use crate::report::{Date, read_date};
use docx_fill::diag::{Sink, SourceId};

/// Keys with their accepted Chinese names.
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
const IMPRINT_KEYS: [KeyNames; 3] =
    [("copies", "抄送"), ("organ", "印发机关"), ("date", "印发日期")];

/// Reads a letterhead. Faults go to the sink; valid values are read in any case.
pub fn read_letterhead(source: SourceId, root: &DataNode, sink: &mut Sink) -> Letterhead {
    let file = KnownKeysReader { source, rules: FaultRules::ByKind, sink };
    let mut reader = LetterheadReader { file };
    let mut out = Letterhead::default();
    for (key, node) in reader.file.expect_known(root, &KEYS) {
        match key {
            "mark" => out.mark = reader.read_words(node),
            "number" => out.number = reader.read_words(node),
            "signatory" => out.signatory = reader.read_list(node, "　"),
            "copy" => out.copy = reader.read_words(node),
            "secrecy" => out.secrecy = reader.read_words(node),
            "urgency" => out.urgency = reader.read_words(node),
            "rule" => out.rule = reader.read_flag(node),
            "logo" => out.logo = reader.read_words(node),
            "seal" => out.seal = reader.read_seal(node),
            "signature" => out.signature = reader.read_words(node),
            "date" => out.date = reader.read_date(node),
            "imprint" => out.imprint = Some(reader.read_imprint(node)),
            _ => out.suffix = reader.read_words(node),
        }
    }
    out
}

struct LetterheadReader<'a> {
    file: KnownKeysReader<'a>,
}

impl LetterheadReader<'_> {
    /// Reads a text; of a number, such as that of a copy, its own digits.
    fn read_words(&mut self, node: &DataNode) -> Option<LetterheadText> {
        let text = self.file.expect_words(node)?;
        let source = self.file.source;
        Some(LetterheadText { text: text.trim().to_owned(), source, place: node.place })
    }

    /// Returns a text, or a list of texts joined into one.
    fn read_list(&mut self, node: &DataNode, between: &str) -> Option<LetterheadText> {
        let DataValue::List(items) = &node.value else { return self.read_words(node) };
        let words: Option<Vec<LetterheadText>> =
            items.iter().map(|item| self.read_words(item)).collect();
        let texts: Vec<String> = words?.into_iter().map(|words| words.text).collect();
        Some(LetterheadText {
            text: texts.join(between),
            source: self.file.source,
            place: node.place,
        })
    }

    fn read_flag(&mut self, node: &DataNode) -> Option<bool> {
        let DataValue::Bool(flag) = node.value else {
            self.file.report_wrong_type(node, msg!("data.kind-bool"));
            return None;
        };
        Some(flag)
    }

    fn read_seal(&mut self, node: &DataNode) -> Option<Seal> {
        match &node.value {
            DataValue::Bool(room) => Some(if *room { Seal::StampedByHand } else { Seal::None }),
            DataValue::Text(_) => self.read_words(node).map(Seal::Picture),
            _ => {
                self.file.report_wrong_type(node, msg!("letterhead.expected-seal"));
                None
            }
        }
    }

    fn read_date(&mut self, node: &DataNode) -> Option<Date> {
        let date = read_date(node);
        if date.is_none() {
            self.file.report_wrong_type(node, msg!("report.expected-date"));
        }
        date
    }

    fn read_imprint(&mut self, node: &DataNode) -> Imprint {
        let mut out = Imprint::default();
        for (key, node) in self.file.expect_known(node, &IMPRINT_KEYS) {
            match key {
                "copies" => out.copies = self.read_list(node, "，"),
                "organ" => out.organ = self.read_words(node),
                _ => out.date = self.read_date(node),
            }
        }
        out
    }
}
