//! Owns what is looked for again and again behind tags of a text: marks that close something, and the ends of lines,
//! each found once however many tags ask for it.
//! Must not know what a tag means.

use crate::slice::{Ahead, TextSlice as _};
use crate::syntax::token::{Found, Kind, Tag};

/// Marks that close tags, and the one that opens them.
#[derive(Debug)]
pub(crate) struct Ends {
    /// `}}`
    pub(crate) plain: Ahead,
    /// `--}}`
    pub(crate) comment: Ahead,
    /// `--~}}`
    pub(crate) tilde_comment: Ahead,
    /// `{{`
    pub(crate) open: Ahead,
}

impl Default for Ends {
    fn default() -> Ends {
        Ends {
            plain: Ahead::new("}}"),
            comment: Ahead::new("--}}"),
            tilde_comment: Ahead::new("--~}}"),
            open: Ahead::new("{{"),
        }
    }
}

/// The lines of a text, for tags in their order.
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// The line of the last tag: its first byte and one past its end, line break included.
    start: usize,
    end: usize,
    /// Where its first character stands that is no blank, and one past the last such.
    first: usize,
    last: usize,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Lines<'t> {
        let mut lines = Lines { text, start: 0, end: 0, first: 0, last: 0 };
        lines.turn(0);
        lines
    }

    /// Reads the line that begins at an offset.
    fn turn(&mut self, start: usize) {
        let rest = self.text.slice(start..);
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let line = rest.slice(..length);
        self.start = start;
        self.end = start + length;
        self.first = self.end - line.trim_start().len();
        self.last = start + line.trim_end().len();
    }

    /// Goes on to the line that holds an offset.
    fn seek(&mut self, at: usize) {
        if at < self.start {
            self.turn(0);
        }
        while at >= self.end && self.end < self.text.len() {
            self.turn(self.end);
        }
    }

    /// A block's tag, a comment or a partial that has a line to itself takes the line with it.
    pub(crate) fn cut(&mut self, found: &mut Found) {
        let Found::Tag(Tag { range, cut, kind }) = found else { return };
        if matches!(kind, Kind::Value(_)) {
            return;
        }
        self.seek(range.start);
        let (start, first) = (self.start, self.first);
        // A comment may end on a later line.
        self.seek(range.end);
        let (end, last) = (self.end, self.last);
        // The only line of a text is no line.
        let whole = start == 0 && end == self.text.len() && !self.text.ends_with('\n');
        if !whole && first >= range.start && last <= range.end {
            if let Kind::Partial(partial) = kind
                && cut.start == range.start
            {
                self.text.slice(start..range.start).clone_into(&mut partial.indent);
            }
            cut.start = cut.start.min(start);
            cut.end = cut.end.max(end);
        }
    }
}
