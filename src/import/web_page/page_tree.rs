//! Owns the tree of a web page as a browser builds it (WHATWG HTML, 13.2): elements and texts, within limits.
//! Must not know what an element means.

use docx_fill::slice::TextSlice as _;
use html5ever::interface::tree_builder::{
    ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink,
};
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, parse_document};
use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

/// Maximum number of nodes of a page.
const MAX_NODES: usize = 600_000;
/// Maximum number of elements around another; browsers have 512.
const MAX_DEPTH: usize = 400;
/// Number of bytes that are given to the parser before the limits are looked at.
const CHUNK_BYTES: usize = 8_192;
/// Maximum number of blanks in a piece of a page of which no node is made: so many attributes has no element.
const MAX_SILENT_BLANKS: usize = 20_000;

/// Index of a node in its tree.
pub(super) type NodeId = usize;

/// The root of a tree.
pub(super) const ROOT: NodeId = 0;

/// The tree of a page.
#[derive(Debug, Default)]
pub(super) struct PageTree {
    nodes: Vec<PageNode>,
}

/// A node of a page.
#[derive(Debug)]
struct PageNode {
    content: NodeContent,
    parent: Option<NodeId>,
    depth: usize,
    children: Vec<NodeId>,
}

/// The content of a node.
#[derive(Debug)]
enum NodeContent {
    Element {
        name: QualName,
        attributes: Vec<Attribute>,
    },
    Text(String),
    /// The root, a comment or an instruction.
    Other,
}

impl PageTree {
    /// Parses a page. `None` if it is beyond all pages that people make.
    pub(super) fn parse(text: &str) -> Option<PageTree> {
        let mut parser = parse_document(PageTreeSink::new(), ParseOpts::default());
        let mut silent_blanks = 0;
        for chunk in chunks(text) {
            let before = parser.tokenizer.sink.sink.changes.get();
            parser.process(StrTendril::from(chunk));
            let grower = &parser.tokenizer.sink.sink;
            let silent = grower.changes.get() == before;
            let blanks = chunk.bytes().filter(|b| b.is_ascii_whitespace() || *b == b'/').count();
            silent_blanks = if silent { silent_blanks + blanks } else { 0 };
            if grower.is_beyond_limits() || silent_blanks > MAX_SILENT_BLANKS {
                return None;
            }
        }
        Some(parser.finish())
    }

    /// Returns the local name of an element; empty for anything else.
    pub(super) fn name(&self, node: NodeId) -> &str {
        match &self.nodes[node].content {
            NodeContent::Element { name, .. } => &name.local,
            _ => "",
        }
    }

    /// Returns an attribute of an element.
    pub(super) fn attribute(&self, node: NodeId, name: &str) -> Option<&str> {
        let NodeContent::Element { attributes, .. } = &self.nodes[node].content else {
            return None;
        };
        attributes.iter().find(|own| &*own.name.local == name).map(|own| &*own.value)
    }

    /// Returns the characters of a text.
    pub(super) fn text(&self, node: NodeId) -> Option<&str> {
        match &self.nodes[node].content {
            NodeContent::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the nodes within a node, in order.
    pub(super) fn children(&self, node: NodeId) -> &[NodeId] {
        &self.nodes[node].children
    }

    /// Returns the node around a node.
    pub(super) fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.nodes[node].parent
    }
}

/// Returns a text in pieces of about equal size.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut end = rest.len().min(CHUNK_BYTES);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (chunk, after) = (rest.slice(..end), rest.slice(end..));
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// The name of an element, as the parser asks for it.
#[derive(Debug)]
struct ElementName(QualName);

impl ElemName for ElementName {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

/// The receiver with which the parser builds the tree.
struct PageTreeSink {
    tree: RefCell<PageTree>,
    /// Number of changes of the tree so far.
    changes: Cell<usize>,
    too_deep: Cell<bool>,
}

impl PageTreeSink {
    fn new() -> PageTreeSink {
        let root =
            PageNode { content: NodeContent::Other, parent: None, depth: 0, children: Vec::new() };
        let tree = RefCell::new(PageTree { nodes: vec![root] });
        PageTreeSink { tree, changes: Cell::new(0), too_deep: Cell::new(false) }
    }

    fn is_beyond_limits(&self) -> bool {
        self.too_deep.get() || self.tree.borrow().nodes.len() > MAX_NODES
    }

    fn add_node(&self, content: NodeContent) -> NodeId {
        self.changes.set(self.changes.get() + 1);
        let mut tree = self.tree.borrow_mut();
        tree.nodes.push(PageNode { content, parent: None, depth: 0, children: Vec::new() });
        tree.nodes.len() - 1
    }

    fn detach(&self, node: NodeId) {
        let mut tree = self.tree.borrow_mut();
        let Some(parent) = tree.nodes[node].parent.take() else { return };
        let children = &mut tree.nodes[parent].children;
        if let Some(at) = children.iter().rposition(|child| *child == node) {
            children.remove(at);
        }
    }

    /// Puts a node or a text into a parent, before one of its children or behind the last.
    fn insert(&self, parent: NodeId, before: Option<NodeId>, new: NodeOrText<NodeId>) {
        self.changes.set(self.changes.get() + 1);
        let position = |tree: &PageTree| {
            let children = &tree.nodes[parent].children;
            let found = before.and_then(|node| children.iter().rposition(|child| *child == node));
            found.unwrap_or(children.len())
        };
        let node = match new {
            NodeOrText::AppendNode(node) => {
                self.detach(node);
                node
            }
            NodeOrText::AppendText(text) => {
                let mut tree = self.tree.borrow_mut();
                let at = position(&tree);
                let last = at.checked_sub(1).map(|at| tree.nodes[parent].children[at]);
                if let Some(last) = last
                    && let NodeContent::Text(known) = &mut tree.nodes[last].content
                {
                    known.push_str(&text);
                    return;
                }
                drop(tree);
                self.add_node(NodeContent::Text(text.to_string()))
            }
        };
        let mut tree = self.tree.borrow_mut();
        let (at, depth) = (position(&tree), tree.nodes[parent].depth + 1);
        self.too_deep.set(self.too_deep.get() || depth > MAX_DEPTH);
        tree.nodes[parent].children.insert(at, node);
        (tree.nodes[node].parent, tree.nodes[node].depth) = (Some(parent), depth);
    }
}

impl TreeSink for PageTreeSink {
    type Handle = NodeId;
    type Output = PageTree;
    type ElemName<'a> = ElementName;

    fn finish(self) -> PageTree {
        self.tree.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> ElementName {
        let tree: Ref<'a, PageTree> = self.tree.borrow();
        match &tree.nodes[*target].content {
            NodeContent::Element { name, .. } => ElementName(name.clone()),
            // The parser asks for names of elements only.
            _ => ElementName(QualName::new(None, Namespace::default(), LocalName::default())),
        }
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _: ElementFlags,
    ) -> NodeId {
        self.add_node(NodeContent::Element { name, attributes })
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.add_node(NodeContent::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeId {
        self.add_node(NodeContent::Other)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.insert(*parent, None, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        let parent = self.tree.borrow().nodes[*element].parent;
        match parent {
            Some(parent) => self.insert(parent, Some(*element), child),
            None => self.insert(*previous, None, child),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &NodeId, new: NodeOrText<NodeId>) {
        let parent = self.tree.borrow().nodes[*sibling].parent;
        self.insert(parent.unwrap_or(ROOT), Some(*sibling), new);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, new: Vec<Attribute>) {
        let mut tree = self.tree.borrow_mut();
        if let NodeContent::Element { attributes, .. } = &mut tree.nodes[*target].content {
            for attribute in new {
                if !attributes.iter().any(|known| known.name == attribute.name) {
                    attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let children = std::mem::take(&mut self.tree.borrow_mut().nodes[*node].children);
        for child in children {
            self.tree.borrow_mut().nodes[child].parent = None;
            self.insert(*new_parent, None, NodeOrText::AppendNode(child));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tree: &PageTree, node: NodeId) -> String {
        let inner: String = tree.children(node).iter().map(|child| shown(tree, *child)).collect();
        match (tree.name(node), tree.text(node)) {
            ("", None) => inner,
            (_, Some(text)) => text.to_owned(),
            (name, None) => format!("<{name}>{inner}</{name}>"),
        }
    }

    #[test]
    fn pages_become_the_trees_of_browsers() {
        let tree = PageTree::parse("<p>甲&nbsp;<b>乙<p>丙<table>丁<td>1").expect("a page");
        // Without a doctype a table stands within a paragraph; what it cannot hold goes before it.
        let table = "<table><tbody><tr><td>1</td></tr></tbody></table>";
        let body = format!("<p>甲\u{a0}<b>乙</b></p><p><b>丙丁{table}</b></p>");
        let all = format!("<html><head></head><body>{body}</body></html>");
        assert_eq!(shown(&tree, ROOT), all);
    }

    #[test]
    fn pages_beyond_all_limits_are_refused() {
        assert!(PageTree::parse(&"<div>".repeat(10_000)).is_none());
        assert!(PageTree::parse(&"<b>".repeat(10_000)).is_none());
        assert!(PageTree::parse(&format!("<a {}>", "b1 c2 ".repeat(400_000))).is_none());
        assert!(PageTree::parse(&"<i>".repeat(700_000)).is_none());
        assert!(PageTree::parse(&format!("<img src='{}'>", "A".repeat(3_000_000))).is_some());
        assert!(PageTree::parse(&format!("<!--{}-->", "w:lsd ".repeat(10_000))).is_some());
    }
}
