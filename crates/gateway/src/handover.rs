//! Every request that isn't under `/v1` goes to the control runtime, so that no page is rendered and no SQL awaited
//! on a data thread. Its answer comes back through a bounded channel.

use crate::answer::{Body, BoxError};
use crate::config::GatewayConfig;
use crate::leftover::Leftover;
use crate::socket::Connection;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Sleep, sleep, timeout};
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt};

/// Frames of a body between the runtimes.
const FRAMES: usize = 8;

/// The client's address, in the extensions of every request that the fallback gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

/// A client's body, as the fallback gets it: an error once the client takes too long over the whole of it.
pub struct ClientBody {
    /// `None` only once this is dropped.
    incoming: Option<Incoming>,
    leftover: Leftover,
    within: Duration,
    /// Runs from when the body had to be waited for.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for ClientBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        let next = Pin::new(incoming).poll_frame(cx);
        if next.is_ready() {
            return next.map_err(Into::into);
        }
        let within = self.within;
        std::task::ready!(self.deadline.get_or_insert_with(|| Box::pin(sleep(within))).as_mut().poll(cx));
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for ClientBody {
    fn drop(&mut self) {
        if let Some(incoming) = self.incoming.take() {
            self.leftover.keep(incoming);
        }
    }
}

type FrameResult = Result<Frame<Bytes>, BoxError>;
type Handler = dyn Fn(Request<ClientBody>, Answer) -> BoxFuture<'static, ()> + Send + Sync;

/// Where an answer goes.
struct Answer {
    head: oneshot::Sender<Response<Pumped>>,
    connection: Arc<Connection>,
    /// How long the client may take none of it.
    patience: Duration,
}

/// The control runtime and the service that answers there.
#[derive(Clone)]
pub struct Fallback {
    pub(crate) control: Handle,
    handler: Arc<Handler>,
}

impl Fallback {
    /// `service` (an `axum::Router`, for example) answers on the runtime of `control`; it is cloned for each request.
    pub fn new<S, B>(control: Handle, service: S) -> Self
    where
        S: Service<Request<ClientBody>, Response = Response<B>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let handler = move |request, answer| {
            let service = service.clone();
            Box::pin(serve(service, request, answer)) as BoxFuture<'static, ()>
        };
        Self { control, handler: Arc::new(handler) }
    }

    pub(crate) async fn call(
        &self,
        mut request: Request<Incoming>,
        connection: Arc<Connection>,
        config: &GatewayConfig,
        tasks: &TaskTracker,
    ) -> Response<Body> {
        request.extensions_mut().insert(PeerAddr(connection.peer));
        let within = config.body_timeout;
        let leftover = Leftover::default();
        let request = request.map(|incoming| ClientBody {
            incoming: Some(incoming),
            leftover: leftover.clone(),
            within,
            deadline: None,
        });
        let (head, receiver) = oneshot::channel();
        let answer = Answer { head, connection, patience: config.write_timeout };
        tasks.spawn_on((self.handler)(request, answer), &self.control);
        if let Ok(response) = receiver.await {
            leftover.read().await;
            return response.map(Body::Pumped);
        }
        // The handler panicked, or the control runtime is gone.
        let mut response = Response::new(Body::full(Bytes::from_static(b"internal error\n")));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// Runs on the control runtime. An operation that has begun is finished, also when its client goes away; a body is
/// only produced as long as somebody takes it.
async fn serve<S, B>(service: S, request: Request<ClientBody>, answer: Answer)
where
    S: Service<Request<ClientBody>, Response = Response<B>, Error = Infallible>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let Ok(response) = service.oneshot(request).await;
    let (parts, body) = response.into_parts();
    let hint = body.size_hint();
    if body.is_end_stream() {
        let _ = answer.head.send(Response::from_parts(parts, Pumped { frames: None, hint }));
        return;
    }
    let (sender, frames) = mpsc::channel::<FrameResult>(FRAMES);
    if answer.head.send(Response::from_parts(parts, Pumped { frames: Some(frames), hint })).is_err() {
        return;
    }
    let mut body = std::pin::pin!(body);
    loop {
        let frame = tokio::select! {
            biased;
            () = sender.closed() => return,
            frame = body.frame() => frame,
        };
        let Some(frame) = frame.map(|frame| frame.map_err(Into::into)) else { return };
        let failed = frame.is_err();
        match timeout(answer.patience, sender.send(frame)).await {
            Ok(Ok(())) if !failed => {}
            Ok(_) => return,
            // Its end alone wouldn't reach a client that takes nothing.
            Err(_) => return answer.connection.reset(),
        }
    }
}

/// A body that is produced on the control runtime.
pub(crate) struct Pumped {
    frames: Option<mpsc::Receiver<FrameResult>>,
    hint: SizeHint,
}

impl Pumped {
    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        let Some(frames) = &mut self.frames else { return Poll::Ready(None) };
        let next = frames.poll_recv(cx);
        match &next {
            Poll::Ready(Some(Ok(frame))) => {
                // What is left, for whoever asks after the first frame.
                let taken = frame.data_ref().map_or(0, Bytes::len) as u64;
                self.hint = self
                    .hint
                    .exact()
                    .map_or_else(SizeHint::default, |all| SizeHint::with_exact(all.saturating_sub(taken)));
            }
            Poll::Ready(None | Some(Err(_))) => self.frames = None,
            Poll::Pending => {}
        }
        next
    }

    pub(crate) fn is_end(&self) -> bool {
        self.frames.is_none()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        self.hint
    }
}
