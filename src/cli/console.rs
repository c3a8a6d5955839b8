//! Owns the terminal: the only place that writes to the standard output and to the standard error. What is said
//! there holds no order to the terminal but the program's own, whatever file or name it quotes.
//! Must not know what is said.

#![expect(clippy::disallowed_methods, reason = "all printing goes through these functions")]

use docx_fill::diag::show_hidden_lines;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{IsTerminal as _, Write as _};

/// What takes away the line that the cursor stands in.
const CLEAR_LINE: &[u8] = b"\r\x1b[2K";
/// What takes away everything that is to be seen.
const CLEAR_ALL: &[u8] = b"\x1b[2J\x1b[H";

/// Says a text on the standard output; a reader that has gone away is no error. A document that has to be exact
/// escapes what is not to be seen before, in its own syntax.
pub(crate) fn print_stdout(text: &str) {
    write_stdout(show_hidden_lines(text).as_bytes());
}

/// Says a text on the standard error.
pub(crate) fn print_stderr(text: &str) {
    write_stderr(show_hidden_lines(text).as_bytes());
}

/// Takes away the line at the foot of the terminal.
pub(crate) fn clear_line() {
    write_stderr(CLEAR_LINE);
}

/// Puts a line in the place of the one at the foot of the terminal.
pub(crate) fn redraw_line(line: &str) {
    write_stderr(&[CLEAR_LINE, show_hidden_lines(line).as_bytes()].concat());
}

/// Takes away what a person has seen so far.
pub(crate) fn clear_screen() {
    if is_stdout_terminal() {
        write_stdout(CLEAR_ALL);
    }
}

/// Checks whether a person sees the standard output.
pub(crate) fn is_stdout_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Checks whether a person sees the standard error.
pub(crate) fn is_stderr_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Has the words of a panic said like everything else: they may quote the text at which the program broke.
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
