//! The program with a database of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Caller, Failure};

/// The program under test, as `cargo bench` builds it: with the profile of a release.
const PROGRAM: &str = env!("CARGO_BIN_EXE_switchroom");
/// A start may take this long before the benchmark gives up.
const START_MAX: Duration = Duration::from_secs(30);

/// A folder with a migrated database of sample data.
pub struct Site {
    folder: TempDir,
    /// A database elsewhere than in the folder.
    url: Option<String>,
    /// An address to sign in with.
    pub email: String,
    /// The password of all sample people.
    pub password: String,
}

impl Site {
    /// Loads sample data.
    pub fn with_sample(apps: usize, days: usize) -> Result<Self, Failure> {
        Self::with_sample_at(None, apps, days)
    }

    /// The same in a database elsewhere, when one is given.
    pub fn with_sample_at(url: Option<String>, apps: usize, days: usize) -> Result<Self, Failure> {
        let folder = TempDir::new()?;
        let mut site = Self { folder, url, email: String::new(), password: String::new() };
        let (apps, days) = (apps.to_string(), days.to_string());
        let done = site.program(&["demo", "load", "--apps", &apps, "--days", &days]).output()?;
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
        }
        for line in String::from_utf8(done.stdout)?.lines() {
            match line.split_once(": ") {
                Some(("e-mail", text)) => text.clone_into(&mut site.email),
                Some(("password", text)) => text.clone_into(&mut site.password),
                _ => {}
            }
        }
        Ok(site)
    }

    /// The path of a file beside the database.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// The database's file.
    pub fn database(&self) -> String {
        self.path("switchroom.db")
    }

    /// Where the database is, as settings have it.
    pub fn database_url(&self) -> String {
        self.url.clone().unwrap_or_else(|| format!("sqlite:{}", self.database()))
    }

    /// The program with this site's settings and no others.
    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .env_clear()
            .env("SWITCHROOM_DATABASE_URL", self.database_url())
            .env("SWITCHROOM_MASTER_KEY_PATH", self.path("master.key"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end; answers what it prints, and the seconds that it took.
    pub fn run(&self, arguments: &[&str]) -> Result<(String, f64), Failure> {
        let began = Instant::now();
        let done = self.program(arguments).output()?;
        let took = began.elapsed().as_secs_f64();
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
        }
        Ok((String::from_utf8(done.stdout)?, took))
    }

    /// Starts the console.
    pub fn serve(&self) -> Result<Server, Failure> {
        self.serve_with(&[])
    }

    /// Starts the console with further settings, by their variables.
    pub fn serve_with(&self, settings: &[(&str, &str)]) -> Result<Server, Failure> {
        let port = free_port()?;
        let listen = format!("127.0.0.1:{port}");
        let began = Instant::now();
        let child = self
            .program(&["serve", "--listen", &listen])
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Server::wait(child, port, began)
    }
}

fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A server in a process of its own; ends with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub port: u16,
    /// From its start to its first answer.
    pub started_in: Duration,
}

impl Server {
    /// Starts this benchmark's own program again, as the reference.
    pub fn reference(database: &str) -> Result<Self, Failure> {
        let port = free_port()?;
        let began = Instant::now();
        let child = Command::new(std::env::current_exe()?)
            .args(["reference", database, &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        Self::wait(child, port, began)
    }

    /// Waits for the first answer, whatever it says.
    fn wait(child: Child, port: u16, began: Instant) -> Result<Self, Failure> {
        let mut server = Self { child, port, started_in: Duration::ZERO };
        loop {
            let answer = Caller::new(port)
                .and_then(|mut caller| caller.ask(b"GET /sign-in HTTP/1.1\r\nhost: a\r\n\r\n"));
            server.started_in = began.elapsed();
            if answer.is_ok() {
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("a server ended at its start: {status}").into());
            }
            if server.started_in > START_MAX {
                return Err("a server does not answer".into());
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to do for a process that has gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
