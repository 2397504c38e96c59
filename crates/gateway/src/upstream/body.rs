//! The body of an upstream's answer.

use super::idle::Host;
use super::wire::{Wire, nobody};
use crate::answer::BoxError;
use crate::echo::EchoBody;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A body that comes over the wire. Read to its end it gives the connection back for the next request; dropped before,
/// it closes it.
pub(crate) struct WireBody {
    incoming: Incoming,
    /// `None` once the connection was given back or closed.
    wire: Option<Box<Wire>>,
    host: Arc<Host>,
}

impl WireBody {
    pub(super) fn new(incoming: Incoming, wire: Box<Wire>, host: Arc<Host>) -> Self {
        Self { incoming, wire: Some(wire), host }
    }

    /// What the driver has brought. It is polled by this body alone, so there is nothing to be woken for.
    fn brought(&mut self) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = std::task::ready!(Pin::new(&mut self.incoming).poll_frame(&mut nobody()));
        if frame.is_none()
            && let Some(wire) = self.wire.take()
        {
            self.host.keep(wire);
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }
}

impl HttpBody for WireBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let brought = self.brought();
        if brought.is_ready() {
            return brought;
        }
        if let Some(wire) = &mut self.wire
            && wire.poll_driver(cx).is_ready()
        {
            self.wire = None;
        }
        self.brought()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// An upstream's body.
pub(crate) enum UpstreamBody {
    Wire(WireBody),
    Echo(Box<EchoBody>),
    Whole(Full<Bytes>),
}

impl UpstreamBody {
    /// A body that is there already.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }

    /// Whether it is known to be events, whatever its headers say.
    pub(crate) const fn is_events(&self) -> bool {
        matches!(self, Self::Echo(_))
    }
}

impl HttpBody for UpstreamBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Wire(body) => Pin::new(body).poll_frame(cx),
            Self::Whole(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Echo(body) => body.poll_next(cx).map(|next| next.map(|result| result.map(Frame::data))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Wire(body) => body.size_hint(),
            Self::Whole(body) => body.size_hint(),
            Self::Echo(_) => SizeHint::default(),
        }
    }
}
