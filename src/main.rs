//! The program: see [`switchroom::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    switchroom::cli::main()
}
