//! The two ends of a benchmark: an upstream that streams, and clients that read streams and check every event.
//!
//! `load upstream ADDRESS PAUSE_MS` answers each request with a role event, [`EVENTS`] content events with the pause
//! between them, a usage event and `[DONE]`.
//!
//! `load streams ADDRESS PATH CLIENTS SECONDS` reads streams in a closed loop; the headers (`name: value` lines) come from
//! the variable `HEADERS`, the body from `BODY`. Prints one line of JSON.

mod streams;
mod upstream;

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

/// Content events in a stream.
const EVENTS: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let tasks = LocalSet::new();
    match arguments[..] {
        ["upstream", address, pause] => {
            let (address, pause) = (address.parse::<SocketAddr>()?, Duration::from_millis(pause.parse()?));
            runtime.block_on(tasks.run_until(upstream::serve(address, pause)))?;
        }
        ["streams", address, path, clients, seconds] => {
            let load = streams::Load {
                address: address.parse()?,
                path: path.to_owned(),
                clients: clients.parse()?,
                time: Duration::from_secs_f64(seconds.parse()?),
                headers: std::env::var("HEADERS")?,
                body: std::env::var("BODY")?,
            };
            runtime.block_on(tasks.run_until(streams::run(load)))?;
        }
        _ => return Err("load upstream ADDRESS PAUSE_MS | load streams ADDRESS PATH CLIENTS SECONDS".into()),
    }
    Ok(())
}

/// Where the head of an HTTP message ends.
fn head_end(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

/// A header's value, when it is plain text in a head with names in lower case or in `Title-Case`.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(given, _)| given.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}
