//! Owns the sandbox: foreign Typst templates, and those of many reports, are set in child processes of this
//! same program, which are killed when they take too long, and start anew after that.
//! Must not know what is set.

mod child;
mod wire;

use super::{files, limits, stop};
use child::Bounds;
use nianbao::render::fonts::FontFile;
use nianbao::render::sandbox::{Document, ProjectFiles, Sandbox, Setting, Stopped};
use std::ffi::OsString;
use std::io::{self, BufWriter, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The first argument of a child. Nobody types it, so that it is no command and has no help.
const WORD: &str = "typst-child";
/// Most projects that a child keeps: editions and letterheads.
const MOST_PROJECTS: u8 = 8;
/// How often it is looked whether a document takes too long.
const GLANCE: Duration = Duration::from_millis(100);
/// How long a document may still take when the user wants an end.
const PATIENCE: Duration = Duration::from_secs(2);
/// Last words of a child that are kept, in bytes.
const LAST_WORDS: u64 = 16 << 10;

/// Runs as a child if the arguments say so.
pub(crate) fn child(args: &[OsString]) -> Option<ExitCode> {
    let [_, word, seconds, memory] = args else { return None };
    if word.to_str() != Some(WORD) {
        return None;
    }
    let number = |word: &OsString| word.to_str()?.parse().ok();
    Some(child::run(Bounds { seconds: number(seconds)?, memory: number(memory)? }))
}

/// Where children work. Each does one document at a time; there are as many as are asked at once, up to a
/// number.
pub(crate) struct Workshop {
    bounds: Bounds,
    folders: Vec<PathBuf>,
    /// Read once.
    fonts: OnceLock<Arc<Vec<FontFile>>>,
    crew: Mutex<Crew>,
    /// A child has become idle or has gone.
    changed: Condvar,
}

struct Crew {
    idle: Vec<Worker>,
    /// Children that are idle or at work.
    alive: usize,
    most: usize,
}

impl Workshop {
    /// For foreign templates, with the fonts of these folders. No child starts before there is a document for it.
    pub(crate) fn new(folders: Vec<PathBuf>) -> Workshop {
        let asked = limits::asked();
        let bounds = Bounds { seconds: asked.typst_seconds, memory: asked.typst_memory };
        Workshop::within(bounds, folders, usize::MAX)
    }

    /// For large documents of the program's own templates, with the fonts of these folders. No child starts before
    /// there is one.
    pub(crate) fn for_large(folders: Vec<PathBuf>) -> Workshop {
        Workshop::within(own_bounds(), folders, usize::MAX)
    }

    /// For the program's own templates. All children start at once, with these fonts: while they read them, the
    /// program reads its own files. None if there is no child to be had.
    pub(crate) fn open(fonts: Vec<FontFile>, most: usize) -> Option<Workshop> {
        let fonts = OnceLock::from(Arc::new(fonts));
        let workshop = Workshop { fonts, ..Workshop::within(own_bounds(), Vec::new(), most) };
        for _ in 0..most {
            let Ok(worker) = workshop.start() else { break };
            workshop.crew().alive += 1;
            workshop.back(Some(worker));
        }
        let open = workshop.crew().alive > 0;
        open.then_some(workshop)
    }

    fn within(bounds: Bounds, folders: Vec<PathBuf>, most: usize) -> Workshop {
        let crew = Mutex::new(Crew { idle: Vec::new(), alive: 0, most });
        Workshop { bounds, folders, fonts: OnceLock::new(), crew, changed: Condvar::new() }
    }

    fn crew(&self) -> MutexGuard<'_, Crew> {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A child that has nothing to do, or a place for a new one; waits if there are enough.
    fn free(&self) -> Option<Worker> {
        let mut crew = self.crew();
        loop {
            if let Some(worker) = crew.idle.pop() {
                return Some(worker);
            }
            if crew.alive < crew.most {
                crew.alive += 1;
                return None;
            }
            crew = self.changed.wait(crew).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes back a child, or the place of one that has gone.
    fn back(&self, worker: Option<Worker>) {
        let mut crew = self.crew();
        match worker {
            Some(worker) => crew.idle.push(worker),
            None => crew.alive -= 1,
        }
        self.changed.notify_one();
    }

    fn start(&self) -> Result<Worker, Stopped> {
        let fonts = match self.fonts.get() {
            Some(fonts) => fonts,
            None => {
                let fonts = files::fonts(&self.folders)
                    .map_err(|failure| Stopped::Absent(failure.words(docx_fill::diag::Lang::Zh)))?;
                self.fonts.get_or_init(|| Arc::new(fonts))
            }
        };
        Worker::start(self.bounds, fonts.clone())
            .map_err(|error| Stopped::Absent(error.to_string()))
    }
}

/// What a document of the program's own templates may cost, wherever it is set.
fn own_bounds() -> Bounds {
    let asked = limits::asked();
    Bounds { seconds: asked.pdf_seconds, memory: asked.pdf_memory }
}

impl Sandbox for Workshop {
    fn set(&self, project: &Arc<ProjectFiles>, document: Document) -> Result<Setting, Stopped> {
        let worker = self.free().map_or_else(|| self.start(), Ok);
        let done = worker.and_then(|mut worker| Ok((worker.set(project, document)?, worker)));
        let (setting, worker) = match done {
            Ok((setting, worker)) => (Ok(setting), Some(worker)),
            Err(stopped) => (Err(stopped), None),
        };
        self.back(worker);
        setting
    }
}

/// What a child is to do: a document of the project with that number, which comes along if it is new.
struct Order {
    number: u8,
    project: Option<Arc<ProjectFiles>>,
    document: Document,
}

/// A child, and the thread that speaks with it.
struct Worker {
    bounds: Bounds,
    child: Child,
    orders: Option<Sender<Order>>,
    settings: Receiver<io::Result<Setting>>,
    last_words: Option<JoinHandle<Vec<u8>>>,
    known: Known,
}

/// The projects that a child has, by their numbers.
#[derive(Default)]
struct Known {
    projects: Vec<Arc<ProjectFiles>>,
    /// The number that is given away next when all are taken.
    oldest: usize,
}

impl Known {
    /// The number of a project, and whether the child does not have it yet.
    fn number(&mut self, project: &Arc<ProjectFiles>) -> (u8, bool) {
        // Every worker has read its templates for itself.
        let same = |known: &Arc<ProjectFiles>| Arc::ptr_eq(known, project) || known == project;
        let found = self.projects.iter().position(same);
        let number = found.unwrap_or_else(|| {
            if self.projects.len() < usize::from(MOST_PROJECTS) {
                self.projects.push(project.clone());
                return self.projects.len() - 1;
            }
            let number = self.oldest;
            self.projects[number] = project.clone();
            self.oldest = (number + 1) % self.projects.len();
            number
        });
        (u8::try_from(number).unwrap_or(MOST_PROJECTS), found.is_none())
    }
}

impl Worker {
    fn start(bounds: Bounds, fonts: Arc<Vec<FontFile>>) -> io::Result<Worker> {
        #[expect(clippy::disallowed_methods, reason = "the child is this program")]
        let program = std::env::current_exe()?;
        let mut child = Command::new(program)
            .args([WORD, &bounds.seconds.to_string(), &bounds.memory.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(mut stdout), Some(stderr)) = pipes else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let (orders, wanted) = channel::<Order>();
        let (done, settings) = channel();
        let last_words = std::thread::Builder::new().spawn(move || listen(stderr))?;
        let speak = move || {
            let mut to = BufWriter::with_capacity(1 << 16, stdin);
            // If that fails, the first order does, too.
            let _ = wire::send_fonts(&mut to, &fonts);
            drop(fonts);
            for Order { number, project, document } in wanted {
                let setting = (|| {
                    if let Some(project) = project {
                        wire::send_project(&mut to, number, &project)?;
                    }
                    wire::send_document(&mut to, number, &document)?;
                    wire::receive_setting(&mut stdout)
                })();
                if done.send(setting).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().spawn(speak)?;
        let (orders, last_words) = (Some(orders), Some(last_words));
        Ok(Worker { bounds, child, orders, settings, last_words, known: Known::default() })
    }

    #[expect(clippy::disallowed_methods, reason = "a limit of time, in no output")]
    fn set(&mut self, project: &Arc<ProjectFiles>, document: Document) -> Result<Setting, Stopped> {
        let (number, new) = self.known.number(project);
        let order = Order { number, project: new.then(|| project.clone()), document };
        let sent = self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok());
        if !sent {
            return Err(self.ended());
        }
        let (began, mut asked) = (Instant::now(), None);
        loop {
            match self.settings.recv_timeout(GLANCE) {
                Ok(Ok(setting)) => return Ok(setting),
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if began.elapsed() >= Duration::from_secs(self.bounds.seconds) {
                self.end();
                return Err(Stopped::Time(self.bounds.seconds));
            }
            let patient = |since: Instant| since.elapsed() < PATIENCE;
            if stop::asked() && !patient(*asked.get_or_insert_with(Instant::now)) {
                self.end();
                return Err(Stopped::Interrupted);
            }
        }
    }

    /// Why the child is gone.
    fn ended(&mut self) -> Stopped {
        // It has closed its end of the pipes and will not work any more, whatever it does now.
        let status = self.end();
        let words = self.last_words.take().and_then(|words| words.join().ok()).unwrap_or_default();
        let words = String::from_utf8_lossy(&words);
        let memory = words.contains("memory allocation of") || words.contains("capacity overflow");
        match status.and_then(|status| status.code()) {
            Some(child::TIME) => Stopped::Time(self.bounds.seconds),
            Some(child::MEMORY) => Stopped::Memory(self.bounds.memory),
            _ if memory => Stopped::Memory(self.bounds.memory),
            _ => Stopped::Crash,
        }
    }

    /// Ends the child. One that is ending by itself gets the time to say why.
    fn end(&mut self) -> Option<ExitStatus> {
        self.orders = None;
        for _ in 0..20 {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if self.last_words.as_ref().is_some_and(|w| !w.is_finished()) => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        let _ = self.child.kill();
        self.child.wait().ok()
    }
}

/// No child outlives the program's use for it.
impl Drop for Worker {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the child says at its end; a child that talks without end is heard, not kept.
fn listen(stderr: ChildStderr) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut stderr = stderr;
    let _ = stderr.by_ref().take(LAST_WORDS).read_to_end(&mut kept);
    let _ = io::copy(&mut stderr, &mut io::sink());
    kept
}
