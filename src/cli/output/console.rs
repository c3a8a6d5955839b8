//! Owns the terminal: the only place that writes to the standard output and the standard error.
//! Control sequences in quoted files or names never reach it.
//! Must not know the content of the messages.

#![expect(clippy::disallowed_methods, reason = "all printing goes through these functions")]

use docx_fill::diag::show_hidden_lines;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{IsTerminal as _, Write as _};

/// Control sequence that clears the cursor's line.
const CLEAR_LINE: &[u8] = b"\r\x1b[2K";
/// Control sequence that clears the screen.
const CLEAR_ALL: &[u8] = b"\x1b[2J\x1b[H";

/// Prints a text to the standard output, ignoring a closed pipe. Documents that must be exact
/// escape invisible characters before, in their own syntax.
pub(crate) fn print_stdout(text: &str) {
    write_stdout(show_hidden_lines(text).as_bytes());
}

/// Writes a document to the standard output, byte for byte.
pub(crate) fn write_document(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Prints a text to the standard error.
pub(crate) fn print_stderr(text: &str) {
    write_stderr(show_hidden_lines(text).as_bytes());
}

/// Clears the last line of the terminal.
pub(crate) fn clear_line() {
    write_stderr(CLEAR_LINE);
}

/// Replaces the last line of the terminal.
pub(crate) fn redraw_line(line: &str) {
    write_stderr(&[CLEAR_LINE, show_hidden_lines(line).as_bytes()].concat());
}

/// Clears the screen.
pub(crate) fn clear_screen() {
    if is_stdout_terminal() {
        write_stdout(CLEAR_ALL);
    }
}

/// Checks whether the standard output is a terminal.
pub(crate) fn is_stdout_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Checks whether the standard error is a terminal.
pub(crate) fn is_stderr_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Prints the message of a panic like any other text, because it may quote the text that caused it.
pub(crate) fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let name = std::thread::current().name().unwrap_or("<unnamed>").to_owned();
        print_stderr(&format!("\nthread '{name}' {panic}\n"));
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            print_stderr(&format!("{trace}\n"));
        }
    }));
}

fn write_stdout(bytes: &[u8]) {
    let _ = std::io::stdout().lock().write_all(bytes);
}

fn write_stderr(bytes: &[u8]) {
    let _ = std::io::stderr().lock().write_all(bytes);
}
