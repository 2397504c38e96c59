//! An upstream in OpenAI's shape that only streams. Each event is a chunk and a write of its own.

use crate::{EVENTS, head_end, header};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

pub(crate) async fn serve(address: SocketAddr, pause: Duration) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    let events = Rc::new(events());
    loop {
        let (stream, _) = listener.accept().await?;
        let events = Rc::clone(&events);
        #[expect(clippy::disallowed_methods, reason = "nothing is lost when this process ends")]
        tokio::task::spawn_local(async move { answer(stream, &events, pause).await });
    }
}

async fn answer(mut stream: TcpStream, events: &[Vec<u8>], pause: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8192);
    while request(&mut stream, &mut buffer).await? {
        stream.write_all(HEAD).await?;
        for event in events {
            stream.write_all(event).await?;
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
        stream.write_all(b"0\r\n\r\n").await?;
    }
    Ok(())
}

/// Takes one request off the stream; `false`: there is none any more.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        if let Some(end) = head_end(buffer) {
            let length =
                std::str::from_utf8(&buffer[..end]).ok().and_then(|head| header(head, "content-length"));
            let whole = end + length.and_then(|text| text.parse().ok()).unwrap_or(0);
            if buffer.len() >= whole {
                buffer.drain(..whole);
                return Ok(true);
            }
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(false);
        }
    }
}

fn events() -> Vec<Vec<u8>> {
    let event = |rest: &str| {
        format!(
            r#"data: {{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"bench","system_fingerprint":"fp_bench",{rest}}}"#
        )
    };
    let choice = |delta: &str, finish: &str| {
        event(&format!(
            r#""choices":[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish}}}]"#
        ))
    };
    let mut events = vec![choice(r#"{"role":"assistant","content":""}"#, "null")];
    events.extend((0..EVENTS).map(|nth| choice(&format!(r#"{{"content":" token{nth}"}}"#), "null")));
    events.push(choice("{}", r#""stop""#));
    events.push(event(
        r#""choices":[],"usage":{"prompt_tokens":120,"completion_tokens":50,"total_tokens":170}"#,
    ));
    events.push("data: [DONE]".to_owned());
    let chunk = |event: String| format!("{:x}\r\n{event}\n\n\r\n", event.len() + 2).into_bytes();
    events.into_iter().map(chunk).collect()
}
