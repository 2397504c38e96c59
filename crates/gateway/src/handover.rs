//! Every request that isn't under `/v1` goes to the control runtime, so that no page is rendered and no SQL awaited
//! on a data thread. Its answer comes back through a bounded channel.

use crate::answer::{Body, BoxError};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt};

/// Frames of a body between the runtimes.
const FRAMES: usize = 8;

/// The client's address, in the extensions of every request that the fallback gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

type FrameResult = Result<Frame<Bytes>, BoxError>;
type Handler =
    dyn Fn(Request<Incoming>, oneshot::Sender<Response<Pumped>>) -> BoxFuture<'static, ()> + Send + Sync;

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
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
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

    pub(crate) async fn call(&self, request: Request<Incoming>, tasks: &TaskTracker) -> Response<Body> {
        let (sender, receiver) = oneshot::channel();
        tasks.spawn_on((self.handler)(request, sender), &self.control);
        if let Ok(response) = receiver.await {
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
async fn serve<S, B>(service: S, request: Request<Incoming>, answer: oneshot::Sender<Response<Pumped>>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let Ok(response) = service.oneshot(request).await;
    let (parts, body) = response.into_parts();
    let hint = body.size_hint();
    if body.is_end_stream() {
        let _ = answer.send(Response::from_parts(parts, Pumped { frames: None, hint }));
        return;
    }
    let (sender, frames) = mpsc::channel::<FrameResult>(FRAMES);
    if answer.send(Response::from_parts(parts, Pumped { frames: Some(frames), hint })).is_err() {
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
        if sender.send(frame).await.is_err() || failed {
            return;
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
