//! The body of an answer, whichever way it comes about.

use crate::call::{AnswerStream, WholeAnswer};
use crate::handover::Pumped;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Most bytes of an answer that hyper gets at once: as many as wait in a connection.
pub(crate) const PIECE: usize = 64 * 1024;
/// Most bytes that a large answer ends with. Over HTTP/2 hyper takes the next piece once the client has room for the one
/// before it, and the answer is over for us when the last was taken: so little can be left with a client that takes nothing.
pub(crate) const LAST: usize = 4 * 1024;

/// Takes the next piece off an answer.
pub(crate) fn piece(bytes: &mut Bytes) -> Bytes {
    let length = if bytes.len() <= LAST { bytes.len() } else { PIECE.min(bytes.len() - LAST) };
    bytes.split_to(length)
}

/// What hyper sends.
pub(crate) enum Body {
    /// All of it, at once: an answer of our own.
    Full(Option<Bytes>),
    /// An upstream's answer that was read to its end.
    Whole(WholeAnswer),
    /// An upstream's bytes, passed on as they come.
    Stream(Box<AnswerStream>),
    /// From the control runtime.
    Pumped(Pumped),
}

impl Body {
    pub(crate) fn full(bytes: Bytes) -> Self {
        Self::Full((!bytes.is_empty()).then_some(bytes))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Whole(answer) => Poll::Ready(answer.next().map(|next| next.map(Frame::data))),
            Self::Stream(stream) => {
                stream.poll_next(cx).map(|next| next.map(|result| result.map(Frame::data)))
            }
            Self::Pumped(pumped) => pumped.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Full(bytes) => bytes.is_none(),
            Self::Whole(answer) => answer.left() == 0,
            Self::Stream(_) => false,
            Self::Pumped(pumped) => pumped.is_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Whole(answer) => SizeHint::with_exact(answer.left() as u64),
            Self::Stream(_) => SizeHint::default(),
            Self::Pumped(pumped) => pumped.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_with_little() {
        for length in [0, 1, LAST, LAST + 1, PIECE, PIECE + LAST, PIECE + LAST + 1, 3 * PIECE] {
            let mut left = Bytes::from(vec![0; length]);
            let mut pieces = Vec::new();
            while !left.is_empty() {
                pieces.push(piece(&mut left).len());
            }
            assert_eq!(pieces.iter().sum::<usize>(), length);
            assert!(pieces.iter().all(|piece| (1..=PIECE).contains(piece)));
            assert!(pieces.last().is_none_or(|last| *last <= LAST), "{pieces:?}");
        }
    }
}
