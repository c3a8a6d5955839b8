//! Owns the table of built-in helpers: for each its name, arguments, options, usage, required data, permitted
//! places and function.
//! Must not know Word; a helper computes a value from values.

use super::arguments::{bool_value, text_value};
#[cfg(feature = "chinese")]
use super::chinese;
use super::{
    Helper, HelperEval, HelperOption, HelperRole, MAX_ARGS, ValueKind, lists, numbers, texts,
};
use crate::value::arithmetic::WholeDirection;
use crate::value::number::Decimal;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Kinds of arguments by position, and whether they may be absent; the last entry applies to all further
/// arguments.
type ArgKinds = &'static [(ValueKind, bool)];

const SCALAR: ArgKinds = &[(ValueKind::Scalar, false)];
const ANY: ArgKinds = &[(ValueKind::Any, true)];
const DEFAULT: ArgKinds = &[(ValueKind::Scalar, true), (ValueKind::Scalar, false)];
const LIST: ArgKinds = &[(ValueKind::List, false), (ValueKind::Scalar, false)];
const LISTS: ArgKinds = &[(ValueKind::List, false)];
const GROUP: ArgKinds = &[(ValueKind::Group, false), (ValueKind::Scalar, false)];
const NUMBERS: ArgKinds = &[(ValueKind::Number, false)];
const PERCENT: ArgKinds =
    &[(ValueKind::Number, false), (ValueKind::Number, false), (ValueKind::Scalar, false)];
const FIT: ArgKinds = &[(ValueKind::Scalar, false), (ValueKind::Number, false)];
const TEXT: ArgKinds = &[(ValueKind::Text, false), (ValueKind::Scalar, false)];

const EXTREME: ArgKinds = &[(ValueKind::Any, false)];
const CONTAINS: ArgKinds = &[(ValueKind::Any, true), (ValueKind::Scalar, false)];

macro_rules! helpers {
    (@check) => { None };
    (@check $check:path) => { Some($check) };
    ($($name:literal $min:tt..$max:tt [$($option:literal),*] $usage:literal $args:ident $({$check:path})? $role:ident $eval:expr;)*) => {
        &[$(Helper {
            name: Cow::Borrowed($name),
            min_args: $min,
            max_args: $max,
            options: Cow::Borrowed(&[$(HelperOption::built_in($option)),*]),
            usage: Cow::Borrowed($usage),
            args: $args,
            role: HelperRole::$role,
            check: helpers!(@check $($check)?),
            eval: HelperEval::BuiltIn($eval),
        }),*]
    };
}

/// Helpers for all templates.
pub(crate) static BASIC: &[Helper] = helpers! {
    "eq" 2..2 [] "(eq a b)" ANY Value |args| bool_value(args.are_equal()?);
    "ne" 2..2 [] "(ne a b)" ANY Value |args| bool_value(!args.are_equal()?);
    "lt" 2..2 [] "(lt a b)" SCALAR Value |args| bool_value(args.compare_args()? == Ordering::Less);
    "gt" 2..2 [] "(gt a b)" SCALAR Value |args| bool_value(args.compare_args()? == Ordering::Greater);
    "lte" 2..2 [] "(lte a b)" SCALAR Value |args| bool_value(args.compare_args()? != Ordering::Greater);
    "gte" 2..2 [] "(gte a b)" SCALAR Value |args| bool_value(args.compare_args()? != Ordering::Less);
    "and" 1..MAX_ARGS [] "(and a b …)" ANY Value |args| {
        bool_value((0..args.count()).try_fold(true, |all, at| Ok(all && args.is_truthy(at)?))?)
    };
    "or" 1..MAX_ARGS [] "(or a b …)" ANY Value |args| {
        bool_value((0..args.count()).try_fold(false, |any, at| Ok(any || args.is_truthy(at)?))?)
    };
    "not" 1..1 [] "(not a)" ANY Value |args| bool_value(!args.is_truthy(0)?);
    "contains" 2..2 [] "(contains list-or-text part)" CONTAINS Value lists::eval_contains;

    "add" 2..MAX_ARGS [] "{{add a b …}}" NUMBERS Value |args| numbers::fold_args(args, Decimal::checked_add);
    "subtract" 2..MAX_ARGS [] "{{subtract a b …}}" NUMBERS Value |args| numbers::fold_args(args, Decimal::checked_sub);
    "multiply" 2..MAX_ARGS [] "{{multiply a b …}}" NUMBERS Value |args| numbers::fold_args(args, Decimal::checked_mul);
    "divide" 2..3 ["zero"] "{{divide a b 2}}" NUMBERS {numbers::check_third_places} Value numbers::eval_divide;
    "mod" 2..2 ["zero"] "{{mod a b}}" NUMBERS Value numbers::eval_mod;
    "round" 1..2 [] "{{round number 2}}" NUMBERS {numbers::check_second_places} Value numbers::eval_round;
    "floor" 1..1 [] "{{floor number}}" NUMBERS Value |args| numbers::eval_whole(args, WholeDirection::Down);
    "ceil" 1..1 [] "{{ceil number}}" NUMBERS Value |args| numbers::eval_whole(args, WholeDirection::Up);
    "abs" 1..1 [] "{{abs number}}" NUMBERS Value |args| {
        args.format_number(Some(args.number_arg(0)?.absolute()), false)
    };
    "min" 1..MAX_ARGS [] "{{min a b …}}, {{min list \"field\"}}" EXTREME Sum |args| numbers::eval_extreme(args, Ordering::Less);
    "max" 1..MAX_ARGS [] "{{max a b …}}, {{max list \"field\"}}" EXTREME Sum |args| numbers::eval_extreme(args, Ordering::Greater);
    "sum" 1..2 [] "{{sum list \"field\"}}" LIST Sum numbers::eval_sum;
    "avg" 1..3 ["zero"] "{{avg list \"field\" 2}}" LIST {numbers::check_third_places} Sum numbers::eval_avg;
    "thousands" 1..2 [] "{{thousands number 2}}" NUMBERS {numbers::check_second_places} Value numbers::eval_thousands;
    "number" 1..2 ["locale=en|en-IN|zh|ja|de|de-CH|es|it|nl|pt|id|tr|fr|ru|pl|cs|sv|uk|fi"] "{{number amount 2 locale=\"de\"}}"
        NUMBERS {numbers::check_second_places} Value numbers::eval_number;
    "fixed" 2..2 [] "{{fixed number 2}}" NUMBERS {numbers::check_second_places} Value |args| {
        args.format_number(args.number_arg(0)?.round_to(args.decimal_places(1)?), false)
    };
    "percent" 2..3 ["zero"] "{{percent part whole 2}}" PERCENT {numbers::check_third_places} Value numbers::eval_percent;

    "len" 1..1 [] "{{len list}}" LIST Value lists::eval_len;
    "lookup" 2..2 [] "{{lookup object key}}" GROUP Value lists::eval_lookup;
    "join" 1..2 ["last"] "{{join list \"、\"}}" LIST Value lists::eval_join;
    "sort" 1..2 ["desc=true|false"] "(sort list \"field\" desc=true)" LIST SameItems lists::eval_sort;
    "reverse" 1..1 [] "(reverse list)" LIST SameItems lists::eval_reverse;
    "filter" 2..3 ["contains", "eq", "gt", "gte", "lt", "lte", "ne"] "(filter list \"field\" value), (filter list \"field\" gte=5)"
        LIST SameItems lists::eval_filter;
    "unique" 1..2 [] "(unique list \"field\")" LIST SameItems lists::eval_unique;
    "slice" 2..3 [] "(slice list 0 10)" LIST SameItems lists::eval_slice;
    "group" 2..2 [] "{{#each (group list \"field\")}}{{key}}{{#each items}}…{{/each}}{{/each}}" LIST Group lists::eval_group;
    "chunk" 2..2 [] "{{#each (chunk list 2)}}{{#each this}}…{{/each}}{{/each}}" LIST {lists::check_chunk} Chunk lists::eval_chunk;
    "zip" 2..MAX_ARGS [] "{{#each (zip list list)}}{{this.[0]}}{{this.[1]}}{{/each}}" LISTS Zip lists::eval_zip;
    "pluck" 2..2 [] "(pluck list \"field\")" LIST Field lists::eval_pluck;
    "first" 1..1 [] "{{#with (first list)}}…{{/with}}" LIST OneItem |args| lists::eval_end(args, false);
    "last" 1..1 [] "{{#with (last list)}}…{{/with}}" LIST OneItem |args| lists::eval_end(args, true);
    "concat" 2..MAX_ARGS [] "(concat a b …)" EXTREME Value lists::eval_concat;
    "split" 2..2 [] "(split text \",\")" SCALAR Value lists::eval_split;

    "default" 2..2 [] "{{default path \"—\"}}" DEFAULT Value lists::eval_default;
    "upper" 1..1 [] "{{upper text}}" SCALAR Value |args| texts::map_text(args, str::to_uppercase);
    "lower" 1..1 [] "{{lower text}}" SCALAR Value |args| texts::map_text(args, str::to_lowercase);
    "capitalize" 1..1 [] "{{capitalize text}}" SCALAR Value |args| texts::map_text(args, texts::capitalize);
    "trim" 1..1 [] "{{trim text}}" SCALAR Value |args| texts::map_text(args, |text| text.trim().to_owned());
    "replace" 3..3 [] "{{replace text \"old\" \"new\"}}" SCALAR {texts::check_replace} Value texts::eval_replace;
    "substring" 2..3 [] "{{substring text 0 4}}" SCALAR Value texts::eval_substring;
    "pad" 2..3 ["side=start|end"] "{{pad text 4 \"0\" side=\"start\"}}" SCALAR {texts::check_pad} Value texts::eval_pad;

    "fit" 2..2 [] "{{fit path 7}}" FIT Fit |args| args.require(0);
    "image" 1..1 ["alt", "height", "stretch=true|false", "width"] "{{image path width=\"80mm\"}}" TEXT Image |args| args.require(0);
    "merge" 1..MAX_ARGS [] "{{merge path}}" SCALAR MergeCells |args| args.require(0);
    "span" 1..1 [] "{{span 2}}" SCALAR SpanColumns |_| Ok(text_value(String::new()));
    "shade" 1..1 [] "{{shade \"D9D9D9\"}}" SCALAR ShadeCell |_| Ok(text_value(String::new()));
    "markdown" 1..1 [] "{{markdown path}}" TEXT Markdown |args| args.require(0);
    "document" 1..1 ["styles=own|host|template"] "{{document path styles=\"own\"}}" SCALAR Document lists::eval_document;
};

/// Helpers for Chinese documents.
#[cfg(feature = "chinese")]
pub(crate) static CHINESE: &[Helper] = helpers! {
    "wan" 1..2 [] "{{wan yuan 2}}" NUMBERS {numbers::check_second_places} Value chinese::eval_wan;
    "chinese" 1..1 ["digits=true|false"] "{{chinese number}}" NUMBERS Value chinese::eval_chinese;
    "capital" 1..1 ["money=true|false"] "{{capital number money=true}}" NUMBERS Value chinese::eval_capital;
    "date" 1..2 ["chinese=true|false", "lang=zh|en"] "{{date day \"yyyy年M月d日\"}}" SCALAR {texts::check_date} Value chinese::eval_date;
};
#[cfg(not(feature = "chinese"))]
pub(crate) static CHINESE: &[Helper] = helpers! {
    "date" 1..2 ["lang=zh|en"] "{{date day \"d MMMM yyyy\"}}" SCALAR {texts::check_date} Value |args| texts::eval_date(args, texts::plain_pattern);
};

/// Names of helpers in other libraries with ours, for advice.
pub(crate) const OTHER_NAMES: &[(&str, &str)] = &[
    ("append", "concat"),
    ("average", "avg"),
    ("batch", "chunk"),
    ("capitalise", "capitalize"),
    ("ceiling", "ceil"),
    ("count", "len"),
    ("dateFormat", "date"),
    ("div", "divide"),
    ("filterBy", "filter"),
    ("formatDate", "date"),
    ("formatNumber", "number"),
    ("groupBy", "group"),
    ("groupby", "group"),
    ("gt_eq", "gte"),
    ("includes", "contains"),
    ("length", "len"),
    ("lowercase", "lower"),
    ("map", "pluck"),
    ("minus", "subtract"),
    ("modulo", "mod"),
    ("moment", "date"),
    ("mul", "multiply"),
    ("neq", "ne"),
    ("orderBy", "sort"),
    ("padEnd", "pad"),
    ("padStart", "pad"),
    ("plus", "add"),
    ("selectattr", "filter"),
    ("size", "len"),
    ("sortBy", "sort"),
    ("sub", "subtract"),
    ("substr", "substring"),
    ("times", "multiply"),
    ("toFixed", "fixed"),
    ("toLowerCase", "lower"),
    ("toUpperCase", "upper"),
    ("uniq", "unique"),
    ("uppercase", "upper"),
    ("where", "filter"),
];
