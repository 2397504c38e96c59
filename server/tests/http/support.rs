//! A Gatehouse in a temporary folder: its configuration, its database, its log, and the process that serves it.

use crate::client::{Ask, Reply};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The configured bearer of the Admin API.
pub(crate) const MASTER: &str = "canary-master-5b1e0c7d9a24f683";
/// The configured first admin.
pub(crate) const ADMIN: &str = "admin@example.com";
/// The password of every account in these tests.
pub(crate) const PASSWORD: &str = "canary password 48c1f07e";
/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with a configuration and a database, whether a server runs on it or not.
pub(crate) struct Place {
    folder: TempDir,
    variables: Vec<(String, String)>,
    starts: AtomicU32,
}

impl Place {
    /// With the admin of the configuration.
    pub(crate) fn new() -> Self {
        Self::first_run()
            .with("GATEHOUSE__IDENTITY__ADMIN_EMAIL", ADMIN)
            .with("GATEHOUSE__IDENTITY__ADMIN_PASSWORD", PASSWORD)
    }

    /// Without any account: the start prints a set-up link.
    pub(crate) fn first_run() -> Self {
        let folder = tempfile::Builder::new().prefix("gatehouse-http-").tempdir().unwrap();
        let place = Self { folder, variables: Vec::new(), starts: AtomicU32::new(0) };
        place
            .with("GATEHOUSE__SERVER__LISTEN", "127.0.0.1:0")
            .with("GATEHOUSE__SERVER__THREADS", "2")
            .with("GATEHOUSE__MASTER_KEY", MASTER)
            .with("GATEHOUSE__LOG__LEVEL", "trace")
    }

    /// With this environment variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without this environment variable.
    pub(crate) fn without(&mut self, name: &str) {
        self.variables.retain(|(known, _)| known != name);
    }

    /// With this `gatehouse.yaml`.
    pub(crate) fn configured(self, yaml: &str) -> Self {
        fs::write(self.folder.path().join("gatehouse.yaml"), yaml).unwrap();
        self
    }

    /// Where a file of this place is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end, with `input` on its standard input.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Output {
        self.pipe(arguments, input.as_bytes())
    }

    /// The same, with bytes.
    pub(crate) fn pipe(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that refuses may not read to the end.
        drop(child.stdin.take().unwrap().write_all(input));
        child.wait_with_output().unwrap()
    }

    /// Runs a command that must do well; its standard output without the spaces at its ends.
    pub(crate) fn run_well(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Makes an account with [`PASSWORD`].
    pub(crate) fn user(&self, email: &str, role: &str) -> String {
        let made = self.run_well(&["user", "create", "--email", email, "--role", role], PASSWORD);
        made.split(' ').nth(1).unwrap().to_owned()
    }

    /// Starts the server and waits until it says that it serves.
    pub(crate) async fn serve(&self) -> Server {
        let start = self.starts.fetch_add(1, Ordering::Relaxed);
        let out = self.path(&format!("out-{start}.txt"));
        let log = File::options().create(true).append(true).open(self.path("log.txt")).unwrap();
        let mut command = self.command(&["serve"]);
        command.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(log);
        let mut child = command.spawn().unwrap();
        let said = eventually("the server serves", async || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the server ended with {status}: {}", self.log());
            }
            fs::read_to_string(&out).ok().filter(|said| said.contains("Gatehouse is serving at "))
        })
        .await;
        let after = |mark: &str| {
            let rest = said.split_once(mark)?.1;
            rest.split([' ', '\n', ')']).next().map(ToOwned::to_owned)
        };
        let origin = after("Gatehouse is serving at ").unwrap();
        let port = after("(listening on ").unwrap().rsplit(':').next().unwrap().parse().unwrap();
        let client =
            Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Server { child, origin, port, setup_token: after("/setup?token="), client }
    }

    /// Everything that servers on this place have logged so far.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.path("log.txt")).unwrap_or_default()).into_owned()
    }

    /// The first column of a query on the database, read beside whoever uses it.
    pub(crate) async fn column<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + Unpin,
    {
        let options = SqliteConnectOptions::new().filename(self.path("data/gatehouse.db"));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let rows = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
        pool.close().await;
        rows
    }

    /// Changes a row as no operation of this release can.
    pub(crate) async fn change(&self, sql: &'static str) {
        let options = SqliteConnectOptions::new().filename(self.path("data/gatehouse.db"));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        assert_eq!(sqlx::query(sql).execute(&pool).await.unwrap().rows_affected(), 1);
        pool.close().await;
    }

    /// How many keys, tenants, users, audit rows, secrets, providers, models and access rules there are.
    pub(crate) async fn counts(&self) -> Vec<i64> {
        self.column(
            "SELECT COUNT(*) FROM api_keys UNION ALL SELECT COUNT(*) FROM tenants \
             UNION ALL SELECT COUNT(*) FROM users UNION ALL SELECT COUNT(*) FROM audit_log \
             UNION ALL SELECT COUNT(*) FROM key_secrets UNION ALL SELECT COUNT(*) FROM providers \
             UNION ALL SELECT COUNT(*) FROM models UNION ALL SELECT COUNT(*) FROM access_rules",
        )
        .await
    }
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// The address that people use, and the origin of our own pages.
    pub(crate) origin: String,
    pub(crate) port: u16,
    /// From the set-up link, if one was printed.
    pub(crate) setup_token: Option<String>,
    client: Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://127.0.0.1:{}{path}", self.port))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    pub(crate) fn patch(&self, path: &str) -> RequestBuilder {
        self.request(Method::PATCH, path)
    }

    pub(crate) fn delete(&self, path: &str) -> RequestBuilder {
        self.request(Method::DELETE, path)
    }

    /// A call of a server function as our own pages make it.
    pub(crate) fn call(&self, endpoint: &str, arguments: &Value) -> RequestBuilder {
        self.post(&format!("/api/{endpoint}")).header("origin", &self.origin).json(arguments)
    }

    /// A form as our own pages send it.
    pub(crate) fn form(&self, endpoint: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.post(&format!("/api/{endpoint}"))
            .header("origin", &self.origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    }

    /// Signs in; the cookie as a browser would send it.
    pub(crate) async fn sign_in(&self, email: &str) -> String {
        let fields = [("email", email), ("password", PASSWORD), ("next", "")];
        let reply = self.form("session/sign-in", &fields).ask().await;
        assert!(reply.text.contains("\"Ok\""), "{} {}", reply.status, reply.text);
        reply.session().unwrap()
    }

    /// Makes something by the Admin API: what was answered.
    pub(crate) async fn make(&self, path: &str, fields: Value) -> Value {
        let reply = self.post(&format!("/admin/api/v1{path}")).master().json(&fields).ask().await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json()
    }

    /// Issues a key by the Admin API: the record with its secret.
    pub(crate) async fn key(&self, fields: Value) -> Value {
        self.make("/auth-keys", fields).await
    }

    /// Issues a key that may do everything; its id and its secret.
    pub(crate) async fn plain_key(&self, name: &str) -> (String, String) {
        let key = self.key(json!({ "name": name })).await;
        (text(&key["id"]), text(&key["secret"]))
    }

    /// A chat completion with the model `echo`.
    pub(crate) fn chat(&self, secret: &str, content: &str, stream: bool) -> RequestBuilder {
        let body = json!({
            "model": "echo", "stream": stream, "messages": [{ "role": "user", "content": content }],
        });
        self.post("/v1/chat/completions").bearer_auth(secret).json(&body)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process without a word to it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to end.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits until the process has ended by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        eventually("the server ends", async || self.child.try_wait().unwrap()).await
    }

    /// The revocation of a key by the Admin API.
    pub(crate) async fn revoke(&self, id: &str, reason: &str) -> Reply {
        let path = format!("/admin/api/v1/auth-keys/{id}");
        self.delete(&path).master().json(&json!({ "reason": reason })).ask().await
    }
}

/// The text in a JSON value.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Looks again and again until there is something; fails the test when that takes too long.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether proofs run at full size and measure: `make prove`.
pub(crate) fn proving() -> bool {
    std::env::var_os("GATEHOUSE_PROVE").is_some()
}

/// A port that nobody uses at this moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
