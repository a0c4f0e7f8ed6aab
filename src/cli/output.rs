//! What commands print. Whoever has closed our output wants no more of it, which is no failure.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

/// Prints a line to standard output, as `println!` does, and answers instead of panicking.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::cli::output::line(format_args!($($words)*))
    };
}

/// Prints a line to standard error. When even that fails there is nobody left to tell.
macro_rules! complain {
    ($($words:tt)*) => {
        $crate::cli::output::complaint(format_args!($($words)*))
    };
}

pub(super) use {complain, say};

/// See [`say`].
///
/// # Errors
/// An output that cannot be written, such as a file on a full disk.
pub(super) fn line(words: Arguments<'_>) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{words}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// See [`complain`].
pub(super) fn complaint(words: Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}
