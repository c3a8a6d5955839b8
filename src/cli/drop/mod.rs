//! Owns the command `drop`: what people drop on the program's icon is checked and made, and a page tells it.
//! Must not judge a report nor decide what the page says.

mod county;
mod home;
mod look;
mod make;
mod season;
mod show;
mod years;

use super::args::{Against, Cli, FormatArg, Judge};
use super::sum::Sum;
use super::{Failure, Outcome, Terminal, against, files, load};
use clap::Args;
use home::Home;
use look::{Single, Thing};
use nianbao::diag::{Diagnostic, Lang, Sink, Sources};
use nianbao::page::{self, Frame, Link, Subject};
use nianbao::render::Templates;
#[cfg(feature = "pdf")]
use nianbao::render::fonts::Fonts;
use nianbao::report::Date;
use nianbao::{starter, text};
use show::Shown;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct DropAsk {
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) no_open: bool,
    #[arg(long, value_name = "DATE", value_parser = super::collect::date)]
    pub(crate) today: Option<Date>,
    #[command(flatten)]
    pub(crate) against: Against,
}

/// What everything is made with.
struct Shop<'a> {
    cli: &'a Cli,
    ask: &'a DropAsk,
    terminal: Terminal,
    lang: Lang,
    templates: Templates,
    #[cfg(feature = "pdf")]
    fonts: Fonts,
    /// Sources that are named before any report.
    sources: Sources,
    /// The year whose report is due.
    due: u16,
    /// What the page says of the program.
    frame: Frame,
}

/// What a page will link to and remember.
struct Gathered {
    /// The folder of the page.
    dir: PathBuf,
    made: Vec<String>,
}

impl Gathered {
    /// The path of a file of a home, as the page links to it.
    fn path(&self, home: &Home, file: &str) -> String {
        relative(&self.dir, &home.dir.join(file))
    }

    /// Has the page remember a file of a home that lies in its own folder or below.
    fn remember(&mut self, home: &Home, file: &str, held: Sum) {
        let path = self.path(home, file);
        let line = home::line(&path, held);
        if !path.starts_with("../") && !self.made.contains(&line) {
            self.made.push(line);
        }
    }
}

/// Whether an argument names a path and not a command: there is such a thing, or it is written like one.
pub(crate) fn is_path(argument: &OsStr) -> bool {
    let path = Path::new(argument);
    let written = argument.to_string_lossy().contains(['/', '\\']) || path.extension().is_some();
    written || path.symlink_metadata().is_ok()
}

/// How findings are told in the terminal.
const JUDGE: Judge = Judge { strict: false, message_format: FormatArg::Human };

/// `nianbao drop [PATH…]`
pub(crate) fn drop(cli: &Cli, ask: &DropAsk, lang: Lang) -> Result<Outcome, Failure> {
    let mut shop = Shop::open(cli, ask, Terminal::new(lang, &JUDGE, true))?;
    let [first, ..] = ask.paths.as_slice() else { return welcome(&mut shop) };
    // Of a page beside nothing nobody has anything.
    if ask.paths.iter().all(|path| path.symlink_metadata().is_err()) {
        return Err(Failure::plain(text!("io.not-found", file = files::shown(first))));
    }
    let mut things: Vec<_> = ask.paths.iter().map(|path| (path, look::look(path))).collect();
    compare(&shop, &mut things);
    let dir = match things.as_slice() {
        [(_, Ok(thing))] => thing.dir(),
        // The page of several lies where they lie.
        _ => beside(first),
    };
    let page_home = shop.home(&dir)?;
    let mut gathered = Gathered { dir: page_home.dir.clone(), made: Vec::new() };
    let page_name = page_name(&things, shop.lang);
    let mut subjects = Vec::new();
    for (path, thing) in things {
        subjects.extend(shop.subjects(path, thing, &mut gathered));
    }
    shop.frame.made = gathered.made;
    let page = page::findings(&subjects, &shop.frame, shop.lang);
    let file = page_home.put_page(&page_name, &page)?;
    shop.terminal.close();
    shop.show(&file);
    let wrong = subjects.iter().any(Subject::is_wrong);
    Ok(if wrong { Outcome::Found } else { Outcome::Clean })
}

/// Has reports of one organ that were dropped together compared with each other.
fn compare(shop: &Shop<'_>, things: &mut [(&PathBuf, Result<Thing, Failure>)]) {
    let report = |thing: &Result<Thing, Failure>| match thing {
        Ok(Thing::Report(single)) => Some(Single::of(&single.file)),
        _ => None,
    };
    let mut reports: Vec<Single> = things.iter().filter_map(|(_, thing)| report(thing)).collect();
    if reports.len() < things.len() || !years::of_one_organ(shop, &mut reports) {
        return;
    }
    for ((_, thing), known) in things.iter_mut().zip(reports) {
        if let Ok(Thing::Report(single)) = thing {
            single.previous = known.previous;
            single.followed = known.followed;
        }
    }
}

impl Thing {
    /// Where its results go.
    fn dir(&self) -> PathBuf {
        match self {
            Thing::Report(single) => against::folder(&single.file),
            Thing::Units { dir, .. } => beside(dir),
        }
    }

    /// What its page is named after: a report's file, or its folder if it is only called `report`.
    fn name(&self) -> String {
        let file = match self {
            Thing::Units { dir, .. } => return folder_name(dir),
            Thing::Report(single) => &single.file,
        };
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if stem == "report" { folder_name(&against::folder(file)) } else { stem }
    }
}

/// The folder in which a file or folder lies. A whole drive lies in none and holds its results itself.
fn beside(dir: &Path) -> PathBuf {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    whole.parent().map_or_else(|| whole.clone(), Path::to_owned)
}

fn folder_name(dir: &Path) -> String {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    whole.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The name of the page.
fn page_name(things: &[(&PathBuf, Result<Thing, Failure>)], lang: Lang) -> String {
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let first = things.first().map(|(path, thing)| match thing {
        Ok(thing) => thing.name(),
        Err(_) => stem(path),
    });
    let first = first.unwrap_or_default();
    match things.len() {
        0 | 1 => text!("drop.page-name", name = first),
        count => text!("drop.page-name-many", name = first, count = count),
    }
    .in_lang(lang)
}

/// A file as seen from a folder, with slashes; the whole path if there is no way from one to the other.
fn relative(dir: &Path, file: &Path) -> String {
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

impl<'a> Shop<'a> {
    fn open(cli: &'a Cli, ask: &'a DropAsk, mut terminal: Terminal) -> Result<Shop<'a>, Failure> {
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let templates = load::templates(cli, &mut sources, &mut sink)?;
        #[cfg(feature = "pdf")]
        let fonts = {
            let fonts = Fonts::new(files::fonts(&cli.fonts)?, &mut sink);
            fonts.say_missing(&mut sink);
            fonts
        };
        let of_fonts = |found: &Diagnostic| matches!(&*found.rule, "font-missing" | "no-font");
        let mut frame = Frame::default();
        if sink.iter().any(of_fonts) {
            frame.problems.push(text!("page.no-fonts"));
        }
        if cfg!(not(feature = "pdf")) {
            frame.problems.push(text!("page.no-pdf"));
        }
        terminal.report(sink, &sources);
        let due = season::due_year(ask.today.unwrap_or_else(season::today));
        Ok(Shop {
            cli,
            ask,
            lang: terminal.lang,
            terminal,
            templates,
            #[cfg(feature = "pdf")]
            fonts,
            sources,
            due,
            frame,
        })
    }

    /// Where the results of something go. That they lie elsewhere is said on the page.
    fn home(&mut self, dir: &Path) -> Result<Home, Failure> {
        let home = Home::at(dir, self.lang)?;
        let told = text!("page.in-documents", dir = files::shown(&home.dir));
        if home.is_other && !self.frame.remarks.contains(&told) {
            self.frame.remarks.push(told);
        }
        Ok(home)
    }

    /// What the page says of one thing that was dropped.
    fn subjects(
        &mut self,
        path: &Path,
        thing: Result<Thing, Failure>,
        gathered: &mut Gathered,
    ) -> Vec<Subject> {
        let thing = match thing {
            Ok(thing) => thing,
            Err(failure) => return vec![make::refused(self, path, &failure)],
        };
        let home = match self.home(&thing.dir()) {
            Ok(home) => home,
            Err(failure) => return vec![make::refused(self, path, &failure)],
        };
        match thing {
            Thing::Report(single) => vec![make::report(self, single, &home, gathered)],
            Thing::Units { dir, units } => county::subjects(self, &dir, &units, &home, gathered),
        }
    }

    /// Findings and failures for those who look at a terminal.
    fn tell(&mut self, sink: Sink, sources: &Sources, failure: Option<&Failure>) {
        self.terminal.report(sink, sources);
        if let Some(failure) = failure {
            self.say(failure);
        }
    }

    fn say(&self, failure: &Failure) {
        self.terminal.fail(failure);
    }

    /// Opens the page and says where it lies.
    fn show(&self, page: &Path) {
        let shown = if self.ask.no_open { Shown::No } else { show::open(page) };
        let file = files::shown(page);
        self.terminal.tell(&match shown {
            Shown::Asked => text!("drop.opened", file = file),
            Shown::No => text!("drop.page", file = file),
            Shown::Refused => text!("drop.not-opened", file = file),
        });
    }
}

/// What to do, for those who started the program without anything; a blank workbook lies beside.
#[allow(clippy::disallowed_methods, reason = "the blank workbook lies beside the program")]
fn welcome(shop: &mut Shop<'_>) -> Result<Outcome, Failure> {
    let program = std::env::current_exe().ok();
    let dir = program.as_deref().map_or_else(|| PathBuf::from("."), against::folder);
    let home = shop.home(&dir)?;
    let library = shop.templates.library();
    let form = library.for_year(shop.due).or_else(|| library.forms().last());
    let no_form = || Failure::plain(text!("io.year-without-form", year = u32::from(shop.due)));
    let form = form.ok_or_else(no_form)?;
    let bytes = starter::workbook(form, "", shop.due).map_err(Failure::plain)?;
    let name = text!("drop.blank-name", year = u32::from(shop.due)).in_lang(shop.lang);
    let placed = home.put(&name, "xlsx", &bytes)?;
    shop.frame.made.push(home::line(&placed.name, placed.held));
    shop.frame.remarks.extend(placed.note);
    let link = Link::new(&placed.name, &text!("page.what-blank"), shop.lang);
    let page = page::welcome(&link, shop.due, &shop.frame, shop.lang);
    let file = home.put_page(&text!("drop.page-welcome").in_lang(shop.lang), &page)?;
    shop.show(&file);
    Ok(Outcome::Clean)
}
