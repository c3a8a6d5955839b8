//! Owns the command `fill`.
//! Must not know how a document is filled.

use super::fill_form::{self, UntaggedForm};
use crate::cli::fs::data_files;
use crate::cli::fs::output_file::UserTarget;
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::options::{DiagnosticArgs, name_own_options};
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use docx_fill::prose::LinkSchemes;
use docx_fill::slice::TextSlice as _;
use docx_fill::template::{CompiledTemplate, LinkRules, ParseOptions, RenderOptions};
use nianbao::data::{DataNode, DataValue, UNREAD_SIGN};
use nianbao::form::FormRegistry;
use nianbao::msg;
use nianbao::session::{DataFileKind, Session};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(crate) struct FillArgs {
    #[arg(value_name = "TEMPLATE.docx", required_unless_present = "form")]
    pub(crate) template: Option<PathBuf>,
    #[arg(value_name = "DATA", required_unless_present = "form")]
    pub(crate) data: Option<PathBuf>,
    #[arg(long, value_name = "BLANK.docx", conflicts_with_all = ["partials", "allow_missing", "link_schemes"])]
    pub(crate) form: Option<PathBuf>,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[arg(long, value_name = "FILE", requires = "form")]
    pub(crate) config: Option<PathBuf>,
    #[arg(short, long, value_name = "OUT.docx")]
    pub(crate) out: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub(crate) partials: Option<PathBuf>,
    #[arg(long)]
    pub(crate) allow_missing: bool,
    /// Schemes that addresses of links may have besides http, https and mailto.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) link_schemes: Vec<String>,
    #[arg(long)]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

impl FillArgs {
    /// Returns the request for a form without tags.
    fn untagged<'a>(&'a self, blank: &'a Path) -> UntaggedForm<'a> {
        UntaggedForm {
            blank,
            report: self.template.as_deref(),
            extra: self.data.as_deref(),
            config: self.config.as_deref(),
            out: &self.out,
            overwrite: self.overwrite,
            verify: self.verify,
        }
    }

    fn output<'a>(&'a self, inputs: &'a [&'a Path]) -> UserTarget<'a> {
        UserTarget { path: &self.out, extension: "docx", inputs, overwrite: self.overwrite }
    }
}

/// The forms that reading a data file needs: a text holds any data and needs none.
fn forms_for_data(data: &Path) -> Result<FormRegistry, Failure> {
    Ok(match data_files::data_file_kind(data)? {
        DataFileKind::Text(_) => FormRegistry::default(),
        DataFileKind::Workbook | DataFileKind::Csv | DataFileKind::Word => FormRegistry::built_in(),
    })
}

/// `nianbao fill TEMPLATE.docx DATA -o OUT.docx`
pub(crate) fn run_fill(context: &RunContext, args: &FillArgs) -> Result<Outcome, Failure> {
    let mut terminal = context.terminal(&args.judge);
    if let Some(blank) = &args.form {
        return fill_form::fill_untagged_form(context, &args.untagged(blank), terminal);
    }
    let (Some(template), Some(data)) = (&args.template, &args.data) else {
        return Err(Failure::without_cause(msg!("args.missing", arg = "DATA")));
    };
    let schemes = args.link_schemes.iter().map(String::as_str);
    let schemes = LinkSchemes::with_extra(schemes).map_err(|wrong| {
        let (arg, value) = ("--link-schemes", wrong);
        Failure::without_cause(msg!("args.bad-value", arg = arg, value = value))
    })?;
    let inputs = [template.as_path(), data.as_path()];
    let output = args.output(&inputs);
    output.check_path()?;
    let forms = forms_for_data(data)?;
    let mut session = Session::new(&forms, context.limits);
    let root = session.open_file(&context.files.read_input(data)?);
    let (mut sources, mut sink) = session.into_parts();
    let source = sources.add_binary(display_path(template));
    let partials = args.partials.as_deref().map(|dir| context.files.read_partials(dir));
    let partials = partials.transpose()?.unwrap_or_default();
    let parse = ParseOptions {
        partials: Arc::new(partials),
        limits: (&context.limits).into(),
        ..ParseOptions::default()
    };
    let template =
        CompiledTemplate::parse_tolerant(context.files.read(template)?, source, &parse, &mut sink);
    // The process ends when it is filled; to take it apart before would only cost time.
    let template = ManuallyDrop::new(template);
    let filled = if let (Some(file), Some(template)) = (root, template.as_ref()) {
        let value = json_value(&file.root);
        let mut paths = find_file_paths(&value);
        paths.extend_from_slice(template.named_files());
        let pictures = context.files.read_pictures(&parent_dir(data), &paths)?;
        let render = RenderOptions {
            allow_missing: args.allow_missing,
            max_bytes: context.limits.output_bytes(),
            links: LinkRules { schemes, ..LinkRules::default() },
            ..RenderOptions::default()
        };
        let filled = template.render(&value, &pictures, &render, &mut sink);
        if let (Some(bytes), true) = (&filled, args.verify) {
            template.verify_layout(bytes, &mut sink);
        }
        filled
    } else {
        None
    };
    name_own_options(&mut sink);
    let failed = sink.has_errors();
    let outcome = terminal.report_findings(sink, &sources);
    if let (Some(bytes), false) = (filled, failed) {
        let written = output.write(&bytes, &context.files)?;
        terminal.print_info(&output.describe(written));
    }
    terminal.print_closing_line();
    Ok(outcome)
}

/// Texts that name a picture or a document, or show one by Markdown.
fn find_file_paths(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => {
            let end = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            let named = ["png", "jpg", "jpeg", "svg", "docx", "docm", "dotx", "doc"];
            let named = named.contains(&end.as_str());
            let mut paths =
                if named && !text.contains('\n') { vec![text.clone()] } else { Vec::new() };
            if end == "svg" {
                // Word wants pixels beside it.
                paths.extend(
                    paths.first().map(|path| format!("{}png", path.slice(..path.len() - 3))),
                );
            }
            paths.extend(nianbao::render::content::text_pictures(&vec![text.clone()]));
            paths
        }
        serde_json::Value::Array(items) => items.iter().flat_map(find_file_paths).collect(),
        serde_json::Value::Object(map) => map.values().flat_map(find_file_paths).collect(),
        _ => Vec::new(),
    }
}

/// A number as JSON values hold it, unless digits would be lost there: those of a long number, the last zeros of 1.50,
/// or all of 1e-999.
fn json_number(digits: &str) -> Option<serde_json::Value> {
    let whole = digits.parse::<i64>().is_ok();
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, ""));
    let padded = exponent.is_empty() && mantissa.contains('.') && mantissa.ends_with('0');
    if !whole && (count > 15 || padded) {
        return None;
    }
    let number: serde_json::Value = serde_json::from_str(digits).ok()?;
    let vanished = number.as_f64() == Some(0.0) && mantissa.contains(|c| matches!(c, '1'..='9'));
    (!vanished).then_some(number)
}

/// The tree as JSON values. A number that JSON cannot hold stays text.
fn json_value(node: &DataNode) -> serde_json::Value {
    match &node.value {
        DataValue::Null => serde_json::Value::Null,
        DataValue::Bool(value) => (*value).into(),
        DataValue::Number(digits) => json_number(digits).unwrap_or_else(|| digits.as_str().into()),
        DataValue::Text(text) | DataValue::Date(text) => text.as_str().into(),
        DataValue::Unread => UNREAD_SIGN.into(),
        DataValue::List(items) => items.iter().map(json_value).collect(),
        DataValue::Table(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), json_value(&entry.node))).collect()
        }
    }
}
