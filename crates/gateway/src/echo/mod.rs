//! The built-in provider: answers offline, in the shapes of the endpoints that it has. It says the last user message
//! again, word by word; a word is a token. Embeddings, counts and moderations are as empty, but well-formed.
//!
//! Requests are hostile: what is kept, said and computed is bounded, and what can't be read is answered with 400.

mod asked;
mod chat;
mod choices;
mod completions;
mod count;
mod embeddings;
mod form;
mod heard;
mod inputs;
mod moderations;
mod responses;
mod speech;
mod stream;

pub(crate) use stream::EchoBody;

use crate::endpoint::Endpoint;
use crate::error::{ApiError, Code};
use crate::upstream::UpstreamBody;
use asked::Asked;
use bytes::Bytes;
use embeddings::Embeddings;
use form::Form;
use model::catalog::ProviderOptions;
use speech::Speech;
use std::time::Duration;

/// Names that an answer shows.
pub(crate) struct Labels<'a> {
    pub(crate) id: &'a str,
    pub(crate) model: &'a str,
    pub(crate) created: i64,
}

impl Labels<'_> {
    /// What the ids of an answer have in common.
    fn short_id(&self) -> &str {
        self.id.trim_start_matches("req_")
    }
}

/// An answer that is about to be given.
pub(crate) struct Echo {
    content: Content,
    options: ProviderOptions,
}

enum Content {
    /// Text, which can be streamed.
    Speech(&'static dyn Form, Speech),
    Embeddings(Embeddings),
    /// What was quickly made.
    Ready(Bytes),
}

impl Echo {
    /// The answer to a request; the error is the answer to one that can't be read.
    pub(crate) fn new(
        endpoint: Endpoint,
        labels: &Labels<'_>,
        body: &[u8],
        options: ProviderOptions,
    ) -> Result<Self, ApiError> {
        let asked = Asked::read(body)?;
        let chunks = options.chunks;
        let content = match endpoint {
            Endpoint::ChatCompletions => Content::Speech(&chat::FORM, chat::speech(&asked, labels, chunks)?),
            Endpoint::Completions => {
                Content::Speech(&completions::FORM, completions::speech(&asked, labels, chunks)?)
            }
            Endpoint::Responses => {
                Content::Speech(&responses::Responses, responses::speech(&asked, labels, chunks)?)
            }
            Endpoint::Embeddings => Content::Embeddings(Embeddings::new(&asked, labels.model)?),
            Endpoint::CountTokens => Content::Ready(count::answer(&asked)?),
            Endpoint::Moderations => Content::Ready(moderations::answer(&asked, labels)?),
            _ => return Err(Code::UnsupportedTranslation.into()),
        };
        Ok(Self { content, options })
    }

    /// How many chunks it has. What isn't text has one for each vector, or one, unless a number is wanted.
    fn chunks(&self) -> u64 {
        let wanted = u64::from(self.options.chunks);
        match &self.content {
            Content::Speech(_, speech) => speech.chunks(),
            _ if wanted > 0 => wanted,
            Content::Embeddings(embeddings) => embeddings.count(),
            Content::Ready(_) => 1,
        }
    }

    /// The answer: events if it is text and they are wanted, else in one piece after all its pauses. `None`: it was
    /// told to break off.
    pub(crate) async fn answer(self, streamed: bool) -> Option<UpstreamBody> {
        let chunks = self.chunks();
        let Self { content, options } = self;
        let content = match content {
            Content::Speech(form, speech) if streamed => {
                return Some(UpstreamBody::Echo(Box::new(EchoBody::new(form, speech, options))));
            }
            other => other,
        };
        let breaks_off = breaks_off(&options, chunks);
        let count = if breaks_off { u64::from(options.fail_after_chunks) } else { chunks };
        let pause =
            u64::from(options.first_chunk_delay_ms) + u64::from(options.chunk_delay_ms).saturating_mul(count);
        if pause > 0 {
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        if breaks_off {
            return None;
        }
        Some(UpstreamBody::whole(match content {
            Content::Speech(form, mut speech) => {
                speech.fit();
                form.plain(&speech).to_string().into()
            }
            Content::Embeddings(embeddings) => embeddings.answer().await,
            Content::Ready(bytes) => bytes,
        }))
    }
}

/// Whether an answer breaks off by the time that so many chunks were given.
fn breaks_off(options: &ProviderOptions, chunks: u64) -> bool {
    let last = u64::from(options.fail_after_chunks);
    last > 0 && chunks >= last
}

#[cfg(test)]
mod tests;
