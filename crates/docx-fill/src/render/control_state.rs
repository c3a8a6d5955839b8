//! Owns what a content control stores beside what it shows: the day of a date, the choice of a list, the state of a check
//! box (ISO 29500-1, 17.5.2), and the look of a placeholder. When it has been filled in, the two agree.
//! Must not know tags or data.

use crate::opc::xml::{attribute_into, attribute_ranges, escape_into};
use crate::slice::TextSlice as _;
use crate::value::dates::DateTime;
use crate::word::xml_tree::{SpannedElement, XmlTree};
use std::ops::Range;

/// Changes that make a content control agree with its content.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SettledControl {
    /// Changes of its XML, in their order.
    pub(crate) edits: Vec<(Range<usize>, String)>,
    /// A text that is none of the entries of its list, with these.
    pub(crate) unlisted: Option<(String, Vec<String>)>,
}

impl SettledControl {
    /// Returns the control with the changes.
    pub(crate) fn apply_to(&self, control: &str) -> String {
        let mut out = String::with_capacity(control.len());
        let mut from = 0;
        for (range, text) in &self.edits {
            out.push_str(control.slice(from..range.start));
            out.push_str(text);
            from = range.end;
        }
        out.push_str(control.slice(from..));
        out
    }

    /// Returns where a byte of the control is after the changes.
    pub(crate) fn new_position(&self, at: usize) -> usize {
        let before = self.edits.iter().take_while(|(range, _)| range.end <= at);
        before.fold(at, |at, (range, text)| (at + text.len()).saturating_sub(range.len()))
    }
}

/// Makes a filled-in control (`w:sdt`) agree with what it shows. `placeholder` is the style of placeholders, if it showed one.
pub(crate) fn settle_control(control: &str, placeholder: Option<&str>) -> SettledControl {
    let mut settled = SettledControl::default();
    let Ok(tree) = XmlTree::read(control, "") else { return settled };
    let (Some(properties), Some(content)) =
        (tree.child(0, "w:sdtPr"), tree.child(0, "w:sdtContent"))
    else {
        return settled;
    };
    let shown = shown_text(&tree, content);
    for at in tree.children(properties) {
        let element = &tree.elements[at];
        match element.name.as_str() {
            "w:date" => {
                let day = stored_day(shown.trim());
                settled.set_attribute(control, element, "w:fullDate", day.as_deref());
            }
            "w:dropDownList" | "w:comboBox" => settled.settle_list(control, &tree, at, &shown),
            "w14:checkbox" => settled.settle_check_box(control, &tree, at, shown.trim()),
            _ => {}
        }
    }
    let is_placeholder = |element: &&SpannedElement| {
        element.name == "w:rStyle" && placeholder.is_some() && element.value() == placeholder
    };
    let inside = tree.descendants(content).map(|at| &tree.elements[at]).filter(is_placeholder);
    settled.edits.extend(inside.map(|element| (element.range.clone(), String::new())));
    settled.edits.sort_by_key(|(range, _)| range.start);
    settled
}

fn shown_text(tree: &XmlTree, content: usize) -> String {
    let elements = tree.descendants(content).map(|at| &tree.elements[at]);
    elements.filter(|element| element.name == "w:t").map(|element| element.text.as_str()).collect()
}

/// Returns a day as controls store it.
fn stored_day(shown: &str) -> Option<String> {
    let date = DateTime::parse(shown)?;
    let (year, month, day) = (date.year?, date.month?, date.day?);
    let time = date.time.unwrap_or_default();
    let (hour, minute, second) = (time.hour, time.minute, time.second);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

impl SettledControl {
    /// Sets an attribute of an element, or removes it.
    fn set_attribute(
        &mut self,
        control: &str,
        element: &SpannedElement,
        name: &'static str,
        value: Option<&str>,
    ) {
        let all = attribute_ranges(control, &element.tag);
        let own = all.into_iter().find(|(key, _)| *key == name).map(|(_, range)| range);
        let mut text = String::new();
        let range = match (own, value) {
            (Some(range), Some(value)) => {
                escape_into(&mut text, value);
                range
            }
            (Some(range), None) => {
                let before = control.slice(element.tag.start..range.start);
                let start = before.rfind(name).map_or(before.len(), |at| at.saturating_sub(1));
                element.tag.start + start..range.end + 1
            }
            (None, Some(value)) => {
                attribute_into(&mut text, name, value);
                let at = element.tag.start + 1 + element.name.len();
                at..at
            }
            (None, None) => return,
        };
        self.edits.push((range, text));
    }

    fn settle_list(&mut self, control: &str, tree: &XmlTree, at: usize, shown: &str) {
        let element = &tree.elements[at];
        let items = tree.children(at).map(|item| &tree.elements[item]);
        let items: Vec<(&str, &str)> = items
            .filter(|item| item.name == "w:listItem")
            .map(|item| {
                let value = item.attribute("w:value").unwrap_or_default();
                (item.attribute("w:displayText").unwrap_or(value), value)
            })
            .collect();
        let found = items.iter().find(|(text, _)| *text == shown).map(|(_, value)| *value);
        let is_open = element.name == "w:comboBox";
        let value = found.or(Some(shown).filter(|_| is_open && !shown.is_empty()));
        if value.is_none() && !shown.is_empty() {
            let entries = items.iter().map(|(text, _)| (*text).to_owned()).collect();
            self.unlisted = Some((shown.to_owned(), entries));
        }
        self.set_attribute(control, element, "w:lastValue", value);
    }

    /// Stores whether a check box shows its sign for yes or that for no.
    fn settle_check_box(&mut self, control: &str, tree: &XmlTree, at: usize, shown: &str) {
        let sign = |name: &str, usual: &str| {
            let state = tree.child(at, name).map(|state| &tree.elements[state]);
            let code = state.and_then(|state| state.attribute("w14:val")).unwrap_or(usual);
            u32::from_str_radix(code, 16).ok().and_then(char::from_u32)
        };
        let mut letters = shown.chars();
        let (Some(letter), None) = (letters.next(), letters.next()) else { return };
        let value = match letter {
            letter if Some(letter) == sign("w14:checkedState", "2612") => "1",
            letter if Some(letter) == sign("w14:uncheckedState", "2610") => "0",
            _ => return,
        };
        if let Some(checked) = tree.child(at, "w14:checked") {
            self.set_attribute(control, &tree.elements[checked], "w14:val", Some(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(properties: &str, shown: &str) -> (String, SettledControl) {
        let control = format!(
            "<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent><w:r><w:rPr><w:rStyle w:val=\"a3\"/>\
             </w:rPr><w:t>{shown}</w:t></w:r></w:sdtContent></w:sdt>"
        );
        let found = settle_control(&control, Some("a3"));
        let text = found.apply_to(&control);
        assert!(!text.contains("w:rStyle") && text.contains("<w:rPr></w:rPr>"), "{text}");
        let at = control.find("<w:t>").unwrap();
        assert!(text[found.new_position(at)..].starts_with("<w:t>"), "{text}");
        (text, found)
    }

    #[test]
    fn what_is_stored_is_what_is_shown() {
        let date =
            |text| settled("<w:date w:fullDate=\"2020-01-01T00:00:00Z\"><w:lid/></w:date>", text).0;
        assert!(date("2026年3月5日").contains("<w:date w:fullDate=\"2026-03-05T00:00:00Z\">"));
        assert!(date("tomorrow").contains("<w:date><w:lid/>"));
        let fresh = settled("<w:date/>", "2026-03-05").0;
        assert!(fresh.contains("<w:date w:fullDate=\"2026-03-05T00:00:00Z\"/>"), "{fresh}");
        let items = "<w:listItem w:displayText=\"A\" w:value=\"1\"/><w:listItem w:value=\"B\"/>";
        let list = |kind: &str, text| {
            settled(&format!("<w:{kind} w:lastValue=\"1\">{items}</w:{kind}>"), text)
        };
        assert!(list("dropDownList", "A").0.contains("w:lastValue=\"1\""));
        assert!(list("dropDownList", "B").0.contains("w:lastValue=\"B\""));
        let (text, found) = list("dropDownList", "C");
        assert!(text.contains("<w:dropDownList><w:listItem"), "{text}");
        assert_eq!(found.unlisted, Some(("C".to_owned(), vec!["A".to_owned(), "B".to_owned()])));
        assert!(list("comboBox", "C").0.contains("w:lastValue=\"C\""));
        let check =
            |text| settled("<w14:checkbox><w14:checked w14:val=\"0\"/></w14:checkbox>", text).0;
        assert!(check("☒").contains("<w14:checked w14:val=\"1\"/>"));
        assert!(check("☐").contains("<w14:checked w14:val=\"0\"/>"));
        assert!(check("?").contains("<w14:checked w14:val=\"0\"/>"));
    }
}
