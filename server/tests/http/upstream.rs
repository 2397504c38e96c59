//! A provider that does what each prompt asks for, and remembers every attempt that it saw.

use serde_json::Value;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Words of a whole answer; each is a token.
pub(crate) const WORDS: usize = 12;
/// The same, as it is reported.
pub(crate) const TOKENS: i64 = 12;
/// Tokens that it says a prompt has.
pub(crate) const PROMPT: i64 = 7;

/// What to do with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// A whole answer with its usage.
    Answer,
    /// A whole answer, slowly.
    Slowly,
    /// A whole answer that says nothing of usage.
    Silently,
    Fail(u16),
    /// The connection is closed before an answer.
    Close,
    /// The connection is closed within the answer.
    Half,
    /// A word each 20 ms until nobody reads any more.
    Endlessly,
}

impl Plan {
    const ALL: [(&str, Self); 8] = [
        ("answer", Self::Answer),
        ("slowly", Self::Slowly),
        ("silently", Self::Silently),
        ("500", Self::Fail(500)),
        ("429", Self::Fail(429)),
        ("close", Self::Close),
        ("half", Self::Half),
        ("endlessly", Self::Endlessly),
    ];
    /// Those that come to an end.
    const ENDING: usize = 7;

    pub(crate) fn word(number: usize) -> &'static str {
        Self::ALL[number % Self::ENDING].0
    }

    /// The plan of an attempt: prompts have a word for each.
    fn of(prompt: &str, attempt: usize) -> Self {
        let word = prompt.split(' ').nth(attempt).unwrap_or("answer");
        Self::ALL.iter().find(|(known, _)| *known == word).map_or(Self::Answer, |(_, plan)| *plan)
    }
}

/// What became of an attempt: the tokens of its answer, if they were reported to the end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) reported: Option<i64>,
}

/// Attempts by request id, in their order.
pub(crate) type Attempts = Arc<Mutex<HashMap<String, Vec<Seen>>>>;

/// The provider.
pub(crate) struct Upstream {
    pub(crate) port: u16,
    pub(crate) attempts: Attempts,
    /// Connections at present.
    pub(crate) open: Arc<AtomicUsize>,
}

impl Upstream {
    #[expect(clippy::disallowed_methods, reason = "a test's tasks end with its runtime")]
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (attempts, open) = (Attempts::default(), Arc::<AtomicUsize>::default());
        let upstream = Self { port, attempts: Arc::clone(&attempts), open: Arc::clone(&open) };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (attempts, open) = (Arc::clone(&attempts), Arc::clone(&open));
                open.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    drop(converse(stream, attempts).await);
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        upstream
    }

    /// A model `m` at this provider, under two names, so that one can follow the other.
    pub(crate) fn configuration(&self) -> String {
        let port = self.port;
        format!(
            "providers:\n\
             \x20 - {{name: a, kind: openai_compatible, base_url: 'http://127.0.0.1:{port}/a', allow_private_addresses: true}}\n\
             \x20 - {{name: b, kind: openai_compatible, base_url: 'http://127.0.0.1:{port}/b', allow_private_addresses: true}}\n\
             models:\n\
             \x20 - {{name: m, targets: [{{provider: a, upstream_model: m}}, {{provider: b, upstream_model: m}}]}}\n",
        )
    }
}

async fn converse(mut stream: TcpStream, attempts: Attempts) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        let head_end = loop {
            if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let head = String::from_utf8_lossy(&buffer[..head_end]).to_lowercase();
        let field = |name: &str| head.split(name).nth(1).and_then(|rest| rest.split('\r').next());
        let length: usize = field("content-length: ").and_then(|text| text.parse().ok()).unwrap_or(0);
        while buffer.len() < head_end + length {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        let original = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
        let id = original
            .lines()
            .find(|line| line.to_lowercase().starts_with("x-request-id:"))
            .and_then(|line| line.split(' ').nth(1))
            .unwrap_or_default()
            .to_owned();
        let body: Value = serde_json::from_slice(&buffer[head_end..head_end + length]).unwrap();
        buffer.drain(..head_end + length);
        let nth = {
            let mut attempts = attempts.lock().unwrap();
            let of_request = attempts.entry(id.clone()).or_default();
            of_request.push(Seen::default());
            of_request.len() - 1
        };
        let prompt = body["messages"][0]["content"].as_str().unwrap();
        let plan = Plan::of(prompt, nth);
        let streamed = body["stream"] == true;
        match plan {
            Plan::Close => return Ok(()),
            Plan::Fail(status) => {
                let text = r#"{"error":{"message":"as asked","type":"api_error","param":null,"code":null}}"#;
                whole(&mut stream, status, text).await?;
            }
            _ => {
                if answer(&mut stream, plan, streamed).await? {
                    // Written before the last byte leaves, so that nobody can be ahead of it.
                    attempts.lock().unwrap().get_mut(&id).unwrap()[nth].reported = Some(TOKENS);
                }
                finish(&mut stream, plan, streamed).await?;
                if plan == Plan::Half {
                    return Ok(());
                }
            }
        }
    }
}

async fn whole(stream: &mut TcpStream, status: u16, body: &str) -> io::Result<()> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).await
}

fn usage() -> String {
    let total = PROMPT + TOKENS;
    format!(r#"{{"prompt_tokens":{PROMPT},"completion_tokens":{TOKENS},"total_tokens":{total}}}"#)
}

async fn chunk(stream: &mut TcpStream, data: &str) -> io::Result<()> {
    let event = format!("data: {data}\n\n");
    stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).await
}

/// Everything of an answer but its end; whether the end will report usage.
async fn answer(stream: &mut TcpStream, plan: Plan, streamed: bool) -> io::Result<bool> {
    let pause = Duration::from_millis(match plan {
        Plan::Slowly => 15,
        Plan::Endlessly => 20,
        _ => 0,
    });
    if streamed {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await?;
        let words = match plan {
            Plan::Half => WORDS / 2,
            Plan::Endlessly => usize::MAX,
            _ => WORDS,
        };
        for _ in 0..words {
            tokio::time::sleep(pause).await;
            chunk(stream, r#"{"choices":[{"index":0,"delta":{"content":"w "}}]}"#).await?;
        }
    } else {
        tokio::time::sleep(pause * 4).await;
    }
    Ok(!matches!(plan, Plan::Half | Plan::Silently))
}

async fn finish(stream: &mut TcpStream, plan: Plan, streamed: bool) -> io::Result<()> {
    match (plan, streamed) {
        (Plan::Half, true) => Ok(()),
        (Plan::Half, false) => {
            stream
                .write_all(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{",
                )
                .await
        }
        (_, true) => {
            if plan != Plan::Silently {
                chunk(stream, &format!(r#"{{"choices":[],"usage":{}}}"#, usage())).await?;
            }
            chunk(stream, "[DONE]").await?;
            stream.write_all(b"0\r\n\r\n").await
        }
        (_, false) => {
            let text = "w ".repeat(WORDS);
            let usage = if plan == Plan::Silently { "null".to_owned() } else { usage() };
            let body = format!(
                r#"{{"choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}}}}],"usage":{usage}}}"#
            );
            whole(stream, 200, &body).await
        }
    }
}
