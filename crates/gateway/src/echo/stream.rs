//! A streamed answer: events, produced as they are taken.

use super::breaks_off;
use super::form::Form;
use super::speech::Speech;
use crate::answer::BoxError;
use bytes::Bytes;
use model::catalog::ProviderOptions;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Chunks without a pause after which others get their turn.
const TURN: u64 = 32;

/// Which event is next.
#[derive(Clone, Copy)]
enum Next {
    Opening(u64),
    Chunk(u64),
    Closing(u64),
}

/// The events of a streamed answer.
pub(crate) struct EchoBody {
    form: &'static dyn Form,
    speech: Speech,
    options: ProviderOptions,
    next: Next,
    /// Whether the others had their turn before the next chunk.
    turn_over: bool,
    pause: Option<Pin<Box<Sleep>>>,
}

impl EchoBody {
    pub(super) fn new(form: &'static dyn Form, speech: Speech, options: ProviderOptions) -> Self {
        Self { form, speech, options, next: Next::Opening(0), turn_over: false, pause: None }
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        loop {
            match self.next {
                Next::Opening(number) => match self.form.opening(&self.speech, number) {
                    Some(event) => {
                        self.next = Next::Opening(number + 1);
                        return Poll::Ready(Some(Ok(event)));
                    }
                    None => self.next = Next::Chunk(0),
                },
                Next::Chunk(number) if breaks_off(&self.options, number) => {
                    return Poll::Ready(Some(Err("the echo provider was told to break off".into())));
                }
                Next::Chunk(number) if number == self.speech.chunks() => self.next = Next::Closing(0),
                Next::Chunk(number) => {
                    std::task::ready!(self.poll_turn(cx, number));
                    self.next = Next::Chunk(number + 1);
                    return Poll::Ready(Some(Ok(self.form.chunk(&self.speech, number))));
                }
                Next::Closing(number) => {
                    self.next = Next::Closing(number + 1);
                    return Poll::Ready(self.form.closing(&self.speech, number).map(Ok));
                }
            }
        }
    }

    /// Waits until it is a chunk's turn.
    fn poll_turn(&mut self, cx: &mut Context<'_>, number: u64) -> Poll<()> {
        let first = if number == 0 { self.options.first_chunk_delay_ms } else { 0 };
        let delay = Duration::from_millis(u64::from(first) + u64::from(self.options.chunk_delay_ms));
        if !delay.is_zero() {
            let pause = self.pause.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + delay)));
            std::task::ready!(pause.as_mut().poll(cx));
            self.pause = None;
        } else if number > 0 && number.is_multiple_of(TURN) && !self.turn_over {
            self.turn_over = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.turn_over = false;
        Poll::Ready(())
    }
}
