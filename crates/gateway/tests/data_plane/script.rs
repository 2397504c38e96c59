//! Upstreams that follow a script, and remember what they saw.

use crate::support::{background, provider};
use gateway::{CatalogProvider, Credential};
use model::catalog::{ProviderKind, ProviderOptions};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What an upstream does with a request.
#[derive(Clone)]
pub(crate) enum Step {
    /// Writes these bytes.
    Say(Vec<u8>),
    Sleep(u64),
    /// Writes these bytes again and again, until the peer is gone.
    Flood(Vec<u8>),
    /// Waits for the peer to go away.
    Hang,
    /// Closes the connection.
    Close,
    /// Closes it when this is the upstream's second request, or a later one.
    CloseWhenAskedAgain,
}

pub(crate) fn say(text: &str) -> Step {
    Step::Say(text.as_bytes().to_vec())
}

pub(crate) fn answer(status: u16, kind: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    vec![say(&format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
    ))]
}

pub(crate) const SSE: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

pub(crate) fn chunk(data: &[u8]) -> Step {
    let mut bytes = format!("{:x}\r\n", data.len()).into_bytes();
    bytes.extend_from_slice(data);
    bytes.extend_from_slice(b"\r\n");
    Step::Say(bytes)
}

pub(crate) fn delta(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

/// An upstream that follows a script for every request, and remembers what it saw.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Arc<Mutex<Vec<(String, String)>>>,
    pub(crate) open: Arc<AtomicUsize>,
    pub(crate) accepted: Arc<AtomicUsize>,
    pub(crate) written: Arc<AtomicUsize>,
}

impl Upstream {
    pub(crate) async fn start(script: Vec<Step>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let upstream = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            open: Arc::default(),
            accepted: Arc::default(),
            written: Arc::default(),
        };
        let (requests, open, written) =
            (upstream.requests.clone(), upstream.open.clone(), upstream.written.clone());
        let accepted = upstream.accepted.clone();
        background(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (requests, open, written, script) =
                    (requests.clone(), open.clone(), written.clone(), script.clone());
                open.fetch_add(1, SeqCst);
                accepted.fetch_add(1, SeqCst);
                background(async move {
                    let _ = converse(stream, &requests, &written, &script).await;
                    open.fetch_sub(1, SeqCst);
                });
            }
        });
        upstream
    }

    pub(crate) fn provider(&self, name: &str) -> CatalogProvider {
        let base_url = format!("http://{}/v1", self.address);
        CatalogProvider {
            provider: provider(
                name,
                ProviderKind::OpenaiCompatible,
                base_url,
                false,
                ProviderOptions::default(),
            ),
            credential: Some(Credential::new("upstream-canary".into())),
        }
    }

    pub(crate) fn seen(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

async fn converse(
    mut stream: TcpStream,
    requests: &Mutex<Vec<(String, String)>>,
    written: &AtomicUsize,
    script: &[Step],
) -> std::io::Result<()> {
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
        let length =
            head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next()?.parse().ok());
        let end = head_end + length.unwrap_or(0usize);
        while buffer.len() < end {
            stream.read_buf(&mut buffer).await?;
        }
        let body = String::from_utf8_lossy(&buffer[head_end..end]).into_owned();
        buffer.drain(..end);
        requests.lock().unwrap().push((head, body));
        for step in script {
            match step {
                Step::Say(bytes) => {
                    stream.write_all(bytes).await?;
                    written.fetch_add(bytes.len(), SeqCst);
                }
                Step::Sleep(millis) => tokio::time::sleep(Duration::from_millis(*millis)).await,
                Step::Flood(bytes) => loop {
                    stream.write_all(bytes).await?;
                    written.fetch_add(bytes.len(), SeqCst);
                },
                Step::Hang => while stream.read_buf(&mut buffer).await? > 0 {},
                Step::CloseWhenAskedAgain if requests.lock().unwrap().len() == 1 => {}
                Step::Close | Step::CloseWhenAskedAgain => return Ok(()),
            }
        }
    }
}
