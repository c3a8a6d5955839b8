//! Owns texts as nobody should write them, shared by the test programs: whatever ends, opens or quotes something
//! in one of the syntaxes that the program writes.
//! Must not know the program.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test program uses a part")]

use super::generator::Random;

/// What means something to a reader.
pub const PIECES: [&str; 84] = [
    "\r",
    "\n",
    "\r\n",
    "\n\n",
    "\u{2028}",
    "\u{2029}",
    "\u{85}",
    "\0",
    "\u{1}",
    "\u{b}",
    "\u{c}",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{9f}",
    "\u{feff}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{ad}",
    "\t",
    " ",
    "  ",
    "    ",
    "\u{3000}",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "`",
    "\\",
    "\\u0041",
    "\\\"",
    "\\{{",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "{{",
    "}}",
    "{{year}}",
    "(",
    ")",
    "<",
    ">",
    "</w:t>",
    "<script>",
    "&",
    "&amp;",
    "&#10;",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?xml",
    "<!DOCTYPE a>",
    "#",
    " #",
    "# ",
    "=",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "---",
    "...",
    "- ",
    ": ",
    "? ",
    "%",
    "|",
    "!",
    "*",
    "_",
    "~",
    "_x000D_",
    "_x005F",
    "year = 1\n",
    "null",
    "甲",
];

/// Plain characters, so that the others stand within words too.
const PLAIN: [&str; 6] = ["a", "乙", "0", "9", "é", "𠀀"];

/// A text of up to so many pieces.
pub fn text(random: &mut Random, most: usize) -> String {
    let count = random.below(most + 1);
    let piece = |random: &mut Random| {
        if random.one_in(3) {
            PLAIN[random.below(PLAIN.len())]
        } else {
            PIECES[random.below(PIECES.len())]
        }
    };
    (0..count).map(|_| piece(random)).collect()
}
