//! Owns what names mean before there is data: the path from the root that a name within blocks has.
//! Must not know values.

use crate::ir::program::{Branch, BranchKind, Include};
use crate::syntax::expr::{DataPath, Expr, PathRoot};
use crate::syntax::tag::MAX_NESTING;

/// The blocks around a place of a template.
#[derive(Debug, Default, Clone)]
pub(crate) struct StaticScope {
    frames: Vec<StaticFrame>,
    /// Blocks within those that are nested too deeply: they are refused, and their names mean nothing.
    excess_depth: usize,
}

/// A path from the root; `None` for a value that no path names.
pub(crate) type AbsolutePath = Option<Vec<String>>;

/// One block.
#[derive(Debug, Default, Clone)]
struct StaticFrame {
    /// Whether `this` means something else in it.
    changes_this: bool,
    /// Whether a name that it lacks may be one of a block around it.
    inherits_names: bool,
    this: AbsolutePath,
    params: Vec<(String, AbsolutePath)>,
    /// Names that a tag adds to the value.
    hash_paths: Vec<(String, AbsolutePath)>,
}

impl StaticScope {
    /// A block begins; one that cannot be read changes nothing.
    pub(crate) fn open_block(&mut self, branch: Option<&Branch>) {
        if self.frames.len() >= MAX_NESTING {
            self.excess_depth += 1;
            return;
        }
        let block = branch.map_or_else(StaticFrame::default, |branch| self.branch_frame(branch));
        self.frames.push(block);
    }

    /// The last `else` of the innermost block, in which names mean what they mean outside.
    pub(crate) fn enter_else(&mut self) {
        if let (0, Some(block)) = (self.excess_depth, self.frames.last_mut()) {
            *block = StaticFrame::default();
        }
    }

    /// The innermost block ends.
    pub(crate) fn close_block(&mut self) {
        match self.excess_depth.checked_sub(1) {
            Some(rest) => self.excess_depth = rest,
            None => drop(self.frames.pop()),
        }
    }

    fn branch_frame(&self, branch: &Branch) -> StaticFrame {
        let mut this = match &branch.subject {
            Expr::Path(path) => self.absolute_segments(path),
            _ => None,
        };
        match branch.kind {
            BranchKind::If | BranchKind::Unless => return StaticFrame::default(),
            BranchKind::Each => this = this.map(|path| [path, vec!["*".to_owned()]].concat()),
            BranchKind::Nth(index) => {
                this = this.map(|path| [path, vec![format!("[{index}]")]].concat());
            }
            BranchKind::With | BranchKind::Section => {}
        }
        let values = [this.clone(), None];
        let params = branch.params.iter().cloned().zip(values).collect();
        let open = branch.kind == BranchKind::Section || !branch.params.is_empty();
        StaticFrame {
            changes_this: true,
            inherits_names: open,
            this,
            params,
            hash_paths: Vec::new(),
        }
    }

    /// The trail within a text that a tag includes; `home` is that of where the text is written, if names
    /// begin there.
    pub(crate) fn include_scope(
        &self,
        include: &Include,
        home: Option<&StaticScope>,
    ) -> StaticScope {
        let value = |expr: &Expr| match expr {
            Expr::Path(path) => self.absolute_segments(path),
            _ => None,
        };
        let mut inner = home.unwrap_or(self).clone();
        let same = home.is_none_or(|home| {
            home.frame_depth() == self.frame_depth() && home.this_path() == self.this_path()
        });
        if include.context.is_none() && include.hash.is_empty() && same {
            return inner;
        }
        let this = include.context.as_ref().map_or_else(|| self.this_path(), value);
        let mut added: Vec<_> =
            include.hash.iter().map(|(name, expr)| (name.clone(), value(expr))).collect();
        if include.context.is_none() {
            added.extend(
                self.enclosing_frames()
                    .next()
                    .into_iter()
                    .flat_map(|block| block.hash_paths.clone()),
            );
        }
        let open = self.inherits_names();
        inner.frames.push(StaticFrame {
            changes_this: true,
            inherits_names: open,
            this,
            params: Vec::new(),
            hash_paths: added,
        });
        inner
    }

    /// The blocks that change what names mean, from the innermost.
    fn enclosing_frames(&self) -> impl Iterator<Item = &StaticFrame> {
        self.frames.iter().rev().filter(|block| block.changes_this)
    }

    fn frame_depth(&self) -> usize {
        self.enclosing_frames().count()
    }

    /// What `this` means.
    fn this_path(&self) -> AbsolutePath {
        self.enclosing_frames().next().map_or_else(|| Some(Vec::new()), |block| block.this.clone())
    }

    /// A path from the root, `*` for every item; none for loop variables and what a helper makes.
    pub(crate) fn absolute_path(&self, path: &DataPath) -> Option<String> {
        self.absolute_segments(path).map(|segments| segments.join("."))
    }

    /// Whether names may be those of a block further out.
    pub(crate) fn inherits_names(&self) -> bool {
        self.frames.iter().any(|block| block.inherits_names)
    }

    pub(crate) fn absolute_segments(&self, path: &DataPath) -> AbsolutePath {
        let (up, bare) = match path.root {
            PathRoot::Data => return Some(path.segments.clone()),
            PathRoot::Local { .. } => return None,
            PathRoot::Context { up, bare } => (up, bare),
        };
        if let (true, Some((first, rest))) = (bare, path.segments.split_first()) {
            let mut params = self.frames.iter().rev().flat_map(|block| &block.params);
            if let Some((_, value)) = params.find(|(name, _)| name == first) {
                return value.clone().map(|value| [value, rest.to_vec()].concat());
            }
        }
        let here = match self.enclosing_frames().nth(up) {
            Some(block) => {
                if let Some((first, rest)) = path.segments.split_first()
                    && let Some((_, value)) =
                        block.hash_paths.iter().find(|(name, _)| name == first)
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
