//! Owns reading what a statement of docxtpl says.
//! Must not know where it stands, nor the language into which it is translated.

use super::jinja_ast::JinjaExpr;
use super::jinja_parser::{JinjaParser, SyntaxFault};
use super::jinja_tokens::{JinjaExprToken, split_tokens};
use crate::slice::TextSlice as _;

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Statement {
    For(ForLoop),
    If(JinjaExpr),
    ElseIf(JinjaExpr),
    Else,
    /// `endfor`, `endif`, …: the name of the block that it ends.
    End(String),
    Set(String, JinjaExpr),
    /// Number of columns that a cell spans.
    SpanColumns(JinjaExpr),
    /// Colour of a cell.
    ShadeCell(JinjaExpr),
    /// Merges a cell with those of the other turns of a loop.
    MergeCells,
    /// A statement that has an end of its own, by its name.
    OtherBlock(String),
    /// Any other statement, by its name.
    Other(String),
}

/// `for a, b in list if condition`
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ForLoop {
    pub(super) names: Vec<String>,
    pub(super) list: JinjaExpr,
    pub(super) condition: Option<JinjaExpr>,
    pub(super) is_recursive: bool,
}

/// Statements with an end that have no equal.
const OTHER_BLOCKS: &[&str] =
    &["macro", "call", "filter", "block", "with", "autoescape", "trans", "raw"];

/// Reads the text of a statement.
pub(super) fn parse_statement(body: &str) -> Result<Statement, SyntaxFault> {
    let end = body.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(body.len());
    let (word, rest) = (body.slice(..end), body.slice(end..));
    let one = |make: fn(JinjaExpr) -> Statement| {
        let mut parser = JinjaParser::new(rest)?;
        let parsed = parser.expression()?;
        parser.expect_end()?;
        Ok(make(parsed))
    };
    match word {
        "for" => parse_for(rest),
        "if" => one(Statement::If),
        "elif" => one(Statement::ElseIf),
        "else" => Ok(Statement::Else),
        "set" => parse_set(rest),
        "colspan" => one(Statement::SpanColumns),
        "cellbg" => one(Statement::ShadeCell),
        "vm" => Ok(Statement::MergeCells),
        _ if OTHER_BLOCKS.contains(&word) => Ok(Statement::OtherBlock(word.to_owned())),
        _ => Ok(match word.strip_prefix("end") {
            Some(name) => Statement::End(name.to_owned()),
            None => Statement::Other(word.to_owned()),
        }),
    }
}

fn parse_for(text: &str) -> Result<Statement, SyntaxFault> {
    let mut parser = JinjaParser::new(text)?;
    let is_bracketed = parser.take_sign("(");
    let mut names = vec![parser.name()?];
    while parser.take_sign(",") {
        names.push(parser.name()?);
    }
    if is_bracketed && !parser.take_sign(")") || !parser.take_word("in") {
        return Err(SyntaxFault { near: text.trim().to_owned() });
    }
    let list = parser.alternatives()?;
    let condition = if parser.take_word("if") { Some(parser.alternatives()?) } else { None };
    let is_recursive = parser.take_word("recursive");
    parser.expect_end()?;
    Ok(Statement::For(ForLoop { names, list, condition, is_recursive }))
}

fn parse_set(text: &str) -> Result<Statement, SyntaxFault> {
    let mut parser = JinjaParser::new(text)?;
    let name = parser.name()?;
    if parser.expect_end().is_ok() || parser.take_sign("|") {
        return Ok(Statement::OtherBlock("set".to_owned()));
    }
    if !parser.take_sign("=") {
        return Ok(Statement::Other("set".to_owned()));
    }
    let value = parser.expression()?;
    parser.expect_end()?;
    Ok(Statement::Set(name, value))
}

/// Returns the names to which a statement gives values for what stands behind it, also if it cannot be read otherwise.
pub(super) fn given_names(body: &str) -> Vec<String> {
    let body = body.trim_start();
    let end = body.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(body.len());
    let (word, rest) = (body.slice(..end), body.slice(end..));
    let given = match word {
        "set" => rest.split(['=', '|']).next(),
        "import" => Some(rest),
        "from" => rest.split_once(" import ").map(|parts| parts.1),
        _ => None,
    };
    let words = ["as", "with", "without", "context"];
    let tokens = given.and_then(|text| split_tokens(text).ok()).unwrap_or_default();
    let mut names = Vec::new();
    let mut is_member = false;
    for token in tokens {
        let is_dot = token == JinjaExprToken::Sign(".");
        match token {
            JinjaExprToken::Name(name) if !is_member && !words.contains(&name.as_str()) => {
                names.push(name);
            }
            _ => {}
        }
        is_member = is_dot;
    }
    names
}
