//! Owns what names mean before there is data: the path from the root that a name within blocks has.
//! Must not know values.

use crate::ir::program::{Branch, BranchKind, Include};
use crate::syntax::expr::{Expr, Path, Root};
use crate::syntax::tag::MAX_NESTING;

/// The blocks around a place of a template.
#[derive(Debug, Default, Clone)]
pub(crate) struct Trail {
    blocks: Vec<Block>,
    /// Blocks within those that are nested too deeply: they are refused, and their names mean nothing.
    beyond: usize,
}

/// A path from the root; `None` for a value that no path names.
pub(crate) type Absolute = Option<Vec<String>>;

/// One block.
#[derive(Debug, Default, Clone)]
struct Block {
    /// Whether `this` means something else in it.
    changes: bool,
    /// Whether a name that it lacks may be one of a block around it.
    open: bool,
    this: Absolute,
    params: Vec<(String, Absolute)>,
    /// Names that a tag adds to the value.
    added: Vec<(String, Absolute)>,
}

impl Trail {
    /// A block begins; one that cannot be read changes nothing.
    pub(crate) fn open(&mut self, branch: Option<&Branch>) {
        if self.blocks.len() >= MAX_NESTING {
            self.beyond += 1;
            return;
        }
        let block = branch.map_or_else(Block::default, |branch| self.block(branch));
        self.blocks.push(block);
    }

    /// The last `else` of the innermost block, in which names mean what they mean outside.
    pub(crate) fn otherwise(&mut self) {
        if let (0, Some(block)) = (self.beyond, self.blocks.last_mut()) {
            *block = Block::default();
        }
    }

    /// The innermost block ends.
    pub(crate) fn close(&mut self) {
        match self.beyond.checked_sub(1) {
            Some(rest) => self.beyond = rest,
            None => drop(self.blocks.pop()),
        }
    }

    fn block(&self, branch: &Branch) -> Block {
        let mut this = match &branch.subject {
            Expr::Path(path) => self.segments(path),
            _ => None,
        };
        match branch.kind {
            BranchKind::If | BranchKind::Unless => return Block::default(),
            BranchKind::Each => this = this.map(|path| [path, vec!["*".to_owned()]].concat()),
            BranchKind::Nth(index) => {
                this = this.map(|path| [path, vec![format!("[{index}]")]].concat());
            }
            BranchKind::With | BranchKind::Section => {}
        }
        let values = [this.clone(), None];
        let params = branch.params.iter().cloned().zip(values).collect();
        let open = branch.kind == BranchKind::Section || !branch.params.is_empty();
        Block { changes: true, open, this, params, added: Vec::new() }
    }

    /// The trail within a text that a tag includes; `home` is that of where the text is written, if names
    /// begin there.
    pub(crate) fn call(&self, include: &Include, home: Option<&Trail>) -> Trail {
        let value = |expr: &Expr| match expr {
            Expr::Path(path) => self.segments(path),
            _ => None,
        };
        let mut inner = home.unwrap_or(self).clone();
        let same =
            home.is_none_or(|home| home.depth() == self.depth() && home.this() == self.this());
        if include.context.is_none() && include.hash.is_empty() && same {
            return inner;
        }
        let this = include.context.as_ref().map_or_else(|| self.this(), value);
        let mut added: Vec<_> =
            include.hash.iter().map(|(name, expr)| (name.clone(), value(expr))).collect();
        if include.context.is_none() {
            added.extend(self.around().next().into_iter().flat_map(|block| block.added.clone()));
        }
        let open = self.is_open();
        inner.blocks.push(Block { changes: true, open, this, params: Vec::new(), added });
        inner
    }

    /// The blocks that change what names mean, from the innermost.
    fn around(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().rev().filter(|block| block.changes)
    }

    fn depth(&self) -> usize {
        self.around().count()
    }

    /// What `this` means.
    fn this(&self) -> Absolute {
        self.around().next().map_or_else(|| Some(Vec::new()), |block| block.this.clone())
    }

    /// A path from the root, `*` for every item; none for loop variables and what a helper makes.
    pub(crate) fn absolute(&self, path: &Path) -> Option<String> {
        self.segments(path).map(|segments| segments.join("."))
    }

    /// Whether names may be those of a block further out.
    pub(crate) fn is_open(&self) -> bool {
        self.blocks.iter().any(|block| block.open)
    }

    pub(crate) fn segments(&self, path: &Path) -> Absolute {
        let (up, bare) = match path.root {
            Root::Data => return Some(path.segments.clone()),
            Root::Local { .. } => return None,
            Root::Context { up, bare } => (up, bare),
        };
        if let (true, Some((first, rest))) = (bare, path.segments.split_first()) {
            let mut params = self.blocks.iter().rev().flat_map(|block| &block.params);
            if let Some((_, value)) = params.find(|(name, _)| name == first) {
                return value.clone().map(|value| [value, rest.to_vec()].concat());
            }
        }
        let here = match self.around().nth(up) {
            Some(block) => {
                if let Some((first, rest)) = path.segments.split_first()
                    && let Some((_, value)) = block.added.iter().find(|(name, _)| name == first)
                {
                    return value.clone().map(|value| [value, rest.to_vec()].concat());
                }
                block.this.clone()?
            }
            None => Vec::new(),
        };
        Some([here, path.segments.clone()].concat())
    }
}
