//! Owns fast parsing of the usual tags: calls with paths, literals and brackets.
//! Must not know what a helper does; unusual tags are left to the parser of handlebars.

use super::ast::{self, Expr};
use crate::diag::{Problem, msg};
use crate::helper::HelperSet;
use crate::limits::MAX_EXPRESSION_DEPTH;
use crate::slice::TextSlice as _;
use crate::value::number::Decimal;
use serde_json::Value;

/// A parsed call of a helper or block.
pub(crate) struct ParsedCall<'a> {
    pub(crate) name: &'a str,
    pub(crate) args: Vec<Expr>,
    /// By name, in alphabetical order.
    pub(crate) hash: Vec<(String, Expr)>,
    /// `as |a b|`
    pub(crate) params: Vec<String>,
}

/// Deepest nesting of brackets that this parser accepts.
const MAX_PAREN_DEPTH: usize = MAX_EXPRESSION_DEPTH;

/// Parses the content of a tag; returns `None` if it needs the full grammar.
pub(crate) fn parse_simple_call<'a>(
    body: &'a str,
    block: bool,
    helpers: &HelperSet,
) -> Option<Result<ParsedCall<'a>, Problem>> {
    let mut reader = CallParser { rest: body, helpers, depth: 0, fault: None };
    let written = reader.parse_call(block)?;
    Some(match reader.fault {
        Some(fault) => Err(fault),
        None => Ok(written),
    })
}

struct CallParser<'a, 'h> {
    rest: &'a str,
    helpers: &'h HelperSet,
    depth: usize,
    /// First invalid call within brackets.
    fault: Option<Problem>,
}

impl<'a> CallParser<'a, '_> {
    /// Parses a name and its arguments, up to the end or to a closing bracket.
    fn parse_call(&mut self, block: bool) -> Option<ParsedCall<'a>> {
        let name = self.take_word();
        if !is_simple_name(name) || matches!(name, "true" | "false" | "null" | "undefined" | "as") {
            return None;
        }
        let mut written =
            ParsedCall { name, args: Vec::new(), hash: Vec::new(), params: Vec::new() };
        loop {
            let before = self.rest.len();
            self.rest = self.rest.trim_start_matches(' ');
            if self.rest.is_empty() || self.depth > 0 && self.rest.starts_with(')') {
                break;
            }
            // Arguments without a space between them are left to the full grammar, which rejects them.
            if before == self.rest.len() {
                return None;
            }
            if block && self.depth == 0 && self.rest.starts_with("as |") {
                written.params = self.parse_block_params()?;
                break;
            }
            match self.take_hash_key() {
                Some(key) if written.hash.iter().all(|(known, _)| known != key) => {
                    let value = self.parse_argument()?;
                    written.hash.push((key.to_owned(), value));
                }
                None if written.hash.is_empty() => written.args.push(self.parse_argument()?),
                _ => return None,
            }
        }
        written.hash.sort_by(|a, b| a.0.cmp(&b.0));
        (!written.args.is_empty() || !written.hash.is_empty()).then_some(written)
    }

    fn take_word(&mut self) -> &'a str {
        let end = self.rest.find([' ', ')', '(', '=']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_offset(end);
        self.rest = rest;
        word
    }

    /// Consumes the `key=` of a hash argument.
    fn take_hash_key(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        let name = self.rest.slice(..end);
        let rest = self.rest.slice(end..).strip_prefix('=')?;
        if !is_simple_name(name) || rest.starts_with(' ') {
            return None;
        }
        self.rest = rest;
        Some(name)
    }

    /// Consumes `as |a b|` at the end.
    fn parse_block_params(&mut self) -> Option<Vec<String>> {
        let inner = self.rest.strip_prefix("as |")?.strip_suffix('|')?;
        let names: Vec<String> = inner.split(' ').map(str::to_owned).collect();
        self.rest = "";
        let good = names.len() <= 2 && names.iter().all(|name| is_simple_name(name));
        good.then_some(names)
    }

    fn parse_argument(&mut self) -> Option<Expr> {
        match self.rest.chars().next()? {
            '(' => self.parse_subexpression(),
            quote @ ('"' | '\'') => self.parse_string(quote),
            _ => {
                let word = self.take_word();
                if is_decimal_word(word) {
                    return Some(self.parse_decimal_literal(word));
                }
                parse_literal_or_path(word)
            }
        }
    }

    /// Reads a number with decimals or an exponent. If a JSON number would not keep its digits, it is a text of digits,
    /// with which helpers compute as well.
    fn parse_decimal_literal(&mut self, word: &str) -> Expr {
        if Decimal::parse(word).is_none() {
            let problem =
                Problem::error("tag-syntax", msg!("template.number-literal", value = word));
            self.fault.get_or_insert(problem);
            return Expr::Literal(Value::Null);
        }
        let number = word.parse::<f64>().ok().map(Value::from);
        let kept = number.filter(|number| number.to_string().as_str() == word);
        Expr::Literal(kept.unwrap_or_else(|| Value::from(word)))
    }

    fn parse_string(&mut self, quote: char) -> Option<Expr> {
        let inner = self.rest.slice(1..);
        let end = inner.find(['"', '\'', '\\'])?;
        if !inner.slice(end..).starts_with(quote)
            || inner.slice(..end).chars().any(char::is_control)
        {
            return None;
        }
        self.rest = inner.slice(end + 1..);
        Some(Expr::Literal(Value::from(inner.slice(..end))))
    }

    fn parse_subexpression(&mut self) -> Option<Expr> {
        self.rest = self.rest.slice(1..);
        self.depth += 1;
        if self.depth > MAX_PAREN_DEPTH {
            return None;
        }
        let ParsedCall { name, args, hash, .. } = self.parse_call(false)?;
        self.rest = self.rest.strip_prefix(')')?;
        self.depth -= 1;
        match ast::build_call(name, args, hash, self.helpers) {
            Ok(call) => Some(call),
            Err(problem) => {
                self.fault.get_or_insert(problem);
                Some(Expr::Literal(Value::Null))
            }
        }
    }
}

/// Checks whether a word is a name in both grammars.
fn is_simple_name(word: &str) -> bool {
    let mut chars = word.chars();
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || is_non_ascii_letter(c);
    chars.next().is_some_and(starts) && chars.all(|c| starts(c) || c.is_ascii_digit() || c == '-')
}

/// Checks for Chinese characters and other letters beyond ASCII.
fn is_non_ascii_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric()
}

/// Checks whether a word begins as a number and is no whole one: `1.50`, `-0.5`, `1e-9`.
fn is_decimal_word(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.contains(['.', 'e', 'E'])
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
}

fn parse_literal_or_path(word: &str) -> Option<Expr> {
    match word {
        "true" | "false" => return Some(Expr::Literal(Value::Bool(word == "true"))),
        "" | "null" | "undefined" | "as" | "else" => return None,
        // The grammar of handlebars does not accept dots as arguments.
        "." | ".." => return ast::parse_path(word).map(Expr::Path),
        _ => {}
    }
    let digits = word.strip_prefix('-').unwrap_or(word);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let plain = digits == "0" && word == "0" || !digits.starts_with('0') && digits.len() < 18;
        return plain.then(|| word.parse::<i64>().ok().map(|n| Expr::Literal(n.into())))?;
    }
    let path = word.strip_prefix('@').unwrap_or(word);
    let mut names = path;
    while let Some(rest) = names.strip_prefix("../") {
        names = rest;
    }
    let plain =
        |name: &str| is_simple_name(name) && !matches!(name, "this" | "true" | "false" | "null");
    let first = names.strip_prefix("this.").unwrap_or(names);
    if names == "this" && names.len() == word.len() || first.split('.').all(plain) {
        return ast::parse_path(word).map(Expr::Path);
    }
    None
}
