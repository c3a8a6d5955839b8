//! Owns `fill TEMPLATE.typ`: any Typst template with any data, in the guarded process. The files that it asks for are
//! read here and handed over: those of its folder, and of packages that lie on this machine.
//! Must not know Typst.

use super::letters::LetterRenderer;
use crate::cli::fs::paths::{display_path, has_extension, parent_dir};
use crate::cli::sandbox::ProcessPool;
use crate::cli::{Failure, RunContext};
use docx_fill::diag::{Diagnostic, Lang, Location, Sink, SourceId, Sources, describe_location};
use nianbao::msg;
use nianbao::render::sandbox::{SandboxError, TypesetFormat, TypesetOutput};
use nianbao::render::{TypstPlace, TypstRequest, TypstTemplate, typst_finding, typst_stop_finding};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Maximum number of times that a template may ask for further files.
const MAX_ROUNDS: usize = 500;
/// Bytes of all files that a template may ask for.
const MAX_TEMPLATE_BYTES: usize = 256 << 20;
/// The file that every package has.
const PACKAGE_MANIFEST: &str = "typst.toml";

/// A Typst template that is filled.
pub(super) struct TypstLetterRenderer<'a> {
    context: &'a RunContext,
    pool: ProcessPool,
    folder: PathBuf,
    main: String,
    template: RefCell<TypstTemplate>,
    request: TypstRequest,
    package_dirs: Vec<PathBuf>,
    /// Bytes of the files that were handed over.
    size: RefCell<usize>,
    /// Texts of the files, for messages.
    pub(super) texts: RefCell<BTreeMap<String, Vec<u8>>>,
}

/// The kind of output by the extension of its file.
pub(super) fn typst_format(out: &Path) -> Option<(TypesetFormat, &'static str)> {
    [(TypesetFormat::Pdf, "pdf"), (TypesetFormat::Png, "png"), (TypesetFormat::Svg, "svg")]
        .into_iter()
        .find(|(_, extension)| has_extension(out, extension))
}

impl<'a> TypstLetterRenderer<'a> {
    /// Reads the main file.
    pub(super) fn open(
        context: &'a RunContext,
        path: &Path,
        request: TypstRequest,
        package_dirs: Vec<PathBuf>,
    ) -> Result<TypstLetterRenderer<'a>, Failure> {
        let folder = parent_dir(path);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let main = format!("/{name}");
        let mut fonts = context.font_dirs.clone();
        fonts.extend([folder.clone(), folder.join("fonts")].into_iter().filter(|dir| dir.is_dir()));
        let bytes = context.files.read(path)?;
        let mut template = TypstTemplate::new(main.as_str());
        template.add_file(main.as_str(), bytes.clone());
        let texts = BTreeMap::from([(main.clone(), bytes)]);
        Ok(TypstLetterRenderer {
            context,
            pool: ProcessPool::new(&context.limits, fonts),
            folder,
            main,
            template: RefCell::new(template),
            request,
            package_dirs,
            size: RefCell::new(0),
            texts: RefCell::new(texts),
        })
    }

    /// Typesets one document of all records, and hands over files until none is asked for that there is.
    pub(super) fn typeset(
        &self,
        records: &[Value],
    ) -> Result<Result<TypesetOutput, SandboxError>, Failure> {
        for _ in 0..MAX_ROUNDS {
            let template = self.template.borrow();
            let made = template.render_all(records, &self.request, TypstPlace::Guarded(&self.pool));
            drop(template);
            let made = match made {
                Ok(made) => made,
                Err(why) => return Ok(Err(why)),
            };
            let mut is_new = false;
            for path in &made.missing {
                is_new |= self.hand_over(path)?;
            }
            if !is_new {
                return Ok(Ok(made));
            }
        }
        Err(Failure::without_cause(msg!("typst.too-many-files", limit = MAX_ROUNDS)))
    }

    /// Hands a file over, or all of its package; returns whether there is one that was not handed over before.
    fn hand_over(&self, path: &str) -> Result<bool, Failure> {
        if let Some((name, _)) = split_package(path) {
            let is_known = self.template.borrow().has_file(&format!("{name}/{PACKAGE_MANIFEST}"));
            let dir = self.find_package(&name).filter(|_| !is_known);
            let Some(dir) = dir else { return Ok(false) };
            for (file, bytes) in self.context.files.read_folder(&dir)? {
                self.add(format!("{name}/{file}"), bytes)?;
            }
            return Ok(self.template.borrow().has_file(&format!("{name}/{PACKAGE_MANIFEST}")));
        }
        let relative = Path::new(path.trim_start_matches('/'));
        let is_inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
        let (Ok(home), Ok(real)) =
            (self.folder.canonicalize(), self.folder.join(relative).canonicalize())
        else {
            self.context.files.note_path(&self.folder.join(relative));
            return Ok(false);
        };
        if !is_inside
            || !real.starts_with(&home)
            || !real.is_file()
            || self.template.borrow().has_file(path)
        {
            return Ok(false);
        }
        let bytes = self.context.files.read(&real)?;
        self.add(path.to_owned(), bytes)?;
        Ok(true)
    }

    fn add(&self, path: String, bytes: Vec<u8>) -> Result<(), Failure> {
        let mut size = self.size.borrow_mut();
        *size = size.saturating_add(bytes.len());
        if *size > MAX_TEMPLATE_BYTES {
            let limit = MAX_TEMPLATE_BYTES >> 20;
            let dir = display_path(&self.folder);
            return Err(Failure::without_cause(msg!(
                "io.files-too-large",
                dir = dir,
                limit = limit
            )));
        }
        if has_extension(Path::new(&path), "typ") {
            self.texts.borrow_mut().insert(path.clone(), bytes.clone());
        }
        self.template.borrow_mut().add_file(path, bytes);
        Ok(())
    }

    fn find_package(&self, name: &str) -> Option<PathBuf> {
        let place = name.trim_start_matches('@').replace(':', "/");
        let is_plain = Path::new(&place).components().all(|p| matches!(p, Component::Normal(_)));
        let dirs = self.package_dirs.iter().filter(|_| is_plain).map(|dir| dir.join(&place));
        dirs.into_iter().find(|dir| dir.join(PACKAGE_MANIFEST).is_file())
    }

    /// Adds what was said to a sink; returns the sources by their paths.
    pub(super) fn report(
        &self,
        made: &Result<TypesetOutput, SandboxError>,
        sources: &mut Sources,
        sink: &mut Sink,
    ) {
        let mut ids: BTreeMap<String, SourceId> = BTreeMap::new();
        for (path, bytes) in self.texts.borrow().iter() {
            let shown = match path.strip_prefix('/') {
                Some(name) => display_path(&self.folder.join(name)),
                None => path.clone(),
            };
            let text = String::from_utf8_lossy(bytes).into_owned();
            ids.insert(path.clone(), sources.add_text(shown, text));
        }
        let main = ids.get(&self.main).map_or(Location::Nowhere, |id| Location::File(*id));
        match made {
            Ok(made) => {
                let packages: BTreeSet<String> =
                    made.missing.iter().filter_map(|path| Some(split_package(path)?.0)).collect();
                let lacking = packages.iter().filter(|name| self.find_package(name).is_none());
                let mut is_lacking = false;
                for name in lacking {
                    is_lacking = true;
                    sink.push(self.missing_package(name, main.clone()));
                }
                // Typst's words about the same would only repeat it.
                let said = made.diagnostics.iter().filter(|said| {
                    !(is_lacking && said.message.contains("packages are not available"))
                });
                sink.extend(said.map(|said| typst_finding(said, &ids)));
            }
            Err(why) => sink.extend(ids.get(&self.main).map(|id| typst_stop_finding(why, *id))),
        }
    }

    fn missing_package(&self, name: &str, place: Location) -> Diagnostic {
        let dirs: Vec<String> = self.package_dirs.iter().map(|dir| display_path(dir)).collect();
        let (name, version) = name.rsplit_once(':').unwrap_or((name, ""));
        let message = msg!("typst.no-package", name = name, version = version, dirs = dirs);
        Diagnostic::error("typst", place, message).with_hint(msg!("typst.no-package-hint"))
    }
}

impl LetterRenderer for TypstLetterRenderer<'_> {
    fn render_letter(&self, record: &Value, sink: &mut Sink) -> Result<Option<Vec<u8>>, Failure> {
        let made = self.typeset(std::slice::from_ref(record))?;
        let (mut sources, mut found) = (Sources::default(), Sink::new());
        self.report(&made, &mut sources, &mut found);
        // The sources of this template are no others' sources: its places become words.
        for mut finding in found {
            if let Some(id) = finding.location.source() {
                let at = describe_location(&finding.location, &sources, Lang::En);
                let place = format!("{}:{}", sources.name(id), at.unwrap_or_default());
                finding = finding.with_hint(msg!("typst.place", place = place));
            }
            finding.location = Location::Nowhere;
            finding.labels.clear();
            sink.push(finding);
        }
        Ok(made.ok().and_then(|made| made.pdf))
    }

    fn extension(&self) -> &'static str {
        "pdf"
    }
}

/// Splits the path of a file of a package into the package and the file.
fn split_package(path: &str) -> Option<(String, String)> {
    let (space, rest) = path.strip_prefix('@')?.split_once('/')?;
    let (name, file) = rest.split_once('/')?;
    Some((format!("@{space}/{name}"), file.to_owned()))
}

/// The folders in which Typst keeps packages on this machine, after those that the user names.
#[expect(clippy::disallowed_methods, reason = "where Typst keeps packages, the environment says")]
pub(super) fn package_folders(named: &[PathBuf]) -> Vec<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let home = |rest: &str| folder("HOME").map(|home| home.join(rest));
    let (data, cache) = if cfg!(windows) {
        (folder("APPDATA"), folder("LOCALAPPDATA"))
    } else if cfg!(target_os = "macos") {
        (home("Library/Application Support"), home("Library/Caches"))
    } else {
        let data = folder("XDG_DATA_HOME").or_else(|| home(".local/share"));
        (data, folder("XDG_CACHE_HOME").or_else(|| home(".cache")))
    };
    let own = |dir: Option<PathBuf>| dir.map(|dir| dir.join("typst").join("packages"));
    let data = folder("TYPST_PACKAGE_PATH").or_else(|| own(data));
    let cache = folder("TYPST_PACKAGE_CACHE_PATH").or_else(|| own(cache));
    named.iter().cloned().chain(data).chain(cache).collect()
}
