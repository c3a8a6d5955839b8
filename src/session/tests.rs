//! Owns tests of a session as its callers use it.
//! Must not know files.

use super::*;
use crate::check::settings::SettingsEffect;
use crate::render::{RenderTargets, Templates};

fn assert_send<T: Send>() {}

fn starter_input(forms: &FormRegistry) -> Input {
    let form = forms.for_year(2025).expect("a form");
    let text = crate::starter::starter_toml(form, "云砚镇人民政府", 2025);
    Input { name: "report.toml".into(), kind: DataFileKind::Text(Syntax::Toml), bytes: text.into() }
}

#[test]
fn a_session_goes_to_another_thread() {
    assert_send::<Session<'_>>();
    assert_send::<PreparedReport>();
}

#[test]
fn bytes_go_in_and_a_document_comes_out() {
    let templates = Templates::built_in();
    let mut session = Session::new(templates.library(), Limits::default());
    let input = starter_input(templates.library());
    let draft = session.read_report(&input).expect("a report");
    let prepared = session.prepare_report(draft, &mut Pictures::default());
    let prepared = prepared.expect("no picture can fail").expect("within the limits");
    session.check_report(&prepared);
    assert_eq!(session.settle_findings(), SettingsEffect::default());
    assert!(!session.has_errors());
    let targets = RenderTargets { docx: true, pdf: false };
    let edition = session.read_edition(&templates, &prepared.report.form, targets);
    let drawn = RenderTemplates { edition: &edition, letterhead: None };
    let bytes = session.render_docx(&prepared.render_job(false), drawn, true).expect("a document");
    assert!(bytes.starts_with(b"PK"));
    let (_, found) = session.into_parts();
    let rules: Vec<_> = found.into_sorted().into_iter().map(|found| found.rule).collect();
    assert_eq!(rules, ["sample-text"]);
}

#[test]
fn findings_are_known_with_settings_and_without() {
    let forms = FormRegistry::built_in();
    let mut input = starter_input(&forms);
    let text = String::from_utf8(input.bytes).expect("UTF-8");
    let late = text.replace("year = 2025", "year = 2025\ndate = 2027-01-01");
    input.bytes = late.replace("\"township\"", "\"department\"").into();
    let settings = Input {
        name: "nianbao.toml".into(),
        kind: DataFileKind::Text(Syntax::Toml),
        bytes: "[rules]\ndeadline = \"off\"\n".into(),
    };
    let settings = Session::new(&forms, Limits::default()).read_settings(Some(&settings));
    let mut session = Session::new(&forms, Limits::default());
    session.set_settings(&settings, true);
    let draft = session.read_report(&input).expect("a report");
    let prepared = session.prepare_report(draft, &mut Pictures::default());
    session.check_report(&prepared.expect("no failure").expect("within the limits"));
    let plain = session.unsettled_findings();
    let rules: Vec<_> = plain.iter().map(|found| found.rule.as_ref()).collect();
    assert_eq!(rules, ["deadline", "organ-level", "sample-text"]);
    let effect = session.settle_findings();
    assert_eq!(effect.dropped, 1);
    let left: Vec<_> = session.take_findings().into_sorted();
    let left: Vec<_> = left.iter().map(|found| found.rule.as_ref()).collect();
    assert_eq!(left, ["organ-level", "sample-text"]);
}
