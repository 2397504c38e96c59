//! Databases for tests: an empty SQLite file, or an empty database in a PostgreSQL server that the test process
//! starts for itself. A development dependency only.
//!
//! The server listens on a socket in a temporary folder. It is started by the first test that asks and stopped with the
//! last [`Database`] of the process; should the process be killed, its end of a pipe closes and the server stops
//! by itself. Nothing is left running, and nothing is shared with a server that is there already.
//!
//! PostgreSQL that isn't installed fails the test with a message. `GATEHOUSE_TEST_WITHOUT_POSTGRES=1` skips, loudly.
#![expect(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::print_stderr,
    reason = "test support: what is missing ends the test, with the reason"
)]

mod postgres;

use postgres::Server;
use std::sync::Arc;
use tempfile::TempDir;

/// Set to `1` where PostgreSQL can't be installed.
pub const WITHOUT_POSTGRES: &str = "GATEHOUSE_TEST_WITHOUT_POSTGRES";

/// An empty database, gone when dropped.
pub struct Database {
    url: String,
    _keep: Keep,
}

enum Keep {
    Folder {
        #[expect(dead_code, reason = "removes the folder when dropped")]
        folder: TempDir,
    },
    Server {
        #[expect(dead_code, reason = "stops the server when the last one is dropped")]
        server: Arc<Server>,
    },
}

impl Database {
    /// A SQLite file that isn't there yet.
    pub fn sqlite() -> Self {
        let folder = match tempfile::Builder::new().prefix("gatehouse-test-").tempdir() {
            Ok(folder) => folder,
            Err(error) => panic!("no temporary folder: {error}"),
        };
        let url = format!("sqlite://{}/data/gatehouse.db?mode=rwc", folder.path().display());
        Self { url, _keep: Keep::Folder { folder } }
    }

    /// An empty PostgreSQL database; `None` only where the environment says to do without.
    pub fn postgres() -> Option<Self> {
        if std::env::var_os(WITHOUT_POSTGRES).is_some_and(|value| value == "1") {
            eprintln!("SKIPPED on PostgreSQL: {WITHOUT_POSTGRES}=1");
            return None;
        }
        let server = match Server::shared() {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        };
        let url = server.create_database();
        Some(Self { url, _keep: Keep::Server { server } })
    }

    /// Its address, as the configuration takes it.
    pub fn url(&self) -> &str {
        &self.url
    }
}
