//! Owns reading an expression of Jinja2.
//! Must not know the language into which it is translated.

use super::jinja_ast::{Comparator, JinjaArg, JinjaBinary, JinjaChoice, JinjaExpr, JinjaTest};
use super::jinja_tokens::{JinjaExprToken, split_tokens};

/// Deepest nesting of an expression.
const MAX_DEPTH: usize = 32;
/// Most words and signs of a tag; chains of signs nest as deep as they are long.
const MAX_TOKENS: usize = 400;

/// The place at which an expression is none that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxFault {
    pub(super) near: String,
}

/// A reader of the tokens of a tag.
pub(super) struct JinjaParser {
    tokens: Vec<JinjaExprToken>,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, SyntaxFault>;

/// Reads a text that is one expression.
pub(super) fn parse_expression(text: &str) -> Parsed<JinjaExpr> {
    let mut parser = JinjaParser::new(text)?;
    let parsed = parser.expression()?;
    parser.expect_end()?;
    Ok(parsed)
}

impl JinjaParser {
    pub(super) fn new(text: &str) -> Parsed<JinjaParser> {
        let tokens = split_tokens(text).map_err(|near| SyntaxFault { near })?;
        if tokens.len() > MAX_TOKENS {
            return Err(SyntaxFault { near: text.chars().take(20).collect() });
        }
        Ok(JinjaParser { tokens, at: 0, depth: 0 })
    }

    fn peek(&self) -> Option<&JinjaExprToken> {
        self.tokens.get(self.at)
    }

    fn fault<T>(&self) -> Parsed<T> {
        let near = match self.peek() {
            Some(
                JinjaExprToken::Name(text)
                | JinjaExprToken::Text(text)
                | JinjaExprToken::Number(text),
            ) => text,
            Some(JinjaExprToken::Sign(sign)) => *sign,
            None => "",
        };
        Err(SyntaxFault { near: near.to_owned() })
    }

    /// Takes a sign if it is next.
    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Some(JinjaExprToken::Sign(next)) if *next == sign);
        self.at += usize::from(is_next);
        is_next
    }

    /// Takes a word if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.peek(), Some(JinjaExprToken::Name(next)) if next == word);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect_sign(&mut self, sign: &str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { self.fault() }
    }

    /// Takes a name.
    pub(super) fn name(&mut self) -> Parsed<String> {
        let Some(JinjaExprToken::Name(name)) = self.peek() else { return self.fault() };
        let name = name.clone();
        self.at += 1;
        Ok(name)
    }

    /// Makes sure that nothing is left.
    pub(super) fn expect_end(&self) -> Parsed<()> {
        if self.at == self.tokens.len() { Ok(()) } else { self.fault() }
    }

    /// Reads an expression with a choice.
    pub(super) fn expression(&mut self) -> Parsed<JinjaExpr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fault();
        }
        let yes = self.alternatives()?;
        let out = if self.take_word("if") {
            let condition = self.alternatives()?;
            let no = if self.take_word("else") { Some(self.expression()?) } else { None };
            JinjaExpr::Choice(Box::new(JinjaChoice { condition, yes, no }))
        } else {
            yes
        };
        self.depth -= 1;
        Ok(out)
    }

    /// Reads an expression without a choice.
    pub(super) fn alternatives(&mut self) -> Parsed<JinjaExpr> {
        let mut left = self.conjunction()?;
        while self.take_word("or") {
            left = binary("or", left, self.conjunction()?);
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Parsed<JinjaExpr> {
        let mut left = self.negation()?;
        while self.take_word("and") {
            left = binary("and", left, self.negation()?);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed<JinjaExpr> {
        if self.take_word("not") {
            self.depth += 1;
            let inner = if self.depth > MAX_DEPTH { self.fault() } else { self.negation() };
            self.depth -= 1;
            return Ok(JinjaExpr::Not(Box::new(inner?)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed<JinjaExpr> {
        let first = self.sum()?;
        let mut rest = Vec::new();
        while let Some(sign) = self.comparator() {
            rest.push((sign, self.sum()?));
        }
        Ok(if rest.is_empty() { first } else { JinjaExpr::Comparison(Box::new(first), rest) })
    }

    fn comparator(&mut self) -> Option<Comparator> {
        let signs =
            [("==", "eq"), ("!=", "ne"), ("<=", "lte"), (">=", "gte"), ("<", "lt"), (">", "gt")];
        for (sign, helper) in signs {
            if self.take_sign(sign) {
                return Some(Comparator::Order(helper));
            }
        }
        if self.take_word("in") {
            return Some(Comparator::In);
        }
        let next = self.tokens.get(self.at + 1);
        let is_in = matches!(next, Some(JinjaExprToken::Name(word)) if word == "in");
        (is_in && self.take_word("not") && self.take_word("in")).then_some(Comparator::NotIn)
    }

    fn sum(&mut self) -> Parsed<JinjaExpr> {
        let mut left = self.joined()?;
        while let Some(sign) = self.any_sign(&["+", "-"]) {
            left = binary(sign, left, self.joined()?);
        }
        Ok(left)
    }

    fn joined(&mut self) -> Parsed<JinjaExpr> {
        let mut left = self.product()?;
        while self.take_sign("~") {
            left = binary("~", left, self.product()?);
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed<JinjaExpr> {
        let mut left = self.signed()?;
        while let Some(sign) = self.any_sign(&["*", "//", "/", "%", "**"]) {
            left = binary(sign, left, self.signed()?);
        }
        Ok(left)
    }

    fn any_sign(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        signs.iter().copied().find(|sign| self.take_sign(sign))
    }

    fn signed(&mut self) -> Parsed<JinjaExpr> {
        if !self.take_sign("-") {
            let first = self.primary()?;
            return self.with_suffixes(first);
        }
        let inner = self.primary()?;
        // Filters behind a sign are applied to the value with its sign.
        let inner = self.with_members(inner)?;
        self.with_suffixes(JinjaExpr::Negative(Box::new(inner)))
    }

    fn primary(&mut self) -> Parsed<JinjaExpr> {
        match self.peek().cloned() {
            Some(JinjaExprToken::Text(text)) => {
                self.at += 1;
                Ok(JinjaExpr::Text(text))
            }
            Some(JinjaExprToken::Number(number)) => {
                self.at += 1;
                Ok(JinjaExpr::Number(number))
            }
            Some(JinjaExprToken::Name(name)) => {
                self.at += 1;
                Ok(named_value(name))
            }
            Some(JinjaExprToken::Sign("(")) => self.bracketed(),
            Some(JinjaExprToken::Sign(open @ ("[" | "{"))) => {
                self.at += 1;
                self.skip_collection(if open == "[" { "]" } else { "}" })
            }
            _ => self.fault(),
        }
    }

    fn bracketed(&mut self) -> Parsed<JinjaExpr> {
        self.at += 1;
        let inner = self.expression()?;
        if self.take_sign(",") {
            return self.skip_collection(")");
        }
        self.expect_sign(")")?;
        Ok(inner)
    }

    /// Reads the rest of a list, tuple or group; what is in it is not kept.
    fn skip_collection(&mut self, close: &str) -> Parsed<JinjaExpr> {
        while !self.take_sign(close) {
            self.expression()?;
            if self.take_sign(":") {
                self.expression()?;
            }
            if !self.take_sign(",") {
                self.expect_sign(close)?;
                break;
            }
        }
        Ok(JinjaExpr::Collection)
    }

    /// Reads what follows a value: members, calls, filters and tests.
    fn with_suffixes(&mut self, first: JinjaExpr) -> Parsed<JinjaExpr> {
        let mut value = self.with_members(first)?;
        loop {
            if self.take_sign("|") {
                let mut name = self.name()?;
                while self.take_sign(".") {
                    name = format!("{name}.{}", self.name()?);
                }
                let args = if self.take_sign("(") { self.arguments()? } else { Vec::new() };
                value = JinjaExpr::Filter(Box::new(value), name, args);
            } else if self.take_word("is") {
                value = self.test(value)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn with_members(&mut self, mut value: JinjaExpr) -> Parsed<JinjaExpr> {
        loop {
            if self.take_sign(".") {
                let name = match self.peek() {
                    Some(JinjaExprToken::Number(number)) => number.clone(),
                    _ => {
                        value = JinjaExpr::Attribute(Box::new(value), self.name()?);
                        continue;
                    }
                };
                self.at += 1;
                // The reader of tokens takes `.0.1` for a point with a number behind it.
                for place in name.split('.') {
                    let place = JinjaExpr::Number(place.to_owned());
                    value = JinjaExpr::Index(Box::new(value), Box::new(place));
                }
            } else if self.take_sign("[") {
                value = self.index(value)?;
            } else if self.take_sign("(") {
                value = JinjaExpr::Call(Box::new(value), self.arguments()?);
            } else {
                return Ok(value);
            }
        }
    }

    fn index(&mut self, value: JinjaExpr) -> Parsed<JinjaExpr> {
        let mut is_slice = self.take_sign(":");
        let mut key = None;
        while !self.take_sign("]") {
            key = Some(self.expression()?);
            is_slice |= self.take_sign(":");
        }
        match key {
            _ if is_slice => Ok(JinjaExpr::Slice),
            Some(key) => Ok(JinjaExpr::Index(Box::new(value), Box::new(key))),
            None => self.fault(),
        }
    }

    fn test(&mut self, value: JinjaExpr) -> Parsed<JinjaExpr> {
        let is_negated = self.take_word("not");
        let name = self.name()?;
        let args = if self.take_sign("(") {
            self.arguments()?
        } else if self.begins_value() {
            let value = self.primary()?;
            vec![JinjaArg { name: None, value: self.with_members(value)? }]
        } else {
            Vec::new()
        };
        Ok(JinjaExpr::Test(Box::new(JinjaTest { value, name, args, is_negated })))
    }

    /// Checks whether an argument of a test without brackets is next.
    fn begins_value(&self) -> bool {
        match self.peek() {
            Some(JinjaExprToken::Name(word)) => {
                !matches!(word.as_str(), "else" | "or" | "and" | "is" | "if" | "in" | "not")
            }
            Some(JinjaExprToken::Text(_) | JinjaExprToken::Number(_)) => true,
            _ => false,
        }
    }

    fn arguments(&mut self) -> Parsed<Vec<JinjaArg>> {
        let mut out = Vec::new();
        while !self.take_sign(")") {
            let next = self.tokens.get(self.at + 1);
            let is_named = matches!(next, Some(JinjaExprToken::Sign("=")));
            let name = if is_named { Some(self.name()?) } else { None };
            self.at += usize::from(is_named);
            out.push(JinjaArg { name, value: self.expression()? });
            if !self.take_sign(",") {
                self.expect_sign(")")?;
                break;
            }
        }
        Ok(out)
    }
}

fn binary(sign: &'static str, left: JinjaExpr, right: JinjaExpr) -> JinjaExpr {
    JinjaExpr::Binary(Box::new(JinjaBinary { sign, left, right }))
}

fn named_value(name: String) -> JinjaExpr {
    match name.as_str() {
        "true" | "True" => JinjaExpr::Bool(true),
        "false" | "False" => JinjaExpr::Bool(false),
        "none" | "None" => JinjaExpr::None,
        _ => JinjaExpr::Name(name),
    }
}
