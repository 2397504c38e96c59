//! A PostgreSQL server of this process's own.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Written in shell, so that it goes on when this process can't.
const SCRIPT: &str = include_str!("server.sh");

const MISSING: &str = "\
PostgreSQL is not installed, and this test runs on it.
  Debian, Ubuntu:  apt-get install postgresql
  macOS:           brew install postgresql
Only its programs are used: the test starts a server of its own and stops it.
GATEHOUSE_TEST_WITHOUT_POSTGRES=1 skips what needs it.";

static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());

/// A running server. Stopped when dropped.
pub(crate) struct Server {
    supervisor: Child,
    programs: Option<PathBuf>,
    folder: String,
    databases: AtomicU32,
}

impl Server {
    /// This process's server, started when there is none.
    pub(crate) fn shared() -> Result<Arc<Self>, String> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Ok(server);
        }
        let server = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&server);
        Ok(server)
    }

    fn start() -> Result<Self, String> {
        let programs = find_programs()?;
        let mut supervisor = as_server_user("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(programs.as_deref().unwrap_or(Path::new("")))
            .current_dir("/")
            // A group of its own: what ends the test process's group must leave it time to tidy up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("PostgreSQL can't be started: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = supervisor.stdout.take() {
            // An unreadable line is no "ready" line.
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        if let Some(folder) = line.trim().strip_prefix("ready ") {
            let folder = folder.to_owned();
            return Ok(Self { supervisor, programs, folder, databases: AtomicU32::new(0) });
        }
        let mut reason = String::new();
        if let Some(mut stderr) = supervisor.stderr.take() {
            let _ = stderr.read_to_string(&mut reason);
        }
        let _ = supervisor.wait();
        Err(format!("PostgreSQL didn't start:\n{reason}"))
    }

    /// An empty database; its address.
    pub(crate) fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let program = self.programs.as_deref().map_or(PathBuf::from("createdb"), |at| at.join("createdb"));
        let output = Command::new(program).args(["-h", &self.folder, "-U", "postgres", &name]).output();
        match output {
            Ok(output) if output.status.success() => {}
            Ok(output) => panic!("createdb: {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => panic!("createdb: {error}"),
        }
        format!("postgres:///{name}?host={}&user=postgres", self.folder)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // Until the folder is gone.
        let _ = self.supervisor.wait();
    }
}

/// Where the server's programs are; `None`: on PATH. Debian keeps all but a few off it.
fn find_programs() -> Result<Option<PathBuf>, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let complete = |folder: &Path| {
        ["initdb", "postgres", "psql", "createdb"].iter().all(|program| folder.join(program).is_file())
    };
    if std::env::split_paths(&path).any(|folder| complete(&folder)) {
        return Ok(None);
    }
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| complete(folder))
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| Some(folder)).ok_or_else(|| MISSING.to_owned())
}

/// PostgreSQL refuses to run as root; its packages come with a user for it.
fn as_server_user(program: &str) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--", program]);
    command
}
