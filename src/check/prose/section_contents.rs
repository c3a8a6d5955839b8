//! Owns what a part has to treat: its aspects, and a remedy for each problem that it names.
//! Must not hold an aspect or a word of a remedy: they are data of the form.

use super::text::annotated_text::AnnotatedText;
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;

/// Aspects from which on a text is taken to go through them one by one.
const MIN_ASPECTS: usize = 2;
/// Length in characters from which on a text has to treat all aspects.
const MIN_FULL_CHARS: usize = 300;

pub(super) fn check_section_contents(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    check_aspects(passage, sink);
    check_remedies(passage, sink);
}

fn check_aspects(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let section = passage.section();
    if section.aspects.is_empty() || passage.field.after_table {
        return;
    }
    let all = 0..passage.text.len();
    let is_missing = |aspect: &&Vec<String>| !passage.contains_any(all.clone(), aspect);
    let missing: Vec<&str> = section
        .aspects
        .iter()
        .filter(is_missing)
        .filter_map(|aspect| aspect.first().map(String::as_str))
        .collect();
    let treated = section.aspects.len() - missing.len();
    let headed = || {
        [["（一", "(一"], ["（二", "(二"]]
            .iter()
            .all(|marks| passage.contains_any(all.clone(), marks))
    };
    let long = || passage.text.chars().nth(MIN_FULL_CHARS).is_some();
    if missing.is_empty() || !((treated >= MIN_ASPECTS && headed()) || long()) {
        return;
    }
    let heading = section.heading.as_deref().unwrap_or_default();
    let message = msg!("text.aspects", heading = heading, missing = missing);
    let found = passage.finding_at("missing-aspect", all, message);
    sink.push(found.with_hint(msg!("text.aspects-hint")));
}

fn check_remedies(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let section = passage.section();
    let words = &passage.report.form.prose;
    if !section.is_remedied || words.remedies.is_empty() {
        return;
    }
    let text = passage.text;
    let turn = words.remedies.iter().filter_map(|word| text.find(word.as_str())).min();
    let mut problems = count_listed(text.slice(..turn.unwrap_or(text.len())), &words.enumerators);
    if turn.is_none() && problems == 0 {
        problems = usize::from(passage.contains_any(0..text.len(), &words.problem_words));
    }
    let remedies = turn.map_or(0, |turn| count_remedies(text.slice(turn..), &words.enumerators));
    let heading = section.heading.as_deref().unwrap_or_default();
    let message = match turn {
        None if problems > 0 => msg!("text.no-remedy", heading = heading, problems = problems),
        Some(_) if problems > remedies => {
            msg!("text.fewer-remedies", heading = heading, problems = problems, remedies = remedies)
        }
        _ => return,
    };
    let found = passage.finding_at("no-remedy", 0..text.len(), message);
    sink.push(found.with_hint(msg!("text.no-remedy-hint")));
}

/// Returns the number of problems that a text counts (一是 … 二是 …; 1. … 2. …).
fn count_listed(text: &str, enumerators: &[String]) -> usize {
    const NUMERALS: [&str; 9] = ["一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let counted =
        |numeral: &&&str| enumerators.iter().any(|word| text.contains(&format!("{numeral}{word}")));
    let ordinal = |numeral: &&&str| {
        ["，", "、"].iter().any(|mark| text.contains(&format!("第{numeral}{mark}")))
    };
    let spelled = NUMERALS.iter().take_while(counted).count();
    let spelled = spelled.max(NUMERALS.iter().take_while(ordinal).count());
    let digits = (1..=9)
        .take_while(|n| {
            [".", "．", "、"].iter().any(|mark| {
                text.match_indices(&format!("{n}{mark}")).any(|(at, _)| is_list_mark(text, at))
            })
        })
        .count();
    spelled.max(digits)
}

/// Checks whether a digit begins a line or follows a blank or a full stop.
fn is_list_mark(text: &str, at: usize) -> bool {
    let before = text.slice(..at).trim_end_matches(' ');
    before.is_empty() || before.ends_with(['\n', '。', '；', '：'])
}

/// Returns the number of remedies: those counted, else the clauses.
fn count_remedies(text: &str, enumerators: &[String]) -> usize {
    let listed = count_listed(text, enumerators);
    // A single list of several steps answers all problems.
    let clauses = text.split(['，', '。', '；', '、', '\n', ',', ';']);
    let clauses =
        clauses.filter(|clause| clause.chars().filter(|c| c.is_alphabetic()).nth(3).is_some());
    if listed >= 2 { listed } else { clauses.count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Vec<String> {
        ["是", "则"].map(str::to_owned).to_vec()
    }

    #[test]
    fn problems_are_counted_as_they_are_numbered() {
        assert_eq!(count_listed("一是不全。二是不快；三是不细。", &words()), 3);
        assert_eq!(count_listed("公开不够及时。", &words()), 0);
        assert_eq!(count_listed("1. 不全\n2. 不快", &words()), 2);
        assert_eq!(count_listed("增长1.5倍，共2、3次", &words()), 0);
    }

    #[test]
    fn remedies_are_counted_by_clauses_where_they_are_not_numbered() {
        assert_eq!(count_remedies("下一步，将完善公开目录，每季度组织一次培训。", &words()), 2);
        assert_eq!(count_remedies("下一步，一是抓目录，并且抓培训。二是抓考核。", &words()), 2);
    }
}
