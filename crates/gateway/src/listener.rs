//! The data threads: each its own runtime, listening socket and connections.

use crate::config::GatewayConfig;
use crate::crowd::{Crowd, Seat};
use crate::service::{Worker, handle, handle_reserved};
use crate::socket::{ClientSocket, Connection};
use crate::upstream::SWEEP;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use socket2::{Domain, Protocol, Socket, Type};
use std::convert::Infallible;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections that the kernel keeps until a thread accepts them.
const BACKLOG: i32 = 1_024;
/// Bytes of an answer that wait in a connection; more would only delay a cut.
const BUFFER: usize = 64 * 1024;
const STREAMS: u32 = 250;
/// After a failed accept, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// For a connection more than the process can hold. Clients that can, try again.
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\nretry-after: 1\r\n\r\n";
/// What an HTTP/2 client begins with (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long a connection may take to say what it wants that has one of the last places.
const HURRY: Duration = Duration::from_secs(1);
/// Pause between two looks at a preface that comes in pieces.
const PIECE_PAUSE: Duration = Duration::from_millis(20);

/// How threads are told to end.
#[derive(Clone, Default)]
pub(crate) struct Signals {
    /// Accept nothing more; let connections end.
    pub(crate) draining: CancellationToken,
    /// Drop what is left.
    pub(crate) stopping: CancellationToken,
    /// The connections of all threads.
    pub(crate) connections: TaskTracker,
}

/// One listening socket for each thread, all on one port: the kernel spreads connections over them.
pub(crate) fn bind(mut address: SocketAddr, count: usize) -> io::Result<(Vec<TcpListener>, SocketAddr)> {
    let mut listeners = Vec::with_capacity(count);
    for _ in 0..count {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let listener = TcpListener::from(socket);
        // Port 0: the first socket takes a free port, the others join it.
        address = listener.local_addr()?;
        listeners.push(listener);
    }
    Ok((listeners, address))
}

/// A data thread's whole life. Returns when it is told to stop.
pub(crate) async fn run(
    worker: Arc<Worker>,
    listener: TcpListener,
    crowd: Arc<Crowd>,
    signals: Signals,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let builder = server(&worker.shared.config);
    // For people, whose browsers and tools speak it without TLS; each of its connections has one request.
    let reserved = Arc::new(builder.clone().http1_only());
    let builder = Arc::new(builder);
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        let accepted = tokio::select! {
            biased;
            () = signals.draining.cancelled() => break,
            accepted = listener.accept() => accepted,
            _ = sweep.tick() => {
                worker.upstreams.sweep();
                continue;
            }
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(seat) = crowd.admit(peer, &worker.shared.config) else {
                    // One too many: closed at once, so that those who are here are served.
                    let _ = stream.into_std().and_then(|mut stream| stream.write(BUSY));
                    continue;
                };
                let builder = if seat.reserved { &reserved } else { &builder };
                let connection =
                    serve(Arc::clone(&worker), Arc::clone(builder), stream, peer, seat, signals.clone());
                signals.connections.spawn(connection);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection couldn't be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    signals.stopping.cancelled().await;
    Ok(())
}

/// Raises this process's limit of open files as far as it may go, and shares it out: three quarters for connections, a
/// sixteenth for those that only ask the control side; the rest is for upstreams and files, so that an accept never
/// fails for want of one.
pub(crate) fn crowd(config: &GatewayConfig) -> Arc<Crowd> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let files = files.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
    Crowd::new(files / 4 * 3, files / 16, config.connections_per_address)
}

/// Waits until it is clear which protocol the client speaks. hyper's own look at it has no time limit, so a connection
/// that says nothing, or only half of a preface, would stay for ever.
async fn begins(stream: &TcpStream) -> io::Result<bool> {
    let mut head = [0; PREFACE.len()];
    loop {
        match stream.peek(&mut head).await? {
            0 => return Ok(false),
            length if length == head.len() || head[..length] != PREFACE[..length] => return Ok(true),
            _ => tokio::time::sleep(PIECE_PAUSE).await,
        }
    }
}

fn server(config: &GatewayConfig) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(config.header_timeout).max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(config.header_timeout / 2)
        .keep_alive_timeout(config.header_timeout / 2)
        .max_concurrent_streams(STREAMS)
        .max_send_buf_size(BUFFER);
    builder
}

async fn serve(
    worker: Arc<Worker>,
    builder: Arc<Builder<TokioExecutor>>,
    stream: TcpStream,
    peer: SocketAddr,
    seat: Seat,
    signals: Signals,
) {
    let config = &worker.shared.config;
    // Places that are kept for people aren't for waiting.
    let patience =
        if seat.reserved { config.first_request_timeout.min(HURRY) } else { config.first_request_timeout };
    let mut first = std::pin::pin!(tokio::time::sleep(patience));
    // Without this a small event waits for the acknowledgement of the one before it.
    let _ = stream.set_nodelay(true);
    let begun = tokio::select! {
        begun = begins(&stream) => begun,
        () = &mut first => return,
        () = signals.draining.cancelled() => return,
    };
    if !matches!(begun, Ok(true)) {
        return;
    }
    let connection = Connection::new(peer);
    let patience = config.write_timeout;
    let socket = ClientSocket::new(stream, Arc::clone(&connection), patience);
    let asked = AtomicBool::new(false);
    let service = service_fn(|request| {
        asked.store(true, Ordering::Relaxed);
        let (worker, connection) = (Arc::clone(&worker), Arc::clone(&connection));
        let reserved = seat.reserved;
        async move {
            Ok::<_, Infallible>(if reserved {
                Box::pin(handle_reserved(worker, connection, request)).await
            } else {
                handle(worker, connection, request).await
            })
        }
    });
    let mut served = std::pin::pin!(builder.serve_connection(TokioIo::new(socket), service));
    let (mut draining, mut waiting) = (false, true);
    loop {
        tokio::select! {
            // Errors here are a client's: it went away or broke the protocol.
            _ = served.as_mut() => return,
            () = connection.until_reset() => return,
            () = &mut first, if waiting => {
                waiting = false;
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
            }
            () = signals.stopping.cancelled() => return,
            () = signals.draining.cancelled(), if !draining => {
                draining = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}
