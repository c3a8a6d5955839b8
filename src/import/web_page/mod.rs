//! Owns reading a web page as the paragraphs and tables that a Word document would have, so that one recognition serves
//! both; and which of them stand together in an element.
//! Must not know which of them are the report, nor where the page comes from.

mod page_blocks;
mod page_flow;
mod page_grid;
mod page_style;
mod page_table;
mod page_tree;

use docx_fill::diag::WordLocation;
use docx_fill::word::blocks::{
    WordBlock, WordCell, WordDocument, WordParagraph, WordRow, WordTable,
};
use page_blocks::{FlowBlock, FlowContent, PageTable};
use page_grid::GridCell;
use page_tree::{NodeId, PageTree};

/// The name by which places in a page are told like those in the body of a document.
const BODY_PART: &str = "document";
/// Maximum number of characters of a paragraph that messages show, as in Word documents.
const EXCERPT_CHARS: usize = 16;
/// Minimum number of numbered headings of a level that make it the level of the sections.
const MIN_SECTION_HEADINGS: usize = 3;

/// A page as a document.
#[derive(Debug)]
pub(super) struct WebPage {
    pub(super) document: WordDocument,
    pub(super) holders: BlockHolders,
}

/// The elements that hold the blocks of a page.
#[derive(Debug)]
pub(super) struct BlockHolders {
    tree: PageTree,
    /// The element of each block.
    holders: Vec<NodeId>,
}

impl WebPage {
    /// Reads a page. `None` if it is beyond all pages that people make.
    pub(super) fn read(text: &str) -> Option<WebPage> {
        let tree = PageTree::parse(text)?;
        let flow = page_flow::read_flow(&tree);
        let holders = flow.iter().map(|block| block.holder).collect();
        let mut blocks = NumberedBlocks::default().number_blocks(flow)?;
        set_outlines(&mut blocks);
        let document = WordDocument { blocks, ..WordDocument::default() };
        Some(WebPage { document, holders: BlockHolders { tree, holders } })
    }
}

impl BlockHolders {
    /// Returns the innermost element that holds all of these blocks.
    pub(super) fn common_holder(&self, blocks: &[usize]) -> Option<usize> {
        let mut paths = blocks.iter().map(|block| self.path(*block));
        let first = paths.next()?;
        let shared = paths.fold(first.len(), |shared, path| {
            let equal = first.iter().zip(&path).take_while(|(one, other)| one == other);
            equal.count().min(shared)
        });
        first.get(shared.checked_sub(1)?).copied()
    }

    /// Checks whether an element holds a block.
    pub(super) fn holds(&self, element: usize, block: usize) -> bool {
        self.path(block).contains(&element)
    }

    /// Returns the elements around a block, from the outermost.
    fn path(&self, block: usize) -> Vec<NodeId> {
        let own = self.holders.get(block).copied();
        let mut path: Vec<NodeId> =
            std::iter::successors(own, |node| self.tree.parent(*node)).collect();
        path.reverse();
        path
    }
}

/// The numbers of tables and paragraphs so far, by which messages name a place.
#[derive(Default)]
struct NumberedBlocks {
    cells: Vec<(u32, u32, u32)>,
    tables: u32,
    paragraphs: u32,
}

impl NumberedBlocks {
    fn number_blocks(&mut self, flow: Vec<FlowBlock>) -> Option<Vec<WordBlock>> {
        let blocks = flow.into_iter().map(|block| match block.content {
            FlowContent::Paragraph(paragraph) => {
                Some(WordBlock::Paragraph(self.number_paragraph(*paragraph)))
            }
            FlowContent::Table(table) => self.number_table(table).map(WordBlock::Table),
        });
        blocks.collect()
    }

    fn number_paragraph(&mut self, mut paragraph: WordParagraph) -> WordParagraph {
        self.paragraphs += 1;
        paragraph.place = self.place(self.paragraphs);
        paragraph.place.excerpt = excerpt(&paragraph.text());
        paragraph
    }

    fn place(&self, paragraph: u32) -> WordLocation {
        let (part, cells) = (BODY_PART.to_owned(), self.cells.clone());
        WordLocation { part, cells, paragraph, excerpt: String::new() }
    }

    fn number_table(&mut self, table: PageTable) -> Option<WordTable> {
        self.tables += 1;
        let mut rows = Vec::new();
        let mut first = None;
        for (row, cells) in (1..).zip(table.into_grid()?) {
            let mut own = WordRow::default();
            for (cell, grid) in (1..).zip(cells) {
                let cell = self.number_cell((self.tables, row, cell), grid)?;
                first.get_or_insert_with(|| cell.place.clone());
                own.cells.push(cell);
            }
            rows.push(own);
        }
        let place = first.unwrap_or_else(|| self.place(self.paragraphs));
        Some(WordTable { rows, place, ..WordTable::default() })
    }

    fn number_cell(
        &self,
        address: (u32, u32, u32),
        grid: GridCell<Vec<FlowBlock>>,
    ) -> Option<WordCell> {
        let mut inner = NumberedBlocks::default();
        inner.cells.clone_from(&self.cells);
        inner.cells.push(address);
        let GridCell { columns, merge, content } = grid;
        let mut place = inner.place(0);
        let blocks = inner.number_blocks(content)?;
        let cell = WordCell { columns, merge, blocks, place: WordLocation::default() };
        place.excerpt = excerpt(&cell.text());
        Some(WordCell { place, ..cell })
    }
}

/// Returns the beginning of a text.
fn excerpt(text: &str) -> String {
    text.trim().chars().take(EXCERPT_CHARS).collect()
}

/// Turns the levels of HTML headings into outline levels: the one at which three headings are numbered 一、 二、 三、 is
/// that of the sections. In pages without one they are looks only, as for titles of boxes around the report.
fn set_outlines(blocks: &mut [WordBlock]) {
    let mut numbered = [0_usize; 7];
    let mut paragraphs: Vec<&mut WordParagraph> = Vec::new();
    for block in blocks {
        let WordBlock::Paragraph(paragraph) = block else { continue };
        if let Some(level) = paragraph.outline {
            numbered[usize::from(level.min(6))] += usize::from(is_numbered(&paragraph.text()));
        }
        paragraphs.push(paragraph);
    }
    let sections = numbered.iter().position(|count| *count >= MIN_SECTION_HEADINGS);
    let sections = sections.and_then(|level| u8::try_from(level).ok());
    for paragraph in paragraphs {
        let below = sections.zip(paragraph.outline).and_then(|(base, own)| own.checked_sub(base));
        let boxed = below == Some(0) && !is_numbered(&paragraph.text());
        paragraph.outline = below.filter(|_| !boxed);
    }
}

/// Checks whether a heading begins with a Chinese number.
fn is_numbered(text: &str) -> bool {
    let text = text.trim_start();
    let inner = text.strip_prefix(['第', '（', '(']).unwrap_or(text);
    inner.starts_with(|c: char| "一二三四五六七八九十".contains(c))
}

/// Returns the bytes of a picture that stands in the page itself (`data:…;base64,…`, RFC 2397).
pub(super) fn inline_picture(address: &str) -> Option<Vec<u8>> {
    let rest = address.trim_start().strip_prefix("data:")?;
    let (kind, data) = rest.split_once(',')?;
    kind.ends_with(";base64").then(|| decode_base64(data)).flatten()
}

/// Decodes Base64 (RFC 4648, 4); blanks within are skipped.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => return None,
        };
        (bits, count) = (bits << 6 | u32::from(value), count + 6);
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xFF).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::word::blocks;

    fn lines(page: &str) -> Vec<String> {
        let page = WebPage::read(page).expect("a page");
        let line = |block: &WordBlock| match block {
            WordBlock::Paragraph(paragraph) => paragraph.text(),
            WordBlock::Table(table) => {
                let rows = blocks::slot_rows(table);
                let cells = |row: &Vec<blocks::GridSlot<'_>>| {
                    let shown = row.iter().map(|slot| {
                        let text = if slot.continued { "^" } else { slot.text.as_str() };
                        format!("{}:{text}", slot.column)
                    });
                    shown.collect::<Vec<_>>().join(" ")
                };
                rows.iter().map(cells).collect::<Vec<_>>().join(" / ")
            }
        };
        page.document.blocks.iter().map(line).collect()
    }

    #[test]
    fn texts_are_read_as_they_are_shown() {
        for (page, shown) in [
            ("<p>甲\n  乙 <b>丙</b>\n3 件&nbsp;&nbsp;丁</p>", vec!["甲乙 丙 3 件  丁"]),
            ("<div>甲<br>乙<p>丙</p>丁</div>", vec!["甲", "乙", "丙", "丁"]),
            (
                "<p>甲<br>乙<br>　　丙<br><br>丁<br>二、戊</p>",
                vec!["甲\n乙", "　　丙", "丁", "二、戊"],
            ),
            (
                "<script>1</script><p style='display: none'>2</p><p hidden>3</p><p>4<!--5--></p>",
                vec!["4"],
            ),
            ("<p><span style='mso-hide:all'>1</span>2<s>3</s>&#8203;&lt;</p>", vec!["2<"]),
            ("<ol start=2><li>甲<li><p>乙</p></ol><ul><li>丙", vec!["2. 甲", "3. 乙", "丙"]),
            ("<select><option>1</select><input value=5><input type=hidden value=6>", vec!["5"]),
            (
                "<p>甲<o:p>&nbsp;</o:p></p><p>&nbsp;</p><![if !x]><p>乙</p><![endif]>",
                vec!["甲 ", "乙"],
            ),
        ] {
            assert_eq!(lines(page), shown, "{page}");
        }
    }

    #[test]
    fn cells_have_the_places_of_browsers() {
        for (page, shown) in [
            (
                "<table><tr><td rowspan=2 colspan=2>甲<td>乙<tr><td>1<tr><td>2<td>3<td>4</table>",
                "0:甲 2:乙 / 0:^ 2:1 / 0:2 1:3 2:4",
            ),
            (
                "<table><thead><tr><th rowspan=9>甲<th>乙</thead><tr><td>1<td>2</table>",
                "0:甲 1:乙 / 0:1 1:2",
            ),
            ("<table><tr><td>1<td rowspan=2>2<td>3<tr><td>4</table>", "0:1 1:2 2:3 / 0:4 1:^"),
            (
                "<table><tfoot><tr><td>3<td>4</tfoot><tbody><tr><td>1<td>2<tr hidden><td>9<td>9</table>",
                "0:1 1:2 / 0:3 1:4",
            ),
            ("<table><tr><td>1<td><table><tr><td>2</table><td>3</table>", "0:1 1:2 2:3"),
            (
                "<table><tr><td>甲<td>乙<td>丙<tr><td rowspan=0>1<td colspan=0>2<td>3<tr><td>4<td>5</table>",
                "0:甲 1:乙 2:丙 / 0:1 1:2 2:3 / 0:^ 1:4 2:5",
            ),
        ] {
            assert_eq!(lines(page), vec![shown], "{page}");
        }
    }

    #[test]
    fn tables_that_arrange_others_are_taken_apart() {
        let page = "<table><tr><td>左</td><td><p>上</p><table><tr><td>1<td>2<tr><td>3<td>4</table>下</td></tr></table>";
        assert_eq!(lines(page), ["左", "上", "0:1 1:2 / 0:3 1:4", "下"]);
        assert_eq!(lines("<table><tr><td>甲<tr><td>乙</table>"), ["甲", "乙"]);
    }

    #[test]
    fn a_table_beyond_all_limits_is_refused() {
        let cells = "<td rowspan=65534>1".repeat(1_000);
        assert!(WebPage::read(&format!("<table><tr>{cells}{}", "<tr>".repeat(60_000))).is_none());
    }

    #[test]
    fn pictures_in_the_page_are_decoded() {
        assert_eq!(
            inline_picture("data:image/png;base64,iVBO\nRw==").as_deref(),
            Some(&b"\x89PNG"[..])
        );
        for other in ["a.png", "data:image/png,x", "data:image/png;base64,\u{e9}", "data:;base64"] {
            assert_eq!(inline_picture(other), None, "{other}");
        }
    }
}
