//! Owns where the data of `fill` comes from: a file or the standard input, a tree or a spreadsheet of any shape.
//! Must not know a template.

use crate::cli::fs::data_files::data_file_kind;
use crate::cli::fs::paths::{display_path, has_extension, parent_dir};
use crate::cli::{Failure, RunContext};
use clap::ValueEnum;
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, SourceId, Sources};
use nianbao::data::{
    self, DataNode, DataValue, KeptValues, RecordOptions, SYNTAX_RULE, SheetRecord, SheetRecords,
    Spreadsheet, Syntax, json_values, plain_value,
};
use nianbao::form::FormRegistry;
use nianbao::session::{DataFile, DataFileKind, Input, Session};
use nianbao::{msg, sheet};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The name of the standard input and output.
pub(super) const STANDARD_STREAM: &str = "-";

/// Extensions of spreadsheets, old ones and those of WPS among them; what a file is, its content says.
const SPREADSHEET_EXTENSIONS: [&str; 15] = [
    "csv", "tsv", "tab", "txt", "xlsx", "xlsm", "xltx", "xltm", "xls", "xlt", "et", "ett", "ods",
    "ots", "prn",
];

/// A kind of data that an option names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataTypeArg {
    Json,
    Toml,
    Yaml,
    Csv,
    Xlsx,
    Xls,
    Ods,
}

/// The kind of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SourceKind {
    Tree(DataFileKind),
    Spreadsheet,
}

impl From<DataTypeArg> for SourceKind {
    fn from(named: DataTypeArg) -> SourceKind {
        match named {
            DataTypeArg::Json => SourceKind::Tree(DataFileKind::Text(Syntax::Json)),
            DataTypeArg::Toml => SourceKind::Tree(DataFileKind::Text(Syntax::Toml)),
            DataTypeArg::Yaml => SourceKind::Tree(DataFileKind::Text(Syntax::Yaml)),
            DataTypeArg::Csv | DataTypeArg::Xlsx | DataTypeArg::Xls | DataTypeArg::Ods => {
                SourceKind::Spreadsheet
            }
        }
    }
}

/// Checks whether a path stands for the standard input or output.
pub(super) fn is_standard_stream(path: &Path) -> bool {
    path.as_os_str() == STANDARD_STREAM
}

/// Reads a file, or the standard input.
pub(super) fn read_bytes(context: &RunContext, path: &Path) -> Result<Vec<u8>, Failure> {
    if is_standard_stream(path) {
        return context.files.read_limited(std::io::stdin().lock(), 0, path);
    }
    context.files.read(path)
}

/// The data of a run as it was read.
pub(super) struct FillSource {
    name: String,
    bytes: Vec<u8>,
    kind: SourceKind,
    /// The folder of its pictures.
    pub(super) folder: PathBuf,
}

impl FillSource {
    /// Reads the data.
    pub(super) fn read(
        context: &RunContext,
        path: &Path,
        named: Option<DataTypeArg>,
    ) -> Result<FillSource, Failure> {
        let is_stream = is_standard_stream(path);
        let by_name = match named {
            Some(named) => Some(SourceKind::from(named)),
            None if is_stream => None,
            None => Some(kind_by_extension(path)?),
        };
        let bytes = read_bytes(context, path)?;
        let kind = by_name.or_else(|| kind_by_content(&bytes));
        let kind = kind.ok_or_else(|| Failure::without_cause(msg!("fill.no-type")))?;
        let folder = if is_stream { PathBuf::from(".") } else { parent_dir(path) };
        Ok(FillSource { name: display_path(path), bytes, kind, folder })
    }

    /// Opens the data: as one tree, or as sheets. `for_rows` asks for rows, so that a workbook is a list in any case.
    pub(super) fn open(&self, context: &RunContext, for_rows: bool) -> OpenedSource<'_> {
        match self.kind {
            SourceKind::Tree(kind) if for_rows => self.open_tree(context, kind),
            SourceKind::Tree(kind) => match self.read_plain_json(KeptValues::All) {
                Some(value) => OpenedSource {
                    sources: Sources::default(),
                    sink: Sink::new(),
                    data: Some(OpenedData::Plain(value)),
                },
                None => self.open_tree(context, kind),
            },
            SourceKind::Spreadsheet if !for_rows && self.is_report() => {
                self.open_tree(context, DataFileKind::Workbook)
            }
            SourceKind::Spreadsheet => {
                let (mut sources, mut sink) = (Sources::default(), Sink::new());
                let book = Spreadsheet::open(&self.name, &self.bytes, &mut sources, &mut sink);
                OpenedSource { sources, sink, data: book.map(OpenedData::Sheets) }
            }
        }
    }

    /// Checks whether it is JSON, which may be long.
    pub(super) fn is_json(&self) -> bool {
        self.kind == SourceKind::Tree(DataFileKind::Text(Syntax::Json))
    }

    /// Returns the values of JSON without faults, without their places.
    pub(super) fn read_plain_json(&self, kept: KeptValues<'_>) -> Option<Value> {
        let bytes = self.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.bytes);
        json_values(std::str::from_utf8(bytes).ok().filter(|_| self.is_json())?, kept)
    }

    fn open_tree(&self, context: &RunContext, kind: DataFileKind) -> OpenedSource<'_> {
        let forms = match kind {
            DataFileKind::Text(_) => FormRegistry::default(),
            _ => FormRegistry::built_in(),
        };
        let input = Input { name: self.name.clone(), kind, bytes: self.bytes.clone() };
        let mut session = Session::new(&forms, context.limits);
        let data = session.open_file(&input).map(OpenedData::Tree);
        let (sources, sink) = session.into_parts();
        OpenedSource { sources, sink, data }
    }

    /// Checks whether a workbook is one of the annual report.
    fn is_report(&self) -> bool {
        if !self.bytes.starts_with(b"PK") && !self.bytes.starts_with(&[0xD0, 0xCF]) {
            return false;
        }
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_binary(self.name.as_str());
        let book = data::load_workbook(source, &self.bytes, &mut sources, &mut sink);
        book.is_some_and(|book| sheet::is_report_workbook(&book, &FormRegistry::built_in()))
    }
}

fn kind_by_extension(path: &Path) -> Result<SourceKind, Failure> {
    if SPREADSHEET_EXTENSIONS.iter().any(|extension| has_extension(path, extension)) {
        return Ok(SourceKind::Spreadsheet);
    }
    data_file_kind(path).map(SourceKind::Tree)
}

/// The kind of data that has no name; `None` if its content does not tell.
fn kind_by_content(bytes: &[u8]) -> Option<SourceKind> {
    if bytes.starts_with(b"PK") || bytes.starts_with(&[0xD0, 0xCF]) {
        return Some(SourceKind::Spreadsheet);
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let is_json = text.starts_with(b"{") || text.starts_with(b"[");
    is_json.then_some(SourceKind::Tree(DataFileKind::Text(Syntax::Json)))
}

/// The data of a run, with the places and findings of reading it.
pub(super) struct OpenedSource<'a> {
    pub(super) sources: Sources,
    pub(super) sink: Sink,
    /// `None` if it cannot be read.
    pub(super) data: Option<OpenedData<'a>>,
}

/// Data of either shape.
pub(super) enum OpenedData<'a> {
    /// Values whose places nobody asks for.
    Plain(Value),
    /// The same without values that a template cannot reach.
    Reached(Value),
    Tree(DataFile),
    Sheets(Spreadsheet<'a>),
}

impl OpenedData<'_> {
    /// Returns all of it as one value.
    pub(super) fn into_value(
        self,
        options: RecordOptions,
        wants_rows: bool,
        sink: &mut Sink,
    ) -> Value {
        match self {
            OpenedData::Plain(value) | OpenedData::Reached(value) => value,
            OpenedData::Tree(file) => plain_value(&file.root),
            OpenedData::Sheets(mut book) => data::read_lists(&mut book, options, wants_rows, sink),
        }
    }
}

/// Says which lists a spreadsheet has, for a template that wants other names.
pub(super) fn describe_lists(value: &Value) -> Option<docx_fill::diag::Message> {
    let lists: Vec<String> =
        value.as_object()?.iter().filter_map(|(name, list)| describe_list(name, list)).collect();
    let first = value.as_object()?.keys().next()?;
    let is_plain = first.chars().all(|c| c.is_alphanumeric() || c == '_');
    let tag = if is_plain {
        format!("{{{{#each {first}}}}}")
    } else {
        format!("{{{{#each [{first}]}}}}")
    };
    Some(msg!("fill.lists", lists = lists, tag = tag))
}

fn describe_list(name: &str, list: &Value) -> Option<String> {
    let columns = list.as_array()?.first()?.as_object()?;
    let columns: Vec<&str> = columns.keys().map(String::as_str).collect();
    Some(format!("{name} ({})", columns.join(", ")))
}

/// A record for which a document is made.
pub(super) struct LetterRecord {
    /// Its place in the data.
    pub(super) place: Location,
    /// The data for the template.
    pub(super) value: Value,
    /// True if a value of it cannot be used; that was reported.
    pub(super) is_faulty: bool,
}

/// The list of which every record gives a document. It is read as often as one asks.
pub(super) enum LetterList<'a> {
    Sheet { book: Spreadsheet<'a>, sheet: usize, options: RecordOptions },
    Items { source: SourceId, items: Vec<DataNode>, common: Map<String, Value> },
}

/// A function that takes the records one by one; an error ends the reading.
pub(super) type RecordConsumer<'t> =
    &'t mut dyn FnMut(LetterRecord, &mut Sink) -> Result<(), Failure>;

impl<'a> LetterList<'a> {
    /// Finds the list at a path; without one the only list there is.
    pub(super) fn find(
        data: OpenedData<'a>,
        path: Option<&str>,
        options: RecordOptions,
        sink: &mut Sink,
    ) -> Option<LetterList<'a>> {
        match data {
            OpenedData::Sheets(book) => find_sheet(book, path, options, sink),
            OpenedData::Tree(file) => find_items(file, path, sink),
            // Rows are opened with their places.
            OpenedData::Plain(_) | OpenedData::Reached(_) => None,
        }
    }

    /// Returns the source that holds the list.
    pub(super) fn source(&self) -> SourceId {
        match self {
            LetterList::Sheet { book, .. } => book.source(),
            LetterList::Items { source, .. } => *source,
        }
    }

    /// Gives every record to `take`. What is wrong with the list goes to the sink.
    pub(super) fn for_each(
        &mut self,
        sink: &mut Sink,
        take: RecordConsumer<'_>,
    ) -> Result<(), Failure> {
        match self {
            LetterList::Sheet { book, sheet, options } => {
                let source = book.source();
                let records = match SheetRecords::open(book, *sheet, *options, sink) {
                    Ok(Some(records)) => records,
                    Ok(None) => {
                        let place = Location::File(source);
                        sink.push(Diagnostic::error(SYNTAX_RULE, place, msg!("fill.empty-list")));
                        return Ok(());
                    }
                    Err(fault) => {
                        sink.push(*fault);
                        return Ok(());
                    }
                };
                take_rows(records, sink, take)
            }
            LetterList::Items { source, items, common } => {
                for item in items.iter() {
                    let place = item.place.in_source(*source);
                    let Value::Object(fields) = plain_value(item) else {
                        let message = msg!("fill.no-record");
                        sink.push(Diagnostic::error(SYNTAX_RULE, place, message));
                        continue;
                    };
                    let mut all = common.clone();
                    all.extend(fields);
                    let value = Value::Object(all);
                    take(LetterRecord { place, value, is_faulty: false }, sink)?;
                }
                Ok(())
            }
        }
    }
}

fn take_rows(
    mut records: SheetRecords<'_, '_>,
    sink: &mut Sink,
    take: RecordConsumer<'_>,
) -> Result<(), Failure> {
    loop {
        match records.next_record(sink) {
            Ok(Some(SheetRecord { place, fields, is_faulty })) => {
                take(LetterRecord { place, value: Value::Object(fields), is_faulty }, sink)?;
            }
            Ok(None) => return Ok(()),
            Err(fault) => {
                sink.push(*fault);
                return Ok(());
            }
        }
    }
}

fn find_sheet<'a>(
    book: Spreadsheet<'a>,
    path: Option<&str>,
    options: RecordOptions,
    sink: &mut Sink,
) -> Option<LetterList<'a>> {
    let place = Location::File(book.source());
    let names = book.sheet_names();
    let sheet = match path {
        None => Some(0).filter(|_| !names.is_empty()),
        Some("rows") if names.len() == 1 => Some(0),
        Some(path) => names.iter().position(|name| name.trim() == path.trim()),
    };
    let Some(sheet) = sheet else {
        let message =
            msg!("fill.no-sheet", name = path.unwrap_or_default(), names = names.to_vec());
        sink.push(Diagnostic::error(SYNTAX_RULE, place, message));
        return None;
    };
    if let (None, [first, _, ..]) = (path, names) {
        let message = msg!("fill.first-sheet", name = first, count = names.len());
        sink.push(Diagnostic::new(SYNTAX_RULE, Severity::Info, place, message));
    }
    Some(LetterList::Sheet { book, sheet, options })
}

fn find_items<'a>(file: DataFile, path: Option<&str>, sink: &mut Sink) -> Option<LetterList<'a>> {
    let DataFile { source, root, .. } = file;
    let lists = lists_of(&root);
    let wanted = match (path, lists.as_slice()) {
        (Some(path), _) => path.to_owned(),
        (None, [one]) => one.clone(),
        (None, _) => {
            let place = Location::File(source);
            let message = if lists.is_empty() {
                msg!("fill.no-list")
            } else {
                msg!("fill.many-lists", names = lists)
            };
            sink.push(Diagnostic::error(SYNTAX_RULE, place, message));
            return None;
        }
    };
    let top = wanted.split('.').next().unwrap_or_default().to_owned();
    let mut common = Map::new();
    if let DataValue::Table(entries) = &root.value {
        let others = entries.iter().filter(|entry| entry.key != top);
        common.extend(others.map(|entry| (entry.key.clone(), plain_value(&entry.node))));
    }
    let mut node = root;
    for step in wanted.split('.').filter(|step| !step.is_empty()) {
        let DataValue::Table(entries) = node.value else {
            return not_a_list(source, &node, &wanted, &lists, sink);
        };
        let found = entries.into_iter().find(|entry| entry.key == step);
        let Some(entry) = found else {
            let place = node.place.in_source(source);
            let message = msg!("fill.no-such-list", name = &wanted, names = lists);
            sink.push(Diagnostic::error(SYNTAX_RULE, place, message));
            return None;
        };
        node = entry.node;
    }
    match node.value {
        DataValue::List(items) => Some(LetterList::Items { source, items, common }),
        _ => not_a_list(source, &node, &wanted, &lists, sink),
    }
}

fn not_a_list<'a>(
    source: SourceId,
    node: &DataNode,
    name: &str,
    lists: &[String],
    sink: &mut Sink,
) -> Option<LetterList<'a>> {
    let place = node.place.in_source(source);
    let message = msg!("fill.no-such-list", name = name, names = lists.to_vec());
    sink.push(Diagnostic::error(SYNTAX_RULE, place, message));
    None
}

/// Returns the paths of the lists of records; that of a list as the whole is empty.
fn lists_of(root: &DataNode) -> Vec<String> {
    let is_record = |item: &DataNode| matches!(item.value, DataValue::Table(_));
    match &root.value {
        DataValue::List(_) => vec![String::new()],
        DataValue::Table(entries) => entries
            .iter()
            .filter(|entry| matches!(&entry.node.value, DataValue::List(items) if items.iter().any(is_record)))
            .map(|entry| entry.key.clone())
            .collect(),
        _ => Vec::new(),
    }
}
