//! Owns the built-in helpers that make lists of lists: in order, selected, grouped, in pieces, side by side.
//! Must not know Word.

use super::arguments::{HelperArgs, Literals, follow_names, list_items, parse_whole, same_values};
use crate::diag::{Problem, msg};
use crate::value::{TemplateValue, parse_decimal, printed_text};
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the number of items, members or characters.
pub(super) fn eval_len<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.require(0)?;
    let count = match value.get() {
        Some(Value::String(text)) => text.chars().count(),
        Some(Value::Object(map)) => map.len(),
        _ => list_items(&args.list_value(0)?).len(),
    };
    Ok(TemplateValue::Owned(Value::from(count)))
}

pub(super) fn eval_join<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let comma = if args.count() == 2 { args.text_arg(1)? } else { "、".to_owned() };
    let final_comma = args.option_text("last")?;
    let list = args.list_value(0)?;
    let items = list_items(&list);
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            let before_last = at + 1 == items.len();
            out.push_str(final_comma.as_deref().filter(|_| before_last).unwrap_or(&comma));
        }
        out.push_str(&printed_text(item)?);
        args.check_text_size(out.len())?;
    }
    args.made_text(out)
}

/// Returns what makes two values the same: numbers by their value, everything else as it is.
fn identity_of(value: &Value) -> String {
    let number = match value {
        Value::Number(_) => parse_decimal(value),
        _ => None,
    };
    number.map_or_else(|| value.to_string(), |number| number.trim_zeros().format_digits(false))
}

/// Returns the keys of a list's items: the values of a field, or the items themselves.
fn item_keys<'v>(
    args: &HelperArgs<'_, '_>,
    items: &[&'v Value],
) -> Result<Vec<&'v Value>, Problem> {
    let field = args.field_path(1)?;
    items.iter().enumerate().map(|(at, item)| args.single_field(at, item, &field)).collect()
}

/// Puts a list in order: numbers by value, texts by their characters. Equal items keep their order.
pub(super) fn eval_sort<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let list = args.list_value(0)?;
    let items = list_items(&list);
    let keys = item_keys(args, &items)?;
    if keys.iter().any(|key| key.is_array() || key.is_object()) {
        let message = msg!("template.not-sortable", name = args.helper.name.as_ref());
        return Err(Problem::error("value-not-text", message)
            .with_hint(msg!("template.usage", usage = args.helper.usage.as_ref())));
    }
    let descending = args.hash_flag("desc")?;
    let turned = |order: Ordering| if descending { order.reverse() } else { order };
    let mut order: Vec<usize> = (0..items.len()).collect();
    let numbers: Option<Vec<_>> = keys.iter().map(|key| parse_decimal(key)).collect();
    // One order for the whole list: a number among texts is a text.
    if let Some(numbers) = numbers {
        order.sort_by(|&a, &b| turned(numbers[a].cmp(&numbers[b])));
    } else {
        let texts = keys.iter().map(|key| printed_text(key)).collect::<Result<Vec<_>, _>>()?;
        order.sort_by(|&a, &b| turned(texts[a].cmp(&texts[b])));
    }
    args.made_list(order.into_iter().map(|at| items[at].clone()))
}

pub(super) fn eval_reverse<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let list = args.list_value(0)?;
    args.made_list(list_items(&list).into_iter().rev().cloned())
}

/// Keeps the first of equal items, or of items with equal values of a field.
pub(super) fn eval_unique<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let list = args.list_value(0)?;
    let items = list_items(&list);
    let keys = item_keys(args, &items)?;
    let mut seen = BTreeSet::new();
    let first = |found: &(&Value, &Value)| seen.insert(identity_of(found.1));
    let kept: Vec<&Value> =
        items.into_iter().zip(keys).filter(first).map(|(item, _)| item).collect();
    args.made_list(kept.into_iter().cloned())
}

/// Collects the items with the same value of a field: groups of `key` and `items`, in the order in which they occur.
pub(super) fn eval_group<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let list = args.list_value(0)?;
    let items = list_items(&list);
    let keys = item_keys(args, &items)?;
    let mut groups: Vec<(&Value, Vec<&Value>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (item, key) in items.into_iter().zip(keys) {
        let at = *places.entry(identity_of(key)).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(item);
    }
    args.made_list(groups.into_iter().map(|(key, items)| {
        let items = Value::Array(items.into_iter().cloned().collect());
        Value::Object(Map::from_iter([
            ("key".to_owned(), key.clone()),
            ("items".to_owned(), items),
        ]))
    }))
}

/// Cuts a list into pieces of the same length; the last one may be shorter.
pub(super) fn eval_chunk<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let size = args.whole_arg(1)?;
    if size == 0 {
        return Err(wrong_size());
    }
    let list = args.list_value(0)?;
    let items = list_items(&list);
    let piece = |items: &[&Value]| Value::Array(items.iter().copied().cloned().collect());
    args.made_list(items.chunks(size).map(piece))
}

fn wrong_size() -> Problem {
    Problem::error("helper-arguments", msg!("template.chunk-size"))
}

/// Checks the size of the pieces that a template itself states.
pub(super) fn check_chunk(literals: &Literals<'_>) -> Result<(), Problem> {
    match literals.get(1).copied().flatten() {
        Some(size) if parse_whole(size).is_none_or(|size| size == 0) => Err(wrong_size()),
        _ => Ok(()),
    }
}

/// Lays lists side by side: the first item is the list of all first ones, and so on. A list that is shorter is filled
/// up with nothing (null).
pub(super) fn eval_zip<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let lists = (0..args.count()).map(|at| args.list_value(at)).collect::<Result<Vec<_>, _>>()?;
    let lists: Vec<Vec<&Value>> = lists.iter().map(list_items).collect();
    let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
    args.made_list((0..longest).map(|at| {
        let item = |list: &Vec<&Value>| list.get(at).map_or(Value::Null, |item| (*item).clone());
        Value::Array(lists.iter().map(item).collect())
    }))
}

/// Lays lists or texts one after the other.
pub(super) fn eval_concat<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let values = (0..args.count()).map(|at| args.require(at)).collect::<Result<Vec<_>, _>>()?;
    if values.iter().all(|value| value.get().is_some_and(Value::is_array)) {
        return args.made_list(values.iter().flat_map(list_items).cloned());
    }
    let mut out = String::new();
    for value in &values {
        out.push_str(&value.get().map(printed_text).transpose()?.unwrap_or_default());
        args.check_text_size(out.len())?;
    }
    args.made_text(out)
}

/// Returns the values of a field of all items, through lists within them.
pub(super) fn eval_pluck<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let list = args.list_value(0)?;
    let field = args.field_path(1)?;
    let values = args.field_values(&list_items(&list), &field)?;
    args.made_list(values.into_iter().cloned())
}

/// Returns a part of a list: from a position, counted from 0, as many items as are asked for.
pub(super) fn eval_slice<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let start = args.whole_arg(1)?;
    let count = if args.count() == 3 { args.whole_arg(2)? } else { usize::MAX };
    let list = args.list_value(0)?;
    args.made_list(list_items(&list).into_iter().skip(start).take(count).cloned())
}

/// Returns the first or last item; of an empty list nothing, which is missing.
pub(super) fn eval_end<'a>(
    args: &HelperArgs<'_, 'a>,
    from_end: bool,
) -> Result<TemplateValue<'a>, Problem> {
    let list = args.list_value(0)?;
    let items = list_items(&list).len();
    let at = if from_end { items.checked_sub(1) } else { Some(0) };
    Ok(match (&list, at) {
        (_, None) => TemplateValue::Missing,
        (TemplateValue::Borrowed(Value::Object(map)), Some(at)) => {
            map.values().nth(at).map_or(TemplateValue::Missing, TemplateValue::Borrowed)
        }
        (list, Some(at)) => list.get_child(&at.to_string()),
    })
}

/// The ways in which an item is compared, by the options of `filter`.
const COMPARISONS: [&str; 7] = ["eq", "ne", "lt", "lte", "gt", "gte", "contains"];

/// Keeps the items whose field is true, equals a value, or compares to one as options say; all options must hold.
pub(super) fn eval_filter<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let list = args.list_value(0)?;
    let field = args.field_path(1)?;
    let mut tests: Vec<(&str, TemplateValue<'a>)> = Vec::new();
    if args.count() == 3 {
        tests.push(("eq", args.get(2)?));
    }
    for name in COMPARISONS {
        tests.extend(args.hash_value(name)?.map(|value| (name, value)));
    }
    let items = list_items(&list);
    // A name that no item has is a slip, which would leave everything out without a word.
    if let Some(first) = items.first()
        && items.iter().all(|item| follow_names(item, &field).is_none())
    {
        return Err(args.missing_field(0, first, &field));
    }
    let mut kept = Vec::new();
    for (at, item) in items.into_iter().enumerate() {
        args.charge(tests.len())?;
        let value = follow_names(item, &field).unwrap_or(&Value::Null);
        let mut holds = !tests.is_empty() || TemplateValue::Borrowed(value).is_true(false);
        for (name, wanted) in &tests {
            let wanted = wanted.get().unwrap_or(&Value::Null);
            holds &= match *name {
                "eq" => same_values(value, wanted),
                "ne" => !same_values(value, wanted),
                "contains" => contains_value(value, wanted),
                // What is not there has no order; nothing is left out without a word.
                _ if value.is_null() => return Err(args.missing_field(at, item, &field)),
                name => holds_in_order(name, args.compare_values(value, wanted)?),
            };
        }
        if holds {
            kept.push(item);
        }
    }
    args.made_list(kept.into_iter().cloned())
}

fn holds_in_order(name: &str, order: Ordering) -> bool {
    match name {
        "lt" => order == Ordering::Less,
        "lte" => order != Ordering::Greater,
        "gt" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }
}

/// Checks whether a list has an item, a group a name, or a text a part.
fn contains_value(whole: &Value, part: &Value) -> bool {
    match whole {
        Value::Array(items) => items.iter().any(|item| same_values(item, part)),
        Value::Object(map) => part.as_str().is_some_and(|name| map.contains_key(name)),
        _ => match (printed_text(whole), printed_text(part)) {
            (Ok(whole), Ok(part)) => whole.contains(part.as_ref()),
            _ => false,
        },
    }
}

pub(super) fn eval_contains<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let (whole, part) = (args.get(0)?, args.require(1)?);
    let (whole, part) = (whole.get().unwrap_or(&Value::Null), part.get().unwrap_or(&Value::Null));
    args.charge(whole.as_array().map_or(0, Vec::len))?;
    Ok(TemplateValue::Owned(Value::Bool(contains_value(whole, part))))
}

/// Cuts a text at every separator.
pub(super) fn eval_split<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let (text, separator) = (args.text_arg(0)?, args.text_arg(1)?);
    if text.is_empty() {
        return args.made_list(std::iter::empty());
    }
    if separator.is_empty() {
        return args.made_list(text.chars().map(|c| Value::from(c.to_string())));
    }
    args.made_list(text.split(separator.as_str()).map(Value::from))
}

pub(super) fn eval_lookup<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let key = args.text_arg(1)?;
    Ok(args.require(0)?.get_child(&key))
}

/// Returns the second argument if the first is missing, null or an empty text.
pub(super) fn eval_default<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.get(0)?;
    let empty = matches!(value.get(), Some(Value::String(text)) if text.is_empty());
    if value.is_missing() || empty { args.require(1) } else { Ok(value) }
}

/// Returns an object that represents a document by its path, as the data may also contain it.
pub(super) fn eval_document<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.require(0)?;
    let styles = args.option_text("styles")?;
    if let Some(styles) =
        styles.as_deref().filter(|styles| !matches!(*styles, "own" | "host" | "template"))
    {
        let message = msg!("template.document-styles", value = styles);
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
        let message = msg!("template.not-text", name = "document");
        return Err(Problem::error("value-not-text", message));
    };
    let styles = if styles.as_deref() == Some("own") { "own" } else { "host" };
    Ok(TemplateValue::Owned(serde_json::json!({ "document": path, "styles": styles })))
}
