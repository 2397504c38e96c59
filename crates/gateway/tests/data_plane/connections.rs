//! Clients that hold connections without using them, and more of them than there is room for.

use crate::support::{ENDLESS, LARGE, World, background, until};
use http::Request;
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ANONYMOUS: &[u8] = b"GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n";
const PAGE: &[u8] = b"GET /login HTTP/1.1\r\nhost: x\r\n\r\n";
const SHORTLY: Duration = Duration::from_millis(200);

async fn connect(world: &World, first: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(world.gateway.local_addr()).await.unwrap();
    stream.write_all(first).await.unwrap();
    stream
}

async fn rest(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut rest = Vec::new();
    let read = stream.read_to_end(&mut rest);
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("still open")?;
    Ok(String::from_utf8(rest).unwrap())
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let world = World::with(|config| {
        (config.first_request_timeout, config.header_timeout) = (SHORTLY, SHORTLY);
    })
    .await;
    let starts: [&[u8]; 6] = [
        b"",
        b"G",
        b"GET / HTTP/1.1\r\nhost: x",
        b"PRI * HT",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        // And one that says nothing more.
        ANONYMOUS,
    ];
    for start in starts {
        let mut stream = connect(&world, start).await;
        let mut all = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await;
        assert!(closed.is_ok(), "{:?} is still open", String::from_utf8_lossy(start));
    }
}

#[tokio::test]
async fn a_first_request_must_come_soon() {
    let world = World::with(|config| config.first_request_timeout = SHORTLY).await;
    let settings = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let starts: [&[u8]; 4] = [b"", b"GET / HTTP/1.1\r\nhost: x", &settings[..24], settings];
    for start in starts {
        let mut stream = connect(&world, start).await;
        let mut all = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await;
        assert!(closed.is_ok(), "{:?} is still open", String::from_utf8_lossy(start));
    }
    // Later ones have more time, in either protocol.
    let mut stream = connect(&world, ANONYMOUS).await;
    let io = TokioIo::new(connect(&world, b"").await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    background(async move {
        let _ = connection.await;
    });
    let ask = || Request::get("http://x/v1/models").body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(sender.send_request(ask()).await.unwrap().status(), 401);
    tokio::time::sleep(SHORTLY * 2).await;
    assert_eq!(sender.send_request(ask()).await.unwrap().status(), 401);
    stream.write_all(ANONYMOUS).await.unwrap();
    let mut answers = String::new();
    while answers.matches("HTTP/1.1 401").count() < 2 {
        let mut piece = [0; 4_096];
        let length = stream.read(&mut piece).await.unwrap();
        assert!(length > 0, "closed after {answers}");
        answers.push_str(&String::from_utf8_lossy(&piece[..length]));
    }
}

#[tokio::test]
async fn an_address_has_so_many_connections() {
    // One thread, so that they are let in as they came.
    let few = |config: &mut gateway::GatewayConfig| {
        (config.threads, config.connections_per_address) = (1, 5);
    };
    let world = World::with(few).await;
    let mut held = Vec::new();
    for _ in 0..5 {
        held.push(connect(&world, b"").await);
    }
    let answer = rest(&mut connect(&world, b"").await).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1"), "{answer}");
    let (key, _) = world.plain_key();
    held[0]
        .write_all(format!("GET /v1/models HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut answer = [0; 12];
    held[0].read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200", "who is here is served");
    drop(held);
    let mut again = 0;
    while again != 200 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let mut stream = connect(&world, b"").await;
        let request =
            format!("GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: {key}\r\n\r\n");
        let _ = stream.write_all(request.as_bytes()).await;
        again = if rest(&mut stream).await.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            200
        } else {
            0
        };
    }

    // A trusted proxy speaks for many.
    let world = World::with(|config| {
        few(config);
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(connect(&world, b"").await);
    }
    assert_eq!(world.call("GET", "/v1/models", &[], "").await.status, 401);
}

#[tokio::test]
async fn a_form_that_stalls_is_given_up() {
    let world = World::with(|config| config.body_timeout = SHORTLY).await;
    let mut stream = connect(
        &world,
        b"POST /login HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 100\r\n\r\nemail=",
    )
    .await;
    // Bytes now and then don't help: it is the whole body that is bounded.
    for _ in 0..5 {
        tokio::time::sleep(SHORTLY / 4).await;
        if stream.write_all(b"a").await.is_err() {
            break;
        }
    }
    assert!(rest(&mut stream).await.unwrap().contains("the body didn't come: timed out"));
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_ended() {
    let world = World::with(|config| config.write_timeout = SHORTLY).await;
    for path in [LARGE, ENDLESS] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        let mut stream = connect(&world, request.as_bytes()).await;
        tokio::time::sleep(SHORTLY * 5).await;
        assert_eq!(rest(&mut stream).await.unwrap_err().kind(), ErrorKind::ConnectionReset, "{path}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_ended_over_http2_too() {
    let world = World::with(|config| config.write_timeout = SHORTLY).await;
    let io = TokioIo::new(connect(&world, b"").await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let ended = Arc::new(AtomicUsize::new(0));
    let seen = ended.clone();
    background(async move {
        let _ = connection.await;
        seen.store(1, SeqCst);
    });
    // The connection lives, only this answer's window stays full.
    let request = Request::get(format!("http://x{ENDLESS}")).body(Empty::<Bytes>::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    until("the end", || ended.load(SeqCst) == 1).await;
    drop(response);
}

#[tokio::test]
async fn a_slow_client_is_not_a_silent_one() {
    let world = World::with(|config| config.write_timeout = Duration::from_secs(1)).await;
    let mut stream = connect(&world, format!("GET {LARGE} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await;
    let mut piece = vec![0; 4 * 1024 * 1024];
    let mut taken = 0;
    while taken < 64 * 1024 * 1024 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        taken += stream.read(&mut piece).await.unwrap();
    }
}

const FILES: usize = 256;

/// Needs a process of its own, whose limit of open files is low.
#[tokio::test]
#[ignore = "started by the next test"]
async fn serve_with_few_files() {
    let world = World::with(|config| config.threads = 1).await;
    println!("\nlistening {}", world.gateway.local_addr());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
}

#[test]
fn clients_over_the_limit_are_turned_away_and_the_others_served() {
    // The soft limit is raised, the hard one counts.
    let script = format!("ulimit -Sn 64 && ulimit -Hn {FILES} && exec \"$0\" \"$@\"");
    let mut server = Command::new("sh")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "connections::serve_with_few_files", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix("listening ").map(str::to_owned)).unwrap();
    let connect = || {
        let stream = std::net::TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    };
    let ask = |stream: &mut std::net::TcpStream, request: &[u8]| {
        let mut answer = [0; 12];
        std::io::Write::write_all(stream, request)
            .and_then(|()| stream.read_exact(&mut answer))
            .map(|()| answer)
    };
    let room = FILES / 4 * 3;
    let mut held: Vec<_> = (0..room).map(|_| connect()).collect();
    // The places that are left are for people: the data path has none of them, and nobody waits in one.
    for _ in 0..3 {
        assert_eq!(&ask(&mut connect(), ANONYMOUS).unwrap(), b"HTTP/1.1 503");
        let mut page = connect();
        std::io::Write::write_all(&mut page, PAGE).unwrap();
        let mut answer = String::new();
        page.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("connection: close"), "{answer}");
        let mut preface = connect();
        std::io::Write::write_all(&mut preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        let _ = preface.read_to_end(&mut Vec::new());
    }
    let reserve: Vec<_> = (0..FILES / 16).map(|_| connect()).collect();
    for _ in 0..FILES {
        let mut answer = String::new();
        connect().read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("connection: close"), "{answer}");
    }
    for mut silent in reserve {
        assert_eq!(silent.read(&mut [0; 1]).unwrap(), 0, "its place is wanted");
    }
    assert_eq!(&ask(&mut connect(), PAGE).unwrap(), b"HTTP/1.1 200");
    assert_eq!(&ask(&mut held[0], ANONYMOUS).unwrap(), b"HTTP/1.1 401", "who is here is served");
    held.truncate(room / 2);
    // Until the server has noticed, new ones are still turned away.
    let again = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        ask(&mut connect(), ANONYMOUS).is_ok_and(|answer| &answer == b"HTTP/1.1 401")
    });
    assert!(again, "there is room again");
    drop(server.stdin.take());
    assert!(server.wait().unwrap().success());
}
