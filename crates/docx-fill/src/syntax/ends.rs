//! Owns forward searches that many tags of a text share: closing delimiters and line ends, each searched for
//! only once.
//! Must not know what a tag means.

use crate::slice::{ForwardTextFinder, TextSlice as _};
use crate::syntax::token::{Tag, TagKind, TagToken};

/// Searches for the delimiters that close tags, and for the one that opens them.
#[derive(Debug)]
pub(crate) struct DelimiterSearch {
    /// `}}`
    pub(crate) plain: ForwardTextFinder,
    /// `--}}`
    pub(crate) comment: ForwardTextFinder,
    /// `--~}}`
    pub(crate) tilde_comment: ForwardTextFinder,
    /// `{{`
    pub(crate) open: ForwardTextFinder,
}

impl Default for DelimiterSearch {
    fn default() -> DelimiterSearch {
        DelimiterSearch {
            plain: ForwardTextFinder::new("}}"),
            comment: ForwardTextFinder::new("--}}"),
            tilde_comment: ForwardTextFinder::new("--~}}"),
            open: ForwardTextFinder::new("{{"),
        }
    }
}

/// The current line of a text, for tags that come in reading order.
pub(crate) struct LineCursor<'t> {
    text: &'t str,
    /// First byte of the line, and the byte after its end, including the line break.
    start: usize,
    end: usize,
    /// First byte that is not white space, and the byte after the last one.
    text_start: usize,
    text_end: usize,
}

impl<'t> LineCursor<'t> {
    pub(crate) fn new(text: &'t str) -> LineCursor<'t> {
        let mut lines = LineCursor { text, start: 0, end: 0, text_start: 0, text_end: 0 };
        lines.read_line(0);
        lines
    }

    /// Reads the line that begins at byte `start`.
    fn read_line(&mut self, start: usize) {
        let rest = self.text.slice(start..);
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let line = rest.slice(..length);
        self.start = start;
        self.end = start + length;
        self.text_start = self.end - line.trim_start().len();
        self.text_end = start + line.trim_end().len();
    }

    /// Moves to the line that contains byte `at`.
    fn seek_line(&mut self, at: usize) {
        if at < self.start {
            self.read_line(0);
        }
        while at >= self.end && self.end < self.text.len() {
            self.read_line(self.end);
        }
    }

    /// Extends the cut of a standalone tag to its whole line. Tags that print a value are never standalone.
    pub(crate) fn cut_standalone(&mut self, found: &mut TagToken) {
        let TagToken::Tag(Tag { range, cut, kind }) = found else { return };
        if matches!(kind, TagKind::Value(_)) {
            return;
        }
        self.seek_line(range.start);
        let (start, first) = (self.start, self.text_start);
        // A comment may end on a later line.
        self.seek_line(range.end);
        let (end, last) = (self.end, self.text_end);
        // A text of one line without a line break is not a line of its own.
        let whole = start == 0 && end == self.text.len() && !self.text.ends_with('\n');
        if !whole && first >= range.start && last <= range.end {
            if let TagKind::Partial(partial) = kind
                && cut.start == range.start
            {
                self.text.slice(start..range.start).clone_into(&mut partial.indent);
                partial.own_line = self.text.slice(..end).ends_with('\n');
            }
            cut.start = cut.start.min(start);
            cut.end = cut.end.max(end);
        }
    }
}
