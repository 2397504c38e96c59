//! One HTTP/1.1 connection to an upstream, driven by the request that uses it.
//!
//! hyper splits a connection into a handle and a driver, meant for a task of its own. Here the driver is polled inside
//! of the request's future and then inside of its answer's body: no second task, and no wake-up between the two.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Connection, SendRequest, handshake};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use tokio::net::TcpStream;
use tokio::task::unconstrained;

pub(super) type Socket = MaybeHttpsStream<TokioIo<TcpStream>>;
pub(super) type Outgoing = Request<Full<Bytes>>;

/// A connection, and who drives it.
pub(super) struct Wire {
    handle: SendRequest<Full<Bytes>>,
    driver: Connection<Socket, Full<Bytes>>,
    /// The driver has ended, and must not be polled again.
    closed: bool,
}

impl Wire {
    pub(super) async fn over(socket: Socket) -> hyper::Result<Self> {
        let (handle, driver) = handshake(socket).await?;
        Ok(Self { handle, driver, closed: false })
    }

    /// Whether it can take a request now. Looks at the socket, so a connection that the upstream has closed isn't.
    /// Nobody is woken by it afterwards.
    pub(super) fn is_free(&mut self) -> bool {
        // Not subject to the task's budget: nobody would poll again.
        let mut drive = pin!(unconstrained(poll_fn(|cx| self.poll_driver(cx))));
        drive.as_mut().poll(&mut nobody()).is_pending() && self.handle.is_ready()
    }

    /// Sends a request and waits for the answer's head. The error holds the request when none of it was sent.
    pub(super) async fn send(
        &mut self,
        request: Outgoing,
    ) -> Result<Response<Incoming>, TrySendError<Outgoing>> {
        // Only the driver resolves it, and that is polled right here: to be woken for it, too, would be a poll too many.
        let mut answer = pin!(unconstrained(self.handle.try_send_request(request)));
        poll_fn(|cx| {
            // If this closes it, the answer says why.
            let _ = self.poll_driver(cx);
            answer.as_mut().poll(&mut nobody())
        })
        .await
    }

    /// Drives the connection on, which also brings its answer's body; ready once it is closed.
    pub(super) fn poll_driver(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.closed = self.closed || Pin::new(&mut self.driver).poll(cx).is_ready();
        if self.closed { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// A context that wakes nobody.
pub(super) fn nobody() -> Context<'static> {
    Context::from_waker(Waker::noop())
}
