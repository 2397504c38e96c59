//! Clients that read streams, one after the other on one connection each. A stream is good when its status is 200, all
//! content events are in it, in order, and it ends with `[DONE]`.

use crate::{EVENTS, head_end};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
    pub(crate) clients: usize,
    pub(crate) time: Duration,
    pub(crate) headers: String,
    pub(crate) body: String,
}

/// What was seen, in microseconds.
#[derive(Default)]
struct Seen {
    good: usize,
    bad: usize,
    first: Vec<u128>,
    total: Vec<u128>,
}

pub(crate) async fn run(load: Load) -> io::Result<()> {
    let headers = load.headers.lines().collect::<Vec<_>>().join("\r\n");
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n{headers}\r\ncontent-length: {}\r\n\r\n{}",
        load.path,
        load.body.len(),
        load.body,
    );
    let (request, begun) = (Rc::new(request.into_bytes()), Instant::now());
    let mut clients = JoinSet::new();
    for _ in 0..load.clients {
        let request = Rc::clone(&request);
        clients.spawn_local(async move { client(load.address, &request, begun + load.time).await });
    }
    let mut all = Seen::default();
    while let Some(seen) = clients.join_next().await {
        let seen = seen.map_err(io::Error::other)??;
        all.good += seen.good;
        all.bad += seen.bad;
        all.first.extend(seen.first);
        all.total.extend(seen.total);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let line = serde_json::json!({
        "n": all.good, "bad": all.bad, "seconds": seconds,
        "first_p50": percentile(&mut all.first, 50), "first_p99": percentile(&mut all.first, 99),
        "total_p50": percentile(&mut all.total, 50), "total_p99": percentile(&mut all.total, 99),
    });
    writeln!(io::stdout(), "{line}")
}

async fn client(address: SocketAddr, request: &[u8], end: Instant) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    while Instant::now() < end {
        let begun = Instant::now();
        stream.write_all(request).await?;
        if let Some(first) = read(&mut stream).await? {
            seen.good += 1;
            seen.first.push(first.duration_since(begun).as_micros());
            seen.total.push(begun.elapsed().as_micros());
        } else {
            seen.bad += 1;
            stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
        }
    }
    Ok(seen)
}

/// Reads one answer to its end; gives when its first content event came, `None`: it wasn't good.
async fn read(stream: &mut TcpStream) -> io::Result<Option<Instant>> {
    let (mut raw, mut at) = (Vec::with_capacity(32 * 1024), 0);
    let (mut text, mut seen, mut next, mut first) = (Vec::with_capacity(32 * 1024), 0, 0, None);
    loop {
        if stream.read_buf(&mut raw).await? == 0 {
            return Ok(None);
        }
        if at == 0 {
            let Some(end) = head_end(&raw) else { continue };
            if !raw.starts_with(b"HTTP/1.1 200") {
                return Ok(None);
            }
            at = end;
        }
        let ended = loop {
            match chunk(&raw[at..]) {
                // A proxy may cut events wherever it likes.
                Some((data, size)) => {
                    text.extend_from_slice(data);
                    at += size;
                    if data.is_empty() {
                        break true;
                    }
                }
                None => break false,
            }
        };
        while next < EVENTS
            && let Some(found) = memchr::memmem::find(&text[seen..], format!(r#"" token{next}""#).as_bytes())
        {
            first = first.or_else(|| Some(Instant::now()));
            (seen, next) = (seen + found, next + 1);
        }
        if ended {
            let done = text.ends_with(b"data: [DONE]\n\n");
            return Ok(first.filter(|_| done && next == EVENTS));
        }
    }
}

/// The data of the chunk at the beginning of `bytes`, and the chunk's whole length; the last chunk has no data.
fn chunk(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let line = memchr::memmem::find(bytes, b"\r\n")?;
    let length = usize::from_str_radix(std::str::from_utf8(&bytes[..line]).ok()?, 16).ok()?;
    let size = line + 2 + length + 2;
    (bytes.len() >= size).then(|| (&bytes[line + 2..size - 2], size))
}

fn percentile(values: &mut [u128], percent: usize) -> Option<u128> {
    values.sort_unstable();
    values.get((values.len().max(1) - 1) * percent / 100).copied()
}
