//! Owns expressions of Jinja2 as they are written.
//! Must not know Word, nor the language into which they are translated.

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum JinjaExpr {
    Name(String),
    Text(String),
    /// A number as written, without `_`.
    Number(String),
    Bool(bool),
    None,
    /// A list, tuple or group that is written out.
    Collection,
    Attribute(Box<JinjaExpr>, String),
    Index(Box<JinjaExpr>, Box<JinjaExpr>),
    /// `x[1:2]`
    Slice,
    Call(Box<JinjaExpr>, Vec<JinjaArg>),
    Filter(Box<JinjaExpr>, String, Vec<JinjaArg>),
    Test(Box<JinjaTest>),
    Not(Box<JinjaExpr>),
    Negative(Box<JinjaExpr>),
    Binary(Box<JinjaBinary>),
    /// The first value, then signs of comparison with the values behind them.
    Comparison(Box<JinjaExpr>, Vec<(Comparator, JinjaExpr)>),
    Choice(Box<JinjaChoice>),
}

/// An argument of a call, a filter or a test.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JinjaArg {
    pub(super) name: Option<String>,
    pub(super) value: JinjaExpr,
}

/// `value is name arguments`
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JinjaTest {
    pub(super) value: JinjaExpr,
    pub(super) name: String,
    pub(super) args: Vec<JinjaArg>,
    pub(super) is_negated: bool,
}

/// Two values with a sign or word between them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JinjaBinary {
    pub(super) sign: &'static str,
    pub(super) left: JinjaExpr,
    pub(super) right: JinjaExpr,
}

/// `yes if condition else no`
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JinjaChoice {
    pub(super) condition: JinjaExpr,
    pub(super) yes: JinjaExpr,
    pub(super) no: Option<JinjaExpr>,
}

/// A sign of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparator {
    /// By the name of the helper that compares so.
    Order(&'static str),
    In,
    NotIn,
}
