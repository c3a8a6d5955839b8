//! The program `nianbao`: hands its arguments to the command line and returns its exit code.
//! Must not do anything else.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    cli::run(&args)
}
