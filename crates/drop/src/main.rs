//! 年报.exe: hands what is dropped on it to nianbao.exe beside it, without a console window.
//! Must not read what is dropped. What goes wrong is told by a page, since nobody sees a terminal.

#![cfg_attr(windows, windows_subsystem = "windows")]

mod page;
mod program;

use program::{LaunchError, MainProgram};
use std::process::ExitCode;

fn main() -> ExitCode {
    let dropped: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    let done = MainProgram::find_beside().and_then(|program| program.run(&dropped));
    match done {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            page::show_error(&problem);
            ExitCode::from(LaunchError::EXIT_CODE)
        }
    }
}
