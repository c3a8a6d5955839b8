//! Owns the sandbox: foreign Typst templates, and those of many reports, are typeset in child
//! processes of this program, which are killed if they take too long, and then started anew.
//! Must not know what is typeset.

mod child;
mod wire;

use crate::cli::fs::file_reader::FileReader;
use crate::cli::interrupt;
use child::ChildLimits;
use nianbao::limits::Limits;
use nianbao::render::fonts::FontFile;
use nianbao::render::sandbox::{ProjectFiles, Sandbox, SandboxError, TypesetJob, TypesetOutput};
use std::ffi::OsString;
use std::io::{self, BufWriter, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// First argument of a child; it is not a command and has no help, as nobody types it.
const CHILD_ARGUMENT: &str = "typst-child";
/// Maximum number of projects that a child keeps: editions and letterheads.
const MAX_PROJECTS: u8 = 8;
/// Interval at which the time limit of a document is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Time that a document may still take after an interruption.
const INTERRUPT_GRACE: Duration = Duration::from_secs(2);
/// Maximum number of bytes kept of a child's standard error.
const MAX_STDERR_BYTES: u64 = 16 << 10;

/// Runs as a child if the arguments say so.
pub(crate) fn run_if_child(args: &[OsString]) -> Option<ExitCode> {
    let [_, word, seconds, memory] = args else { return None };
    if word.to_str() != Some(CHILD_ARGUMENT) {
        return None;
    }
    let number = |word: &OsString| word.to_str()?.parse().ok();
    Some(child::run_child(ChildLimits { seconds: number(seconds)?, megabytes: number(memory)? }))
}

/// A pool of child processes. Each typesets one document at a time; they are started on demand, up
/// to a maximum.
pub(crate) struct ProcessPool {
    limits: ChildLimits,
    /// The limits for font files.
    run_limits: Limits,
    font_dirs: Vec<PathBuf>,
    /// Fonts, read once.
    fonts: OnceLock<Arc<Vec<FontFile>>>,
    children: Mutex<PooledChildren>,
    /// Notified when a child becomes idle or has gone.
    changed: Condvar,
}

struct PooledChildren {
    idle: Vec<ChildProcess>,
    /// Number of children that are idle or at work.
    alive: usize,
    max: usize,
}

impl ProcessPool {
    /// Creates one for foreign templates, with the fonts of these folders. No child starts before there is a document
    /// for it.
    pub(crate) fn new(limits: &Limits, folders: Vec<PathBuf>) -> ProcessPool {
        let bounds = ChildLimits { seconds: limits.typst_seconds, megabytes: limits.typst_memory };
        ProcessPool { font_dirs: folders, ..ProcessPool::with_limits(bounds, limits, usize::MAX) }
    }

    /// Creates one for large documents of the program's own templates, with the fonts of these folders. No child
    /// starts before there is one.
    pub(crate) fn for_large_documents(limits: &Limits, folders: Vec<PathBuf>) -> ProcessPool {
        let bounds = own_template_limits(limits);
        ProcessPool { font_dirs: folders, ..ProcessPool::with_limits(bounds, limits, usize::MAX) }
    }

    /// Creates one for the program's own templates. All children start at once, with these fonts: while they read
    /// them, the program reads its own files. None if there is no child to be had.
    pub(crate) fn start_all(
        limits: &Limits,
        fonts: Vec<FontFile>,
        most: usize,
    ) -> Option<ProcessPool> {
        let fonts = OnceLock::from(Arc::new(fonts));
        let workshop = ProcessPool {
            fonts,
            ..ProcessPool::with_limits(own_template_limits(limits), limits, most)
        };
        for _ in 0..most {
            let Ok(worker) = workshop.start_child() else { break };
            workshop.lock_children().alive += 1;
            workshop.give_back(Some(worker));
        }
        let open = workshop.lock_children().alive > 0;
        open.then_some(workshop)
    }

    fn with_limits(limits: ChildLimits, run_limits: &Limits, most: usize) -> ProcessPool {
        let children = Mutex::new(PooledChildren { idle: Vec::new(), alive: 0, max: most });
        ProcessPool {
            limits,
            run_limits: *run_limits,
            font_dirs: Vec::new(),
            fonts: OnceLock::new(),
            children,
            changed: Condvar::new(),
        }
    }

    fn lock_children(&self) -> MutexGuard<'_, PooledChildren> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns an idle child, or `None` for a new one; waits if the maximum number is at work.
    fn take_idle(&self) -> Option<ChildProcess> {
        let mut crew = self.lock_children();
        loop {
            if let Some(worker) = crew.idle.pop() {
                return Some(worker);
            }
            if crew.alive < crew.max {
                crew.alive += 1;
                return None;
            }
            crew = self.changed.wait(crew).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts a child back into the pool, or frees the place of one that has gone.
    fn give_back(&self, worker: Option<ChildProcess>) {
        let mut crew = self.lock_children();
        match worker {
            Some(worker) => crew.idle.push(worker),
            None => crew.alive -= 1,
        }
        self.changed.notify_one();
    }

    fn start_child(&self) -> Result<ChildProcess, SandboxError> {
        let fonts = match self.fonts.get() {
            Some(fonts) => fonts,
            None => {
                let files = FileReader::new(&self.run_limits);
                let fonts = files
                    .read_fonts(&self.font_dirs)
                    .map_err(|failure| SandboxError::Unavailable(failure.to_message().into()))?;
                self.fonts.get_or_init(|| Arc::new(fonts))
            }
        };
        ChildProcess::spawn(self.limits, fonts.clone())
            .map_err(|error| SandboxError::Unavailable(error.to_string().into()))
    }
}

/// Returns the limits of a document from the program's own templates, wherever it is set.
fn own_template_limits(limits: &Limits) -> ChildLimits {
    ChildLimits { seconds: limits.pdf_seconds, megabytes: limits.pdf_memory }
}

impl Sandbox for ProcessPool {
    fn typeset(
        &self,
        project: &Arc<ProjectFiles>,
        document: TypesetJob,
    ) -> Result<TypesetOutput, SandboxError> {
        let worker = self.take_idle().map_or_else(|| self.start_child(), Ok);
        let done =
            worker.and_then(|mut worker| Ok((worker.typeset_document(project, document)?, worker)));
        let (setting, worker) = match done {
            Ok((setting, worker)) => (Ok(setting), Some(worker)),
            Err(stopped) => (Err(stopped), None),
        };
        self.give_back(worker);
        setting
    }
}

/// A task for a child: a document of the project with this number, with the project itself if the
/// child lacks it.
struct ChildTask {
    number: u8,
    project: Option<Arc<ProjectFiles>>,
    document: TypesetJob,
}

/// A child process, and the thread that communicates with it.
struct ChildProcess {
    limits: ChildLimits,
    child: Child,
    tasks: Option<Sender<ChildTask>>,
    results: Receiver<io::Result<TypesetOutput>>,
    stderr_reader: Option<JoinHandle<Vec<u8>>>,
    projects: ProjectNumbers,
}

/// The projects that a child has, by their numbers.
#[derive(Default)]
struct ProjectNumbers {
    projects: Vec<Arc<ProjectFiles>>,
    /// Number of the project that is replaced next, once all are in use.
    next_replaced: usize,
}

impl ProjectNumbers {
    /// Returns the number of a project, and whether the child has yet to receive it.
    fn number_of(&mut self, project: &Arc<ProjectFiles>) -> (u8, bool) {
        // Every worker has read its own copy of the templates.
        let same = |known: &Arc<ProjectFiles>| Arc::ptr_eq(known, project) || known == project;
        let found = self.projects.iter().position(same);
        let number = found.unwrap_or_else(|| {
            if self.projects.len() < usize::from(MAX_PROJECTS) {
                self.projects.push(project.clone());
                return self.projects.len() - 1;
            }
            let number = self.next_replaced;
            self.projects[number] = project.clone();
            self.next_replaced = (number + 1) % self.projects.len();
            number
        });
        (u8::try_from(number).unwrap_or(MAX_PROJECTS), found.is_none())
    }
}

impl ChildProcess {
    fn spawn(bounds: ChildLimits, fonts: Arc<Vec<FontFile>>) -> io::Result<ChildProcess> {
        #[expect(clippy::disallowed_methods, reason = "the child is this program")]
        let program = std::env::current_exe()?;
        let mut child = Command::new(program)
            .args([CHILD_ARGUMENT, &bounds.seconds.to_string(), &bounds.megabytes.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(mut stdout), Some(stderr)) = pipes else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let (orders, wanted) = channel::<ChildTask>();
        let (done, settings) = channel();
        let last_words = std::thread::Builder::new().spawn(move || read_stderr(stderr))?;
        let speak = move || {
            let mut to = BufWriter::with_capacity(1 << 16, stdin);
            // If this fails, the first request does, too.
            let _ = wire::send_fonts(&mut to, &fonts);
            drop(fonts);
            for ChildTask { number, project, document } in wanted {
                let setting = (|| {
                    if let Some(project) = project {
                        wire::send_project(&mut to, number, &project)?;
                    }
                    wire::send_document(&mut to, number, &document)?;
                    wire::receive_response(&mut stdout)
                })();
                if done.send(setting).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().spawn(speak)?;
        let (orders, last_words) = (Some(orders), Some(last_words));
        Ok(ChildProcess {
            limits: bounds,
            child,
            tasks: orders,
            results: settings,
            stderr_reader: last_words,
            projects: ProjectNumbers::default(),
        })
    }

    #[expect(clippy::disallowed_methods, reason = "a limit of time, in no output")]
    fn typeset_document(
        &mut self,
        project: &Arc<ProjectFiles>,
        document: TypesetJob,
    ) -> Result<TypesetOutput, SandboxError> {
        let (number, new) = self.projects.number_of(project);
        let order = ChildTask { number, project: new.then(|| project.clone()), document };
        let sent = self.tasks.as_ref().is_some_and(|orders| orders.send(order).is_ok());
        if !sent {
            return Err(self.stop_reason());
        }
        let (began, mut asked) = (Instant::now(), None);
        loop {
            match self.results.recv_timeout(POLL_INTERVAL) {
                Ok(Ok(setting)) => return Ok(setting),
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(self.stop_reason()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if began.elapsed() >= Duration::from_secs(self.limits.seconds) {
                self.terminate();
                return Err(SandboxError::TimedOut(self.limits.seconds));
            }
            let patient = |since: Instant| since.elapsed() < INTERRUPT_GRACE;
            if interrupt::is_requested() && !patient(*asked.get_or_insert_with(Instant::now)) {
                self.terminate();
                return Err(SandboxError::Interrupted);
            }
        }
    }

    /// Returns the reason for which the child has gone.
    fn stop_reason(&mut self) -> SandboxError {
        // It has closed its end of the pipes and will not answer any more.
        let status = self.terminate();
        let words =
            self.stderr_reader.take().and_then(|words| words.join().ok()).unwrap_or_default();
        let words = String::from_utf8_lossy(&words);
        let memory = words.contains("memory allocation of") || words.contains("capacity overflow");
        match status.and_then(|status| status.code()) {
            Some(child::TIME_EXIT_CODE) => SandboxError::TimedOut(self.limits.seconds),
            Some(child::MEMORY_EXIT_CODE) => SandboxError::OutOfMemory(self.limits.megabytes),
            _ if memory => SandboxError::OutOfMemory(self.limits.megabytes),
            _ => SandboxError::Crashed,
        }
    }

    /// Ends the child, giving one that is exiting the time to report the reason.
    fn terminate(&mut self) -> Option<ExitStatus> {
        self.tasks = None;
        for _ in 0..20 {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if self.stderr_reader.as_ref().is_some_and(|w| !w.is_finished()) => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        let _ = self.child.kill();
        self.child.wait().ok()
    }
}

/// A child does not outlive its pool.
impl Drop for ChildProcess {
    fn drop(&mut self) {
        self.tasks = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the child's standard error to its end, keeping a limited number of bytes.
fn read_stderr(stderr: ChildStderr) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut stderr = stderr;
    let _ = stderr.by_ref().take(MAX_STDERR_BYTES).read_to_end(&mut kept);
    let _ = io::copy(&mut stderr, &mut io::sink());
    kept
}
