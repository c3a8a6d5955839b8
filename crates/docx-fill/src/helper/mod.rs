//! Owns the helpers: what may stand in a tag before its arguments.
//! Must not know Word; a helper makes a value from values.

use crate::diag::Problem;
use crate::diag::text;
use crate::value::number::{Decimal, MAX_PLACES};
use crate::value::numerals::{self, Style};
use crate::value::{Val, decimal_of, text_of};
use serde_json::Value;
use std::cmp::Ordering;

type Run = for<'m, 'a> fn(&Args<'m, 'a>) -> Result<Val<'a>, Problem>;

/// A helper.
#[derive(Debug)]
pub(crate) struct Helper {
    pub(crate) name: &'static str,
    /// Fewest arguments.
    pub(crate) least: usize,
    /// Most arguments.
    pub(crate) most: usize,
    /// Names of its hash arguments.
    pub(crate) hash: &'static [&'static str],
    /// How it is written.
    pub(crate) usage: &'static str,
    pub(crate) run: Run,
}

const MANY: usize = 64;

macro_rules! helpers {
    ($($name:literal $least:tt..$most:tt [$($hash:literal),*] $usage:literal $run:expr;)*) => {
        [$(Helper { name: $name, least: $least, most: $most, hash: &[$($hash),*], usage: $usage, run: $run }),*]
    };
}

static HELPERS: [Helper; 28] = helpers! {
    "eq" 2..2 [] "(eq a b)" |args| boolean(args.equal()?);
    "ne" 2..2 [] "(ne a b)" |args| boolean(!args.equal()?);
    "lt" 2..2 [] "(lt a b)" |args| boolean(args.order()? == Ordering::Less);
    "gt" 2..2 [] "(gt a b)" |args| boolean(args.order()? == Ordering::Greater);
    "lte" 2..2 [] "(lte a b)" |args| boolean(args.order()? != Ordering::Greater);
    "gte" 2..2 [] "(gte a b)" |args| boolean(args.order()? != Ordering::Less);
    "and" 1..MANY [] "(and a b …)" |args| {
        boolean((0..args.count()).try_fold(true, |all, at| Ok(all && args.truth(at)?))?)
    };
    "or" 1..MANY [] "(or a b …)" |args| {
        boolean((0..args.count()).try_fold(false, |any, at| Ok(any || args.truth(at)?))?)
    };
    "not" 1..1 [] "(not a)" |args| boolean(!args.truth(0)?);
    "len" 1..1 [] "{{len list}}" len;
    "default" 2..2 [] "{{default path \"—\"}}" default;
    "join" 1..2 ["last"] "{{join list \"、\"}}" join;
    "sum" 1..2 [] "{{sum list \"field\"}}" sum;
    "lookup" 2..2 [] "{{lookup object key}}" lookup;
    "thousands" 1..2 [] "{{thousands number}}" thousands;
    "fixed" 2..2 [] "{{fixed number 2}}" |args| {
        args.print(args.number(0)?.rounded(args.places(1)?), false)
    };
    "percent" 2..3 ["zero"] "{{percent part whole 2}}" percent;
    "wan" 1..2 [] "{{wan yuan 2}}" wan;
    "chinese" 1..1 ["digits"] "{{chinese number}}" chinese;
    "capital" 1..1 [] "{{capital number}}" |args| spell(args, Style::Capital);
    "date" 1..1 ["chinese"] "{{date \"2026-01-20\"}}" date;
    "fit" 2..2 [] "{{fit path 7}}" |args| args.require(0);
    "image" 1..1 ["alt", "height", "stretch", "width"] "{{image path width=\"80mm\"}}" |args| args.require(0);
    "merge" 1..MANY [] "{{merge path}}" |args| args.require(0);
    "span" 1..1 [] "{{span 2}}" |_| Ok(text_val(String::new()));
    "shade" 1..1 [] "{{shade \"D9D9D9\"}}" |_| Ok(text_val(String::new()));
    "markdown" 1..1 [] "{{markdown path}}" |args| args.require(0);
    "document" 1..1 ["styles"] "{{document path styles=\"own\"}}" document;
};

/// The helper of a name.
pub(crate) fn find(name: &str) -> Option<&'static Helper> {
    HELPERS.iter().find(|helper| helper.name == name)
}

/// All names.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    HELPERS.iter().map(|helper| helper.name)
}

/// Values of the arguments of one call, evaluated when they are asked for.
pub(crate) trait ArgumentValues<'a> {
    /// How many there are, without options.
    fn count(&self) -> usize;
    /// The value of an argument; it may be missing.
    fn get(&self, at: usize) -> Result<Val<'a>, Problem>;
    /// The value of an argument; that it is missing is an error.
    fn require(&self, at: usize) -> Result<Val<'a>, Problem>;
    /// The value of an option; `None` if it is not written.
    fn option(&self, name: &str) -> Result<Option<Val<'a>>, Problem>;
}

/// One call of a helper.
pub(crate) struct Args<'m, 'a> {
    pub(crate) helper: &'m Helper,
    pub(crate) values: &'m dyn ArgumentValues<'a>,
}

impl<'a> Args<'_, 'a> {
    fn count(&self) -> usize {
        self.values.count()
    }

    fn get(&self, at: usize) -> Result<Val<'a>, Problem> {
        self.values.get(at)
    }

    fn require(&self, at: usize) -> Result<Val<'a>, Problem> {
        self.values.require(at)
    }

    fn hash(&self, name: &str) -> Result<Option<Val<'a>>, Problem> {
        self.values.option(name)
    }

    fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.hash(name)?.is_some_and(|value| value.is_true(false)))
    }

    fn truth(&self, at: usize) -> Result<bool, Problem> {
        Ok(self.get(at)?.is_true(false))
    }

    fn number(&self, at: usize) -> Result<Decimal, Problem> {
        let value = self.require(at)?;
        value.get().and_then(decimal_of).ok_or_else(|| self.not_a_number(&value))
    }

    fn not_a_number(&self, value: &Val<'a>) -> Problem {
        let shown = value.get().map(ToString::to_string).unwrap_or_default();
        let shown: String = shown.chars().take(40).collect();
        let message = text!("template.not-a-number", name = self.helper.name, value = shown);
        Problem::error("value-not-number", message)
    }

    fn overflow(&self) -> Problem {
        let message = text!("template.overflow", name = self.helper.name);
        Problem::error("value-not-number", message)
    }

    /// How many digits after the point.
    fn places(&self, at: usize) -> Result<u32, Problem> {
        let places = self.number(at)?.integer().and_then(|places| u32::try_from(places).ok());
        places.filter(|&places| places <= MAX_PLACES).ok_or_else(|| {
            let limit = MAX_PLACES as usize;
            Problem::error("helper-arguments", text!("template.places", limit = limit))
        })
    }

    fn print(&self, number: Option<Decimal>, grouped: bool) -> Result<Val<'a>, Problem> {
        let number = number.ok_or_else(|| self.overflow())?;
        Ok(Val::Own(Value::String(number.print(grouped))))
    }

    fn equal(&self) -> Result<bool, Problem> {
        let (a, b) = (self.get(0)?, self.get(1)?);
        Ok(match (a.get(), b.get()) {
            (Some(a @ Value::Number(_)), Some(b @ Value::Number(_))) => {
                let both = decimal_of(a).zip(decimal_of(b));
                both.map_or(a == b, |(a, b)| a.compare(b) == Some(Ordering::Equal))
            }
            (None | Some(Value::Null), None | Some(Value::Null)) => true,
            (a, b) => a == b,
        })
    }

    fn order(&self) -> Result<Ordering, Problem> {
        let (a, b) = (self.require(0)?, self.require(1)?);
        let numbers = a.get().and_then(decimal_of).zip(b.get().and_then(decimal_of));
        if let Some((a, b)) = numbers {
            return a.compare(b).ok_or_else(|| self.overflow());
        }
        match (a.get(), b.get()) {
            (Some(Value::String(a)), Some(Value::String(b))) => Ok(a.cmp(b)),
            (Some(Value::String(_)), _) => Err(self.not_a_number(&a)),
            _ => Err(self.not_a_number(&b)),
        }
    }

    fn list(&self, at: usize) -> Result<Vec<Val<'a>>, Problem> {
        let value = self.require(at)?;
        match value {
            Val::Ref(Value::Array(items)) => Ok(items.iter().map(Val::Ref).collect()),
            Val::Ref(Value::Object(map)) => Ok(map.values().map(Val::Ref).collect()),
            Val::Own(Value::Array(items)) => Ok(items.into_iter().map(Val::Own).collect()),
            _ => {
                let message = text!("template.not-a-list", name = self.helper.name);
                Err(Problem::error("value-not-list", message))
            }
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "helpers end with it")]
fn boolean<'a>(value: bool) -> Result<Val<'a>, Problem> {
    Ok(Val::Own(Value::Bool(value)))
}

fn text_val<'a>(text: String) -> Val<'a> {
    Val::Own(Value::String(text))
}

fn len<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let value = args.require(0)?;
    let count = match value.get() {
        Some(Value::String(text)) => text.chars().count(),
        Some(Value::Object(map)) => map.len(),
        _ => args.list(0)?.len(),
    };
    Ok(Val::Own(Value::from(count)))
}

/// The second argument where the first is missing, null or an empty text.
fn default<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let value = args.get(0)?;
    let empty = matches!(value.get(), Some(Value::String(text)) if text.is_empty());
    if value.is_missing() || empty { args.require(1) } else { Ok(value) }
}

/// A group that means the document of a path, as the data may hold one itself.
fn document<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let value = args.require(0)?;
    let styles = args.hash("styles")?;
    let styles = styles.as_ref().and_then(Val::get).map(text_of).transpose()?;
    if let Some(styles) = styles.as_deref().filter(|styles| !matches!(*styles, "own" | "host")) {
        let message = text!("template.document-styles", value = styles);
        return Err(Problem::error("helper-arguments", message));
    }
    let path = match value.get() {
        None => return Ok(value),
        Some(Value::Object(map)) if styles.is_none() && map.contains_key("document") => {
            return Ok(value);
        }
        Some(Value::Object(map)) => map.get("document").and_then(Value::as_str),
        Some(other) => other.as_str(),
    };
    let Some(path) = path else {
        let message = text!("template.not-text", name = "document");
        return Err(Problem::error("value-not-text", message));
    };
    let styles = styles.as_deref().unwrap_or("host");
    Ok(Val::Own(serde_json::json!({ "document": path, "styles": styles })))
}

/// Longest text of a list in bytes: what stands between its items may be long and the items many.
const LONGEST_LIST: usize = 64 << 20;

fn join<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let comma = match args.count() {
        2 => args.require(1)?,
        _ => text_val("、".to_owned()),
    };
    let comma = comma.get().map(text_of).transpose()?.unwrap_or_default().into_owned();
    let last = args.hash("last")?;
    let last = last.as_ref().and_then(Val::get).map(text_of).transpose()?;
    let items = args.list(0)?;
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            let before_last = at + 1 == items.len();
            out.push_str(last.as_deref().filter(|_| before_last).unwrap_or(&comma));
        }
        out.push_str(&item.get().map(text_of).transpose()?.unwrap_or_default());
        if out.len() > LONGEST_LIST {
            let message = text!("template.too-large", limit = LONGEST_LIST >> 20);
            return Err(Problem::error("output-too-large", message));
        }
    }
    Ok(text_val(out))
}

/// The sum of a list of numbers, or of one field of a list of groups.
fn sum<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let field = match args.count() {
        2 => Some(args.require(1)?),
        _ => None,
    };
    let field = field.as_ref().and_then(Val::get).map(text_of).transpose()?;
    let mut total = Decimal::from_count(0);
    for (at, item) in args.list(0)?.iter().enumerate() {
        let value = match &field {
            Some(field) => field.split('.').fold(item.clone(), |value, key| value.child(key)),
            None => item.clone(),
        };
        if value.is_missing() {
            let field = field.as_deref().unwrap_or("");
            let message = text!("template.sum-missing", number = at + 1, field = field);
            return Err(Problem::missing(message));
        }
        let number = value.get().and_then(decimal_of).ok_or_else(|| args.not_a_number(&value))?;
        total = total.add(number).ok_or_else(|| args.overflow())?;
    }
    args.print(Some(total), false)
}

fn lookup<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let key = args.require(1)?;
    let key = key.get().map(text_of).transpose()?.unwrap_or_default();
    Ok(args.require(0)?.child(&key))
}

fn thousands<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let number = args.number(0)?;
    match args.count() {
        2 => args.print(number.rounded(args.places(1)?), true),
        _ => args.print(Some(number), true),
    }
}

/// Part of the whole in percent, a half rounded away from zero; `zero="—"` is printed for 0 of 0.
fn percent<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let (part, whole) = (args.number(0)?, args.number(1)?);
    let places = if args.count() == 3 { args.places(2)? } else { 2 };
    if whole.is_zero() {
        return match args.hash("zero")? {
            Some(value) => Ok(value),
            None => Err(Problem::error("division-by-zero", text!("template.percent-of-zero"))
                .hint(text!("template.hint-zero"))),
        };
    }
    let number = part.percent_of(whole, places).ok_or_else(|| args.overflow())?;
    Ok(text_val(format!("{}%", number.print(false))))
}

/// Yuan as ten thousands of yuan, two places unless said otherwise.
fn wan<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let places = if args.count() == 2 { args.places(1)? } else { 2 };
    args.print(args.number(0)?.shifted(4).rounded(places), false)
}

fn chinese<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    if !args.flag("digits")? {
        return spell(args, Style::Plain);
    }
    let number = args.number(0)?;
    match number.integer() {
        Some(whole) if !number.is_negative() => {
            Ok(text_val(numerals::spell_year(&whole.to_string())))
        }
        _ => Err(args.overflow()),
    }
}

fn spell<'a>(args: &Args<'_, 'a>, style: Style) -> Result<Val<'a>, Problem> {
    let number = args.number(0)?.trimmed().print(false);
    numerals::spell(&number, style).map(text_val).ok_or_else(|| args.overflow())
}

fn date<'a>(args: &Args<'_, 'a>) -> Result<Val<'a>, Problem> {
    let value = args.require(0)?;
    let written = value.get().map(text_of).transpose()?.unwrap_or_default();
    let Some((year, month, day)) = numerals::parse_date(&written) else {
        let message = text!("template.not-a-date", value = written.as_ref());
        return Err(Problem::error("value-not-date", message));
    };
    if !args.flag("chinese")? {
        return Ok(text_val(format!("{year}年{month}月{day}日")));
    }
    let spell = |number: u32| numerals::spell(&number.to_string(), Style::Plain);
    let (month, day) = (spell(month).unwrap_or_default(), spell(day).unwrap_or_default());
    Ok(text_val(format!("{}年{month}月{day}日", numerals::spell_year(&year.to_string()))))
}
