//! Owns the command `drop`: files dropped on the program's icon are checked and rendered, and a
//! page shows the results.
//! Must not check a report nor decide what the page says.

mod browser;
mod classify;
mod county;
mod dropped_report;
mod due_workbook;
mod due_year;
mod results_folder;
mod same_organ;

use crate::cli::fs::archives::{is_archive, path_on_disk};
use crate::cli::fs::checksum::Checksum;
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::options::{DiagnosticArgs, ReferenceArgs, parse_date_arg};
use crate::cli::run_inputs::templates::load_templates;
use crate::cli::{Failure, Outcome, RunContext, Terminal};
use browser::OpenResult;
use clap::Args;
use classify::{DroppedInput, DroppedReport};
use docx_fill::diag::{Diagnostic, Lang, Sink, Sources};
use nianbao::form::FormQuery;
use nianbao::page::{self, FileLink, PageExtras, Subject};
use nianbao::render::Templates;
#[cfg(feature = "pdf")]
use nianbao::render::fonts::Fonts;
use nianbao::report::Date;
use nianbao::{msg, starter};
use results_folder::ResultsFolder;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct DropArgs {
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) no_open: bool,
    #[arg(long, value_name = "DATE", value_parser = parse_date_arg)]
    pub(crate) today: Option<Date>,
    #[command(flatten)]
    pub(crate) against: ReferenceArgs,
}

/// The context shared by all dropped things.
struct DropContext<'a> {
    context: &'a RunContext,
    args: &'a DropArgs,
    terminal: Terminal,
    lang: Lang,
    templates: Templates,
    #[cfg(feature = "pdf")]
    fonts: Fonts,
    /// Sources that were registered before any report.
    sources: Sources,
    /// Year whose report is due.
    due_year: u16,
    /// Remarks of the page on the program.
    frame: PageExtras,
}

/// The files to which a page links and which it records.
struct PageFileRecords {
    /// Folder of the page.
    page_dir: PathBuf,
    memory_lines: Vec<String>,
}

/// A results folder with the records of the page that shows it.
struct PageResults<'a> {
    home: &'a ResultsFolder,
    gathered: &'a mut PageFileRecords,
}

impl PageFileRecords {
    /// Returns the link from the page to a file of a results folder.
    fn link_path(&self, home: &ResultsFolder, file: &str) -> String {
        relative_path(&self.page_dir, &home.dir.join(file))
    }

    /// Records a file of a results folder in the page, if it is in the page's folder or below.
    fn remember_file(&mut self, home: &ResultsFolder, file: &str, held: Checksum) {
        let path = self.link_path(home, file);
        let line = results_folder::memory_line(&path, held);
        if !path.starts_with("../") && !self.memory_lines.contains(&line) {
            self.memory_lines.push(line);
        }
    }
}

/// Runs `nianbao drop [PATH…]`
pub(crate) fn run_drop(context: &RunContext, ask: &DropArgs) -> Result<Outcome, Failure> {
    let mut shop = DropContext::load(context, ask)?;
    let [first, ..] = ask.paths.as_slice() else { return show_welcome(&mut shop) };
    // A page is of no use if none of the paths exists.
    if ask.paths.iter().all(|path| path.symlink_metadata().is_err()) {
        return Err(Failure::without_cause(msg!("io.not-found", file = display_path(first))));
    }
    let mut things: Vec<_> = ask
        .paths
        .iter()
        .map(|path| (path, classify::classify_path(path, &context.limits)))
        .collect();
    link_previous_reports(&shop, &mut things);
    let dir = match things.as_slice() {
        [(_, Ok(thing))] => thing.results_dir(),
        // The page on several things is in their common folder.
        _ => parent_or_self(first),
    };
    let page_home = shop.results_folder(&dir)?;
    let mut gathered =
        PageFileRecords { page_dir: page_home.dir.clone(), memory_lines: Vec::new() };
    let page_name = page_name(&things, shop.lang);
    let mut subjects = Vec::new();
    for (path, thing) in things {
        subjects.extend(shop.make_subjects(path, thing, &mut gathered));
    }
    shop.frame.made = gathered.memory_lines;
    let page = page::findings_page(&subjects, &shop.frame, shop.lang);
    let file = page_home.place_page(&page_name, &page)?;
    shop.terminal.print_closing_line();
    shop.open_page(&file);
    let wrong = subjects.iter().any(Subject::is_wrong);
    Ok(if wrong { Outcome::ErrorsFound } else { Outcome::Clean })
}

/// Links reports of one organ that were dropped together, so that they are compared with each
/// other.
fn link_previous_reports(
    shop: &DropContext<'_>,
    things: &mut [(&PathBuf, Result<DroppedInput, Failure>)],
) {
    let report = |thing: &Result<DroppedInput, Failure>| match thing {
        Ok(DroppedInput::Report(single)) => Some(DroppedReport::from_file(&single.file)),
        _ => None,
    };
    let mut reports: Vec<DroppedReport> =
        things.iter().filter_map(|(_, thing)| report(thing)).collect();
    if reports.len() < things.len() || !same_organ::link_if_one_organ(shop, &mut reports) {
        return;
    }
    for ((_, thing), known) in things.iter_mut().zip(reports) {
        if let Ok(DroppedInput::Report(single)) = thing {
            single.previous = known.previous;
            single.has_later = known.has_later;
        }
    }
}

impl DroppedInput {
    /// Returns the folder for the results.
    fn results_dir(&self) -> PathBuf {
        match self {
            DroppedInput::Report(single) => results_dir_of(&single.file),
            DroppedInput::Units { dir, .. } => parent_or_self(dir),
        }
    }

    /// Returns the stem of the page's name: the report's file, or its folder if the file is named
    /// `report`.
    fn page_stem(&self) -> String {
        let file = match self {
            DroppedInput::Units { dir, .. } => return units_name(dir),
            DroppedInput::Report(single) => &single.file,
        };
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if stem == "report" { units_name(&parent_dir(file)) } else { stem }
    }
}

/// Returns the folder that contains a file or folder. The root of a drive is its own results
/// folder.
fn parent_or_self(dir: &Path) -> PathBuf {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    whole.parent().map_or_else(|| whole.clone(), Path::to_owned)
}

/// Returns the folder for the results of a report: its own, or that of the archive in which it lies.
fn results_dir_of(file: &Path) -> PathBuf {
    parent_dir(&path_on_disk(file))
}

/// Returns the name of a folder of units, or of an archive without its extension.
fn units_name(dir: &Path) -> String {
    let name = if is_archive(dir) { dir.with_extension("") } else { dir.to_owned() };
    folder_name(&name)
}

fn folder_name(dir: &Path) -> String {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    whole.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the name of the page. That on a file which is not read has the file's whole name: a PDF often lies beside the
/// Word file of the same name, whose page stays.
fn page_name(things: &[(&PathBuf, Result<DroppedInput, Failure>)], lang: Lang) -> String {
    let first = things.first().map(|(path, thing)| match thing {
        Ok(thing) => thing.page_stem(),
        Err(_) if is_archive(path) => units_name(path),
        Err(_) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    });
    let first = first.unwrap_or_default();
    match things.len() {
        0 | 1 => msg!("drop.page-name", name = first),
        count => msg!("drop.page-name-many", name = first, count = count),
    }
    .in_lang(lang)
}

/// Returns the path of a file relative to a folder, with slashes; the absolute path if there is no
/// relative one.
fn relative_path(dir: &Path, file: &Path) -> String {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (dir, file) = (whole(dir), whole(file));
    let (from, to): (Vec<_>, Vec<_>) = (dir.components().collect(), file.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let word = |part: &std::path::Component<'_>| part.as_os_str().to_string_lossy().into_owned();
    if common == 0 {
        return file.to_string_lossy().replace('\\', "/");
    }
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    up.chain(to[common..].iter().map(word)).collect::<Vec<_>>().join("/")
}

impl<'a> DropContext<'a> {
    fn load(context: &'a RunContext, ask: &'a DropArgs) -> Result<DropContext<'a>, Failure> {
        let mut terminal = context.findings_terminal(&DiagnosticArgs::PLAIN);
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let templates = load_templates(context, &mut terminal, &mut sources, &mut sink)?;
        #[cfg(feature = "pdf")]
        let fonts = {
            let fonts = Fonts::new(context.files.read_fonts(&context.font_dirs)?, &mut sink);
            fonts.report_missing(&mut sink);
            fonts
        };
        let of_fonts = |found: &Diagnostic| matches!(&*found.rule, "font-missing" | "no-font");
        let mut frame = PageExtras::default();
        if sink.iter().any(of_fonts) {
            frame.problems.push(msg!("page.no-fonts"));
        }
        if cfg!(not(feature = "pdf")) {
            frame.problems.push(msg!("page.no-pdf"));
        }
        terminal.report_findings(sink, &sources);
        let due = due_year::due_year(ask.today.unwrap_or_else(due_year::today_in_china));
        Ok(DropContext {
            context,
            args: ask,
            lang: terminal.lang,
            terminal,
            templates,
            #[cfg(feature = "pdf")]
            fonts,
            sources,
            due_year: due,
            frame,
        })
    }

    /// Returns the folder for the results of something. If it is another folder, the page names it.
    fn results_folder(&mut self, dir: &Path) -> Result<ResultsFolder, Failure> {
        let home = ResultsFolder::find_writable(dir, self.lang, &self.context.limits)?;
        let told = msg!("page.in-documents", dir = display_path(&home.dir));
        if home.is_fallback && !self.frame.remarks.contains(&told) {
            self.frame.remarks.push(told);
        }
        Ok(home)
    }

    /// Returns the page's sections on one dropped thing.
    fn make_subjects(
        &mut self,
        path: &Path,
        thing: Result<DroppedInput, Failure>,
        gathered: &mut PageFileRecords,
    ) -> Vec<Subject> {
        let thing = match thing {
            Ok(thing) => thing,
            Err(failure) => return vec![dropped_report::refused_subject(self, path, &failure)],
        };
        let home = match self.results_folder(&thing.results_dir()) {
            Ok(home) => home,
            Err(failure) => return vec![dropped_report::refused_subject(self, path, &failure)],
        };
        match thing {
            DroppedInput::Report(single) => {
                vec![dropped_report::report_subject(self, single, &home, gathered)]
            }
            DroppedInput::Units { dir, units } => {
                let results = &mut PageResults { home: &home, gathered };
                county::county_subjects(self, &dir, &units, results)
            }
        }
    }

    /// Prints findings and failures to the terminal.
    fn print_findings(&mut self, sink: Sink, sources: &Sources, failure: Option<&Failure>) {
        self.terminal.report_findings(sink, sources);
        if let Some(failure) = failure {
            self.print_failure(failure);
        }
    }

    fn print_failure(&self, failure: &Failure) {
        self.terminal.report_failure(failure);
    }

    /// Opens the page and prints its path.
    fn open_page(&self, page: &Path) {
        let shown =
            if self.args.no_open { OpenResult::Skipped } else { browser::open_in_browser(page) };
        let file = display_path(page);
        self.terminal.print_info(&match shown {
            OpenResult::Requested => msg!("drop.opened", file = file),
            OpenResult::Skipped => msg!("drop.page", file = file),
            OpenResult::Refused => msg!("drop.not-opened", file = file),
        });
    }
}

/// Shows the instructions if nothing was dropped, with a blank workbook beside.
#[allow(clippy::disallowed_methods, reason = "the blank workbook lies beside the program")]
fn show_welcome(shop: &mut DropContext<'_>) -> Result<Outcome, Failure> {
    let program = std::env::current_exe().ok();
    let dir = program.as_deref().map_or_else(|| PathBuf::from("."), parent_dir);
    let home = shop.results_folder(&dir)?;
    let library = shop.templates.library();
    let query = FormQuery { year: Some(shop.due_year), ..FormQuery::default() };
    let form = library.choose(query).or_else(|error| library.by_likelihood().next().ok_or(error));
    let form = form.map_err(|error| Failure::without_cause(error.message))?;
    let bytes =
        starter::starter_workbook(form, "", shop.due_year).map_err(Failure::without_cause)?;
    let name = msg!("drop.blank-name", year = u32::from(shop.due_year)).in_lang(shop.lang);
    let placed = home.place_file(&name, "xlsx", &bytes)?;
    shop.frame.made.push(results_folder::memory_line(&placed.name, placed.checksum));
    shop.frame.remarks.extend(placed.note);
    let link = FileLink::new(&placed.name, &msg!("page.what-blank"), shop.lang);
    let page = page::welcome_page(&link, shop.due_year, &shop.frame, shop.lang);
    let file = home.place_page(&msg!("drop.page-welcome").in_lang(shop.lang), &page)?;
    shop.open_page(&file);
    Ok(Outcome::Clean)
}
