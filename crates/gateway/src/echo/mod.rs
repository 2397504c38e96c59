//! The built-in provider: answers offline by streaming the last user message back word by word, in OpenAI's shapes.

mod heard;

use crate::answer::BoxError;
use crate::endpoint::Endpoint;
use bytes::Bytes;
use heard::Heard;
use model::catalog::ProviderOptions;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Most words that are said again: a huge message must not become a huge number of events.
const MOST_WORDS: usize = 4_096;
/// A plain answer ends here, however often its words were to be said.
const MOST_PLAIN_BYTES: usize = 1024 * 1024;
/// Chunks without a pause after which others get their turn.
const TURN: u64 = 32;

/// What the provider is about to say: the beginning of the last user message, at most its first 64 KiB and 4,096
/// words. Chunks are made as they are taken.
pub(crate) struct Echo {
    id: String,
    model: String,
    created: i64,
    text: String,
    /// Where its words stand.
    words: Vec<Range<usize>>,
    /// Words to say in all, were there no maximum; more than there are when they are said again and again.
    total: u64,
    /// Chunks over which `total` is spread.
    spread: u64,
    /// Words that are said, and chunks for them.
    said: u64,
    chunks: u64,
    prompt_tokens: u64,
    finish_reason: &'static str,
    options: ProviderOptions,
}

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    messages: &'a RawValue,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
}

/// Names that an answer shows.
pub(crate) struct Labels<'a> {
    pub(crate) id: &'a str,
    pub(crate) model: &'a str,
    pub(crate) created: i64,
}

impl Echo {
    /// The answer to a request; `None`: it can't be read.
    pub(crate) fn new(
        _endpoint: Endpoint,
        labels: &Labels<'_>,
        body: &[u8],
        options: ProviderOptions,
    ) -> Option<Self> {
        let asked: Asked<'_> = serde_json::from_slice(body).ok()?;
        let most = asked.max_completion_tokens.max(asked.max_tokens);
        Some(Self::of(labels, asked.messages.get(), most, options))
    }

    /// `messages` is the request's field as JSON text; messages that can't be read count as empty.
    fn of(labels: &Labels<'_>, messages: &str, most: Option<u64>, options: ProviderOptions) -> Self {
        let Heard { words: prompt_tokens, last: text } = serde_json::from_str(messages).unwrap_or_default();
        let base = text.as_ptr().addr();
        let at = |word: &str| word.as_ptr().addr() - base..word.as_ptr().addr() - base + word.len();
        let words: Vec<_> = text.split_whitespace().take(MOST_WORDS).map(at).collect();
        let (there, wanted) = (words.len() as u64, u64::from(options.chunks));
        let spread = if wanted == 0 { there } else { wanted };
        let total = if there == 0 { 0 } else { there.max(wanted) };
        let mut echo = Self {
            id: format!("chatcmpl-{}", labels.id.trim_start_matches("req_")),
            model: labels.model.to_owned(),
            created: labels.created,
            text,
            words,
            total,
            spread,
            said: total,
            chunks: spread,
            prompt_tokens,
            finish_reason: "stop",
            options,
        };
        // A word is a token here, so the maximum counts words.
        if let Some(most) = most.filter(|most| *most < total) {
            echo.stop_after(most);
        }
        echo
    }

    /// Says only so many words, fewer than there are.
    fn stop_after(&mut self, words: u64) {
        self.said = words;
        self.chunks = (words * self.spread).div_ceil(self.total);
        self.finish_reason = "length";
    }

    /// The word, counted over all chunks, with which a chunk begins. Each chunk has its own word, or they share the
    /// words there are.
    fn begin(&self, chunk: u64) -> u64 {
        (chunk * self.total / self.spread).min(self.said)
    }

    fn chunk(&self, number: u64) -> String {
        let mut chunk = String::new();
        for at in self.begin(number)..self.begin(number + 1) {
            // Every word but the first brings the space that parts it from the one before.
            if at > 0 {
                chunk.push(' ');
            }
            let word = usize::try_from(at % self.words.len() as u64).ok().and_then(|at| self.words.get(at));
            chunk.push_str(word.map_or("", |word| &self.text[word.clone()]));
        }
        chunk
    }

    /// All chunks as one text, as far as it may go.
    fn whole(&mut self) -> String {
        let mut text = String::new();
        // Without words, chunks are empty.
        let chunks = if self.said == 0 { 0 } else { self.chunks };
        for chunk in 0..chunks {
            if text.len() >= MOST_PLAIN_BYTES {
                self.stop_after(self.begin(chunk));
                break;
            }
            text.push_str(&self.chunk(chunk));
        }
        text
    }

    fn usage(&self) -> serde_json::Value {
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.said,
            "total_tokens": self.prompt_tokens + self.said,
        })
    }

    /// The plain answer, after all its pauses; `None`: it was told to break off.
    pub(crate) async fn answer(mut self) -> Option<Bytes> {
        let options = self.options.clone();
        let last = u64::from(options.fail_after_chunks);
        let breaks_off = last > 0 && self.chunks >= last;
        let count = if breaks_off { last } else { self.chunks };
        let pause =
            u64::from(options.first_chunk_delay_ms) + u64::from(options.chunk_delay_ms).saturating_mul(count);
        if pause > 0 {
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        if breaks_off {
            return None;
        }
        let text = self.whole();
        let answer = json!({
            "id": self.id, "object": "chat.completion", "created": self.created, "model": self.model,
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": null},
                "logprobs": null,
                "finish_reason": self.finish_reason,
            }],
            "usage": self.usage(),
        });
        Some(answer.to_string().into())
    }

    fn event(&self, choices: &serde_json::Value, usage: &serde_json::Value) -> Bytes {
        let chunk = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model,
            "choices": choices, "usage": usage,
        });
        format!("data: {chunk}\n\n").into()
    }

    /// The streamed answer.
    pub(crate) fn stream(self) -> EchoBody {
        let first = u64::from(self.options.first_chunk_delay_ms);
        EchoBody {
            echo: self,
            next: 0,
            turn_over: false,
            tail: None,
            pause: None,
            first_delay: Duration::from_millis(first),
        }
    }
}

/// The events of a streamed answer, produced as they are taken.
pub(crate) struct EchoBody {
    echo: Echo,
    next: u64,
    /// Whether the others had their turn before the next chunk.
    turn_over: bool,
    tail: Option<VecDeque<Bytes>>,
    pause: Option<Pin<Box<Sleep>>>,
    first_delay: Duration,
}

impl EchoBody {
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        if let Some(tail) = &mut self.tail {
            return Poll::Ready(tail.pop_front().map(Ok));
        }
        let options = &self.echo.options;
        if options.fail_after_chunks > 0 && self.next >= u64::from(options.fail_after_chunks) {
            return Poll::Ready(Some(Err("the echo provider was told to break off".into())));
        }
        if self.next == self.echo.chunks {
            let null = serde_json::Value::Null;
            let finish = json!([{"index": 0, "delta": {}, "logprobs": null, "finish_reason": self.echo.finish_reason}]);
            let events = [
                self.echo.event(&finish, &null),
                self.echo.event(&json!([]), &self.echo.usage()),
                Bytes::from_static(b"data: [DONE]\n\n"),
            ];
            let tail = self.tail.insert(VecDeque::from(events));
            return Poll::Ready(tail.pop_front().map(Ok));
        }
        let first = if self.next == 0 { self.first_delay } else { Duration::ZERO };
        let delay = first + Duration::from_millis(u64::from(self.echo.options.chunk_delay_ms));
        if !delay.is_zero() {
            let pause = self.pause.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + delay)));
            std::task::ready!(pause.as_mut().poll(cx));
            self.pause = None;
        } else if self.next > 0 && self.next.is_multiple_of(TURN) && !self.turn_over {
            self.turn_over = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.turn_over = false;
        let text = self.echo.chunk(self.next);
        let delta = if self.next == 0 {
            json!({"role": "assistant", "content": text})
        } else {
            json!({"content": text})
        };
        self.next += 1;
        let choices = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null}]);
        Poll::Ready(Some(Ok(self.echo.event(&choices, &serde_json::Value::Null))))
    }
}

#[cfg(test)]
mod tests {
    use super::heard::MOST_BYTES;
    use super::*;

    fn echo(messages: &str, most: Option<u64>, chunks: u32) -> Echo {
        let labels = Labels { id: "req_x", model: "echo", created: 0 };
        Echo::of(&labels, messages, most, ProviderOptions { chunks, ..ProviderOptions::default() })
    }

    fn chunks(echo: &Echo) -> Vec<String> {
        (0..echo.chunks).map(|chunk| echo.chunk(chunk)).collect()
    }

    #[test]
    fn the_last_user_message_comes_back() {
        let messages = r#"[{"role":"system","content":"be brief"},{"content":"a b","role":"user"},
            {"role":"assistant","content":null},{"role":"assistant","content":"x"},
            {"role":"user","content":[{"type":"text","text":"c d"},7,{"text":null},{"text":"e"}]}]"#;
        let mut said = echo(messages, None, 0);
        assert_eq!(chunks(&said), ["c", " d", " e"]);
        assert_eq!((said.prompt_tokens, said.said, said.finish_reason), (8, 3, "stop"));
        assert_eq!(said.whole(), "c d e");
        let short = echo(messages, Some(2), 0);
        assert_eq!(
            (chunks(&short), short.said, short.finish_reason),
            (vec!["c".into(), " d".into()], 2, "length")
        );
        assert_eq!(echo(messages, Some(3), 0).finish_reason, "stop");
        assert_eq!(chunks(&echo(messages, None, 2)), ["c", " d e"]);
        assert_eq!(chunks(&echo(messages, Some(2), 2)), ["c", " d"]);
        assert_eq!(chunks(&echo(messages, None, 5)), ["c", " d", " e", " c", " d"]);
        assert_eq!(chunks(&echo(messages, Some(4), 5)), ["c", " d", " e", " c"]);
        assert_eq!(chunks(&echo("[]", Some(1), 2)), ["", ""]);
    }

    #[test]
    fn a_huge_message_is_not_said_again_whole() {
        let messages = format!(r#"[{{"role":"user","content":"{}"}}]"#, "\u{e9} ".repeat(1_000_000));
        let said = echo(&messages, None, 0);
        assert_eq!((said.chunks, said.words.len()), (MOST_WORDS as u64, MOST_WORDS));
        assert!(said.text.capacity() <= 2 * MOST_BYTES, "the rest isn't kept");
        assert_eq!(said.prompt_tokens, 1_000_000);
        // However often it is said.
        let messages = format!(r#"[{{"role":"user","content":"{}"}}]"#, "x".repeat(MOST_BYTES));
        let mut said = echo(&messages, None, u32::MAX);
        assert!(said.whole().len() <= MOST_PLAIN_BYTES + MOST_BYTES + 1);
        assert_eq!((said.said, said.finish_reason), (16, "length"));
        assert_eq!(echo("[]", None, u32::MAX).whole(), "");
    }

    #[test]
    fn a_long_stream_lets_others_have_their_turn() {
        let messages = format!(r#"[{{"role":"user","content":"{}"}}]"#, "a ".repeat(100));
        let mut body = echo(&messages, None, 0).stream();
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let (mut events, mut turns) = (0, 0);
        loop {
            match body.poll_next(&mut cx) {
                Poll::Ready(Some(event)) => events += usize::from(event.is_ok()),
                Poll::Ready(None) => break,
                Poll::Pending => turns += 1,
            }
        }
        assert_eq!((events, turns), (100 + 3, 3));
    }

    #[test]
    fn odd_messages_count_as_empty() {
        for odd in ["[]", "{}", "[1]", r#"[{"role":"user"}]"#, r#"[{"role":"user","content":{"a":1}}]"#] {
            assert!(chunks(&echo(odd, None, 0)).is_empty(), "{odd}");
        }
    }
}
