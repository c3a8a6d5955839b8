//! Owns limits that protect stack and memory against untrusted documents and data. Limits of a package are
//! fields of [`PackageLimits`](crate::opc::PackageLimits).
//! Must not know how or where they are enforced.

/// Maximum nesting of Markdown.
pub const MAX_MARKDOWN_DEPTH: usize = 32;
/// Maximum length of a word in prose that cannot be broken between lines, in characters.
pub const MAX_WORD_LENGTH: usize = 2_000;
/// Maximum pieces of one paragraph of prose: runs of equal formatting, links, line breaks, footnotes. The
/// typesetter searches all of them for every character.
pub const MAX_PARAGRAPH_PIECES: usize = 4_000;
/// Maximum columns of a table in prose, as in Word.
pub const MAX_MARKDOWN_COLUMNS: usize = 63;
/// Maximum bytes of footnotes, counted at every reference to them.
pub const MAX_FOOTNOTE_BYTES: usize = 8 << 20;
/// Maximum XML elements and character references of one part. A document of a thousand pages has some hundred
/// thousand.
pub const MAX_XML_ELEMENTS: usize = 1_000_000;
/// Maximum tags of a Word template.
pub const MAX_TAGS: usize = 200_000;
/// Maximum length of a tag, in bytes.
pub const MAX_TAG_LENGTH: usize = 4096;
/// Maximum bytes of all tags of one part of a Word template; their compiled form is many times larger.
pub const MAX_TAG_BYTES: usize = 8 << 20;
/// Maximum nesting of blocks in a template.
pub const MAX_BLOCK_DEPTH: usize = 32;
/// Maximum nesting of one expression.
pub const MAX_EXPRESSION_DEPTH: usize = 32;
/// Maximum depth of partials that include others.
pub const MAX_PARTIAL_DEPTH: usize = 32;
/// Maximum iterations of all loops in one part of a template, with the headers and charts that its turns have of their own.
pub const MAX_LOOP_ITERATIONS: usize = 10_000_000;
/// Maximum values that one part of a template prints, over all iterations and partials, with what its turns have of their own.
pub const MAX_VALUES: usize = 10_000_000;
/// Maximum values of a list that a helper makes, those within its items included.
pub const MAX_MADE_VALUES: usize = 2_000_000;
/// Maximum bytes of a text that a helper makes.
pub const MAX_MADE_TEXT: usize = 64 << 20;
/// Maximum work of all helpers in one part of a template: a list item that is looked at counts once, a value that is
/// copied eight times.
pub const MAX_HELPER_WORK: usize = 100_000_000;
/// Maximum nesting of tables in a location; deeper contents are located in the innermost of them.
pub const MAX_TABLE_DEPTH: usize = 32;
/// Maximum columns that a cell of a Word table may span or a row may skip; Word itself allows 63. Larger
/// numbers are reduced to it.
pub const MAX_GRID_COLUMNS: usize = 1_000;
/// Maximum bytes of all pictures and documents that one data file refers to: each file counts once when it is
/// read, and again at each insertion.
pub const MAX_ASSET_BYTES: u64 = 256 << 20;
/// Maximum number of data names that a Word template requires, including nested ones.
pub const MAX_TEMPLATE_NAMES: usize = 500_000;
