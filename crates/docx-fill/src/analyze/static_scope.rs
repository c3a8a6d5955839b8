//! Owns the meaning of names without data: the path from the root for a name within blocks.
//! Must not know values.

use crate::helper::HelperRole;
use crate::ir::program::{Branch, BranchKind, Include};
use crate::syntax::expr::{DataPath, Expr, PathRoot};
use crate::syntax::tag::MAX_NESTING;

/// The enclosing blocks of a place in a template.
#[derive(Debug, Default, Clone)]
pub(crate) struct StaticScope {
    frames: Vec<StaticFrame>,
    /// Number of open blocks beyond the nesting limit. They are reported elsewhere and do not change names.
    excess_depth: usize,
}

/// A path from the root; `None` for a value without a path.
pub(crate) type AbsolutePath = Option<Vec<String>>;

/// The list that a block goes through: a list of the data, or what a helper makes of one.
enum ListSource {
    /// The items of a list.
    Items(AbsolutePath),
    /// One item of a list.
    OneItem(AbsolutePath),
    /// Lists of items of a list.
    Pieces(AbsolutePath),
    /// Groups with `key` and `items`, which are items of a list.
    Groups(AbsolutePath),
    /// Lists with one item of each list.
    SideBySide(Vec<AbsolutePath>),
}

/// A block, as far as it affects names.
#[derive(Debug, Default, Clone)]
struct StaticFrame {
    /// True if the block changes `this`.
    changes_this: bool,
    /// True if names that the block's value lacks are looked up in outer blocks.
    inherits_names: bool,
    this: AbsolutePath,
    params: Vec<(String, AbsolutePath)>,
    /// Hash arguments of an include, which extend the value.
    hash_paths: Vec<(String, AbsolutePath)>,
}

impl StaticScope {
    /// Enters a block; a malformed one (`None`) changes nothing.
    pub(crate) fn open_block(&mut self, branch: Option<&Branch>) {
        if self.frames.len() >= MAX_NESTING {
            self.excess_depth += 1;
            return;
        }
        let block = branch.map_or_else(StaticFrame::default, |branch| self.branch_frame(branch));
        self.frames.push(block);
    }

    /// Enters a block in which names that its value lacks are looked up in outer blocks.
    pub(crate) fn open_inheriting_block(&mut self, branch: Option<&Branch>) {
        let before = self.frames.len();
        self.open_block(branch);
        if let Some(frame) = self.frames.get_mut(before) {
            frame.inherits_names = true;
        }
    }

    /// Enters the last `else` of the innermost block, in which names have their outer meaning.
    pub(crate) fn enter_else(&mut self) {
        if let (0, Some(block)) = (self.excess_depth, self.frames.last_mut()) {
            *block = StaticFrame::default();
        }
    }

    /// Leaves the innermost block.
    pub(crate) fn close_block(&mut self) {
        match self.excess_depth.checked_sub(1) {
            Some(rest) => self.excess_depth = rest,
            None => drop(self.frames.pop()),
        }
    }

    fn branch_frame(&self, branch: &Branch) -> StaticFrame {
        if matches!(branch.kind, BranchKind::If | BranchKind::Unless) {
            return StaticFrame::default();
        }
        let within = |path: AbsolutePath, step: &str| {
            path.map(|path| [path, vec![step.to_owned()]].concat())
        };
        let repeats = matches!(branch.kind, BranchKind::Each | BranchKind::Section);
        let mut hash_paths = Vec::new();
        let this = match (self.list_of(&branch.subject), branch.kind) {
            (ListSource::Items(path), BranchKind::Each) | (ListSource::OneItem(path), _) => {
                within(path, "*")
            }
            (ListSource::Items(path), BranchKind::Nth(index)) => {
                within(path, &format!("[{index}]"))
            }
            (ListSource::Items(path), _) => path,
            // A piece is a list of the same items.
            (ListSource::Pieces(path), _) if repeats => path,
            (ListSource::Groups(path), _) if repeats => {
                hash_paths = vec![("items".to_owned(), path), ("key".to_owned(), None)];
                None
            }
            (ListSource::SideBySide(paths), _) if repeats => {
                let item = |(at, path)| (format!("{at}"), within(path, "*"));
                hash_paths = paths.into_iter().enumerate().map(item).collect();
                None
            }
            _ => None,
        };
        let values = [this.clone(), None];
        let params = branch.params.iter().cloned().zip(values).collect();
        let open = branch.kind == BranchKind::Section || !branch.params.is_empty();
        StaticFrame { changes_this: true, inherits_names: open, this, params, hash_paths }
    }

    /// Returns what a block goes through, as far as it comes from the data.
    fn list_of(&self, subject: &Expr) -> ListSource {
        let call = match subject {
            Expr::Path(path) => return ListSource::Items(self.absolute_segments(path)),
            Expr::Literal(_) => return ListSource::Items(None),
            Expr::Call(call) => call,
        };
        let source = |at: usize| match call.args.get(at).map(|arg| self.list_of(arg)) {
            Some(ListSource::Items(path)) => path,
            _ => None,
        };
        match call.helper.role {
            HelperRole::SameItems => ListSource::Items(source(0)),
            HelperRole::OneItem => ListSource::OneItem(source(0)),
            HelperRole::Chunk => ListSource::Pieces(source(0)),
            HelperRole::Group => ListSource::Groups(source(0)),
            HelperRole::Zip => ListSource::SideBySide((0..call.args.len()).map(source).collect()),
            _ => ListSource::Items(None),
        }
    }

    /// Returns the path of the list that an argument is or comes from, item by item.
    pub(crate) fn list_path(&self, expr: &Expr) -> AbsolutePath {
        match self.list_of(expr) {
            ListSource::Items(path) => path,
            _ => None,
        }
    }

    /// Returns the scope within an included text. `home` is the scope in which that text is written, for
    /// definitions and the content of blocks.
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

    /// Iterates over the blocks that change `this`, from the innermost.
    fn enclosing_frames(&self) -> impl Iterator<Item = &StaticFrame> {
        self.frames.iter().rev().filter(|block| block.changes_this)
    }

    fn frame_depth(&self) -> usize {
        self.enclosing_frames().count()
    }

    /// Returns the path of `this`.
    fn this_path(&self) -> AbsolutePath {
        self.enclosing_frames().next().map_or_else(|| Some(Vec::new()), |block| block.this.clone())
    }

    /// Returns a path from the root with `*` for list items; `None` for loop variables and results of helpers.
    pub(crate) fn absolute_path(&self, path: &DataPath) -> Option<String> {
        self.absolute_segments(path).map(|segments| segments.join("."))
    }

    /// Checks whether names may be looked up in outer blocks.
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
