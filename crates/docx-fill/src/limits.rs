//! Owns the limits on which the stack and the memory depend: what a stranger's document or data may cost before it is
//! refused. Those of a package are fields of [`Limits`](crate::opc::Limits).
//! Must not know what is limited, nor by whom.

/// Deepest nesting of Markdown.
pub const MAX_MARKDOWN_DEPTH: usize = 32;
/// Longest word of a text, in characters: what no line can break.
pub const MAX_WORD_LENGTH: usize = 2_000;
/// Most pieces of one paragraph of a text: runs of one look, links, line breaks, footnotes. The typesetter looks
/// through all of them for every character.
pub const MAX_PARAGRAPH_PIECES: usize = 4_000;
/// Most columns of a table in a text, as in Word.
pub const MAX_MARKDOWN_COLUMNS: usize = 63;
/// Most bytes of footnotes in the places that refer to them: one may be referred to again and again.
pub const MAX_FOOTNOTE_BYTES: usize = 8 << 20;
/// Most elements of a part of a Word document that is read, and character references with them; a document of a
/// thousand pages has some hundred thousand.
pub const MAX_XML_ELEMENTS: usize = 1_000_000;
/// Most tags of a Word template.
pub const MAX_TAGS: usize = 200_000;
/// Longest tag in characters.
pub const MAX_TAG_LENGTH: usize = 4096;
/// Most bytes of all tags of one part of a Word template: what is made of them takes many times as much.
pub const MAX_TAG_BYTES: usize = 8 << 20;
/// Deepest nesting of blocks in a template.
pub const MAX_BLOCK_DEPTH: usize = 32;
/// Deepest nesting of one expression.
pub const MAX_EXPRESSION_DEPTH: usize = 32;
/// Deepest inclusion of partials.
pub const MAX_PARTIAL_DEPTH: usize = 32;
/// Most turns of all loops of one part of a template.
pub const MAX_LOOP_ITERATIONS: usize = 10_000_000;
/// Most values of one part of a template, in all turns of its loops and in all partials.
pub const MAX_VALUES: usize = 10_000_000;
/// Deepest tables within tables that a place names; what lies deeper is told to be in the last of them.
pub const MAX_TABLE_DEPTH: usize = 32;
/// Most columns that a cell of a Word table may cover or a row leave out; Word itself has 63. More is taken
/// for as many.
pub const MAX_GRID_COLUMNS: usize = 1_000;
/// Most bytes of the pictures and documents to which one data file refers, wherever they go: a file counts once when it
/// is read, and each time when it is put in.
pub const MAX_ASSET_BYTES: u64 = 256 << 20;
/// Most names of the data that a Word template wants, those within others counted.
pub const MAX_TEMPLATE_NAMES: usize = 500_000;
