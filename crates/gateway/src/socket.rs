//! The client's side of a connection: a socket that can be reset from outside, and that doesn't wait for ever for a
//! client that takes nothing.

use http::Version;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep};

/// A client's connection as its requests see it.
pub(crate) struct Connection {
    pub(crate) peer: SocketAddr,
    reset: AtomicBool,
    /// Whether it can carry several requests at a time.
    shared: AtomicBool,
    wake: Notify,
}

impl Connection {
    pub(crate) fn new(peer: SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            peer,
            reset: AtomicBool::new(false),
            shared: AtomicBool::new(false),
            wake: Notify::new(),
        })
    }

    /// Notes which protocol a request came by.
    pub(crate) fn speaks(&self, version: Version) {
        if version == Version::HTTP_2 {
            self.shared.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.shared.load(Ordering::Relaxed)
    }

    /// Drops the connection with all its requests; the client sees a reset. With HTTP/2 this takes the other
    /// requests of the connection along: there is no way to end one stream whose client doesn't read.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }

    pub(crate) async fn until_reset(&self) {
        self.wake.notified().await;
    }
}

/// The socket. Dropped after a reset it sends RST, so that the client can't take the end for a whole answer.
pub(crate) struct ClientSocket {
    stream: TcpStream,
    connection: Arc<Connection>,
    /// How long a write may wait without the client taking a byte.
    patience: Duration,
    /// Runs while a write waits.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl ClientSocket {
    pub(crate) fn new(stream: TcpStream, connection: Arc<Connection>, patience: Duration) -> Self {
        Self { stream, connection, patience, waiting: None }
    }

    /// What a write gave, or an error once the client has been waited for too long.
    fn taken(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        std::task::ready!(self.waiting.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(cx));
        self.connection.reset();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for ClientSocket {
    fn drop(&mut self) {
        if self.connection.reset.load(Ordering::SeqCst) {
            // Fails only when the socket is gone already.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for ClientSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for ClientSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.taken(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.taken(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
