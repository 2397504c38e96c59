//! Calls and answers: what the tests say about HTTP, in few words.

use crate::support::{MASTER, Server};
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The name of the session's cookie.
pub(crate) const COOKIE: &str = "__Host-gatehouse";

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = String::from_utf8(response.bytes().await.unwrap().into()).unwrap();
        Self { status, headers, text }
    }

    /// A header's value; empty when it isn't there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.text) {
            Ok(value) => value,
            Err(error) => panic!("{error}: {} {:?}", self.status, self.text),
        }
    }

    /// Asserts that this is the problem with this status and code, as RFC 9457 wants it; its body.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let body = self.json();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status, "{body}");
        assert!(body["title"].is_string(), "{body}");
        body
    }

    /// The names of the fields that a refusal is about.
    #[track_caller]
    pub(crate) fn wrong_fields(&self) -> Vec<String> {
        let body = self.problem(422, "validation_failed");
        let errors = body["errors"].as_array().unwrap();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }

    /// The error of the data path, in OpenAI's shape; its message.
    #[track_caller]
    pub(crate) fn refusal(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        let error = &self.json()["error"];
        assert_eq!(error["code"], code, "{error}");
        assert!(error["type"].is_string(), "{error}");
        assert_eq!(self.header("cache-control"), "no-store");
        error["message"].as_str().unwrap().to_owned()
    }

    /// What a server function has against its caller, whether it came as a failed call or as a form's answer.
    #[track_caller]
    pub(crate) fn answered_problem(&self) -> Value {
        let body = self.json();
        if self.status == 200 { body["Err"].clone() } else { body }
    }

    /// The session's cookie that this answer sets, as a browser would send it back.
    pub(crate) fn session(&self) -> Option<String> {
        let line = self.set_cookie()?;
        line.split(';').next().map(ToOwned::to_owned)
    }

    /// The whole line that sets the session's cookie.
    pub(crate) fn set_cookie(&self) -> Option<&str> {
        let lines = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        // An attempt's cookie begins alike.
        lines.into_iter().find(|line| line.strip_prefix(COOKIE).is_some_and(|rest| rest.starts_with('=')))
    }
}

/// Credentials for a request, and its answer.
pub(crate) trait Ask: Sized {
    /// With the master key.
    fn master(self) -> Self;
    /// With a session, as our own pages send it.
    fn session(self, server: &Server, cookie: &str) -> Self;
    async fn ask(self) -> Reply;
}

impl Ask for RequestBuilder {
    fn master(self) -> Self {
        self.bearer_auth(MASTER)
    }

    fn session(self, server: &Server, cookie: &str) -> Self {
        self.header("origin", &server.origin).header("cookie", cookie)
    }

    async fn ask(self) -> Reply {
        Reply::read(self.send().await.unwrap()).await
    }
}

/// A streamed answer, taken piece by piece.
pub(crate) struct Stream {
    response: Response,
    pub(crate) text: String,
}

impl Stream {
    /// Sends a request whose answer must begin well.
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// Reads until at least one more piece has come; `false` at the end.
    pub(crate) async fn more(&mut self) -> bool {
        let Some(chunk) = self.response.chunk().await.unwrap() else { return false };
        self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        true
    }

    /// Reads to the end.
    pub(crate) async fn rest(mut self) -> String {
        while self.more().await {}
        self.text
    }
}

/// The JSON of a stream's events, without `[DONE]`.
pub(crate) fn events(stream: &str) -> Vec<Value> {
    let lines = stream.lines().filter_map(|line| line.strip_prefix("data: "));
    lines.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

/// Asserts that a stream ended by one error event with this code, and nothing after it.
#[track_caller]
pub(crate) fn assert_cut(stream: &str, code: &str) {
    assert!(!stream.contains("[DONE]"), "{stream}");
    let events = events(stream);
    assert_eq!(events.last().unwrap()["error"]["code"], code, "{stream}");
    assert_eq!(events.iter().filter(|event| event.get("error").is_some()).count(), 1, "{stream}");
}

/// Sends these bytes as they are and reads what comes back until the server closes.
pub(crate) fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // The server may refuse before it has read everything.
    drop(socket.write_all(bytes));
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = socket.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status in an answer of [`raw`]; 0 when there was none.
pub(crate) fn raw_status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}
