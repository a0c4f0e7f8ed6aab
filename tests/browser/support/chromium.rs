//! The one Chromium of this process: found, started by the first test that asks, and gone with the
//! process.
//!
//! A shell lies between so that the two pipes become the file descriptors 3 and 4, where Chromium
//! looks for them. Chromium ends by itself when the first of them does, however this process goes,
//! and then the shell removes the profile.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};

use super::pipe::Pipe;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const INSTALL: &str = "install Debian's package `chromium`, or name the program in \
                       SWITCHROOM_TEST_CHROMIUM";

/// The Chromium of this process. `None` where there is none, said once on stderr, unless
/// `SWITCHROOM_TEST_REQUIRE` contains `browser`: then that is a failure.
pub fn shared() -> Option<&'static Chromium> {
    static SHARED: OnceLock<Option<Chromium>> = OnceLock::new();
    SHARED.get_or_init(Chromium::find_and_start).as_ref()
}

pub struct Chromium {
    pub pipe: Arc<Pipe>,
    /// Removed after the end of this process, with all that is put into it.
    pub folder: PathBuf,
    /// Its parent, which outlives this process by the moment that cleaning up takes.
    _shell: Child,
}

const RUN: &str = r#"
folder=$0
"$@" 3<&0 4>&1 </dev/null >"$folder/log" 2>&1 || tail -n 5 "$folder/log" >&2
cd /
rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
"#;

const FLAGS: [&str; 15] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    // The pages of other tests lie on top, and a page out of sight is drawn seldom.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    // A page that reaches for another host fails at once and is seen to.
    // The one name that is known is no secure context, as most consoles on plain HTTP are.
    "--host-resolver-rules=MAP switchroom.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, \
     EXCLUDE 127.0.0.1, EXCLUDE [::1]",
    "--hide-scrollbars",
];

impl Chromium {
    fn find_and_start() -> Option<Self> {
        let Some(program) = find() else {
            assert!(!is_required(), "a browser is required and not here: {INSTALL}");
            eprintln!("SKIPPED: every journey in a browser, which is not here; {INSTALL}");
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("switchroom-chromium-")
            .tempdir()
            .unwrap_or_else(|problem| panic!("a temporary folder: {problem}"))
            .keep();
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", RUN]).arg(&folder).arg(&program).args(FLAGS);
        if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
            // Chromium's sandbox refuses root, whom a container often has for its only user.
            shell.arg("--no-sandbox");
        }
        let mut profile = std::ffi::OsString::from("--user-data-dir=");
        profile.push(folder.join("profile"));
        // A group of its own: Ctrl-C would end the shell before it has cleaned up.
        shell.arg(profile).arg("about:blank").process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = shell.spawn().unwrap_or_else(|problem| panic!("sh: {problem}"));
        let (Some(to), Some(from)) = (shell.stdin.take(), shell.stdout.take()) else {
            panic!("sh: started without the pipes that were asked for");
        };
        Some(Self { pipe: Pipe::new(to, from), folder, _shell: shell })
    }
}

fn find() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("SWITCHROOM_TEST_CHROMIUM") {
        return Some(program.into());
    }
    let path = std::env::var_os("PATH")?;
    let mut folders = std::env::split_paths(&path);
    folders.find_map(|folder| NAMES.map(|name| folder.join(name)).into_iter().find(|p| p.is_file()))
}

fn is_required() -> bool {
    let list = std::env::var_os("SWITCHROOM_TEST_REQUIRE").unwrap_or_default();
    list.to_string_lossy().split(',').any(|part| part.trim() == "browser")
}
