//! The built-in provider: answers offline by streaming the last user message back word by word, in OpenAI's shapes.

use crate::answer::BoxError;
use bytes::Bytes;
use model::catalog::EchoOptions;
use serde::Deserialize;
use serde_json::json;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    role: String,
    #[serde(default)]
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
    /// What this provider doesn't understand, it doesn't repeat.
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: Option<String>,
}

impl Content {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => {
                parts.into_iter().filter_map(|part| part.text).collect::<Vec<_>>().join(" ")
            }
            Self::Other(_) => String::new(),
        }
    }
}

/// Most bytes and words that are said again: a huge message must not become a huge number of events.
const MOST_BYTES: usize = 64 * 1024;
const MOST_WORDS: usize = 4_096;

/// What the provider is about to say.
pub(crate) struct Echo {
    id: String,
    model: String,
    created: i64,
    chunks: Vec<String>,
    prompt_tokens: usize,
    completion_tokens: usize,
    finish_reason: &'static str,
    options: EchoOptions,
}

/// Names that an answer shows.
pub(crate) struct Labels<'a> {
    pub(crate) id: &'a str,
    pub(crate) model: &'a str,
    pub(crate) created: i64,
}

impl Echo {
    /// `messages` is the request's field as JSON text; messages that can't be read count as empty.
    pub(crate) fn new(labels: &Labels<'_>, messages: &str, most: Option<u64>, options: EchoOptions) -> Self {
        let messages: Vec<Message> = serde_json::from_str(messages).unwrap_or_default();
        let mut prompt_tokens = 0;
        let mut last = String::new();
        for message in messages {
            let text = message.content.map(Content::into_text).unwrap_or_default();
            prompt_tokens += text.split_whitespace().count();
            if message.role == "user" {
                last = text;
            }
        }
        let heard = &last[..last.floor_char_boundary(MOST_BYTES)];
        let words: Vec<&str> = heard.split_whitespace().take(MOST_WORDS).collect();
        let mut chunks = arrange(&words, options.chunks as usize);
        // A word is a token here, so the maximum counts words.
        let most = most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        let (mut said, mut cut_short) = (0, false);
        for chunk in &mut chunks {
            let room = most.saturating_sub(said);
            if chunk.len() > room {
                chunk.truncate(room);
                cut_short = true;
            }
            said += chunk.len();
        }
        if cut_short {
            chunks.retain(|chunk| !chunk.is_empty());
        }
        let mut first = true;
        let chunks = chunks.iter().map(|words| {
            let text = words.join(" ");
            // Every chunk but the first brings the space that parts it from the one before.
            if std::mem::replace(&mut first, false) || text.is_empty() { text } else { format!(" {text}") }
        });
        Self {
            id: format!("chatcmpl-{}", labels.id.trim_start_matches("req_")),
            model: labels.model.to_owned(),
            created: labels.created,
            chunks: chunks.collect(),
            prompt_tokens,
            completion_tokens: said,
            finish_reason: if cut_short { "length" } else { "stop" },
            options,
        }
    }

    fn usage(&self) -> serde_json::Value {
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
        })
    }

    /// The plain answer, after all its pauses; `None`: it was told to break off.
    pub(crate) async fn answer(self) -> Option<Bytes> {
        let options = self.options;
        let breaks_off =
            options.fail_after_chunks > 0 && self.chunks.len() >= options.fail_after_chunks as usize;
        let count = if breaks_off {
            options.fail_after_chunks
        } else {
            u32::try_from(self.chunks.len()).unwrap_or(u32::MAX)
        };
        let pause =
            u64::from(options.first_chunk_delay_ms) + u64::from(options.chunk_delay_ms) * u64::from(count);
        if pause > 0 {
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        if breaks_off {
            return None;
        }
        let answer = json!({
            "id": self.id, "object": "chat.completion", "created": self.created, "model": self.model,
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": self.chunks.concat(), "refusal": null},
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
        EchoBody { echo: self, next: 0, tail: None, pause: None, first_delay: Duration::from_millis(first) }
    }
}

/// Words to chunks: each its own, or as many chunks as wanted, by grouping words or by saying them again and again.
fn arrange<'a>(words: &[&'a str], chunks: usize) -> Vec<Vec<&'a str>> {
    if chunks == 0 {
        return words.iter().map(|word| vec![*word]).collect();
    }
    if words.is_empty() {
        return vec![Vec::new(); chunks];
    }
    if chunks >= words.len() {
        return words.iter().cycle().take(chunks).map(|word| vec![*word]).collect();
    }
    (0..chunks).map(|at| words[at * words.len() / chunks..(at + 1) * words.len() / chunks].to_vec()).collect()
}

/// The events of a streamed answer, produced as they are taken.
pub(crate) struct EchoBody {
    echo: Echo,
    next: usize,
    tail: Option<VecDeque<Bytes>>,
    pause: Option<Pin<Box<Sleep>>>,
    first_delay: Duration,
}

impl EchoBody {
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        if let Some(tail) = &mut self.tail {
            return Poll::Ready(tail.pop_front().map(Ok));
        }
        let options = self.echo.options;
        if options.fail_after_chunks > 0 && self.next >= options.fail_after_chunks as usize {
            return Poll::Ready(Some(Err("the echo provider was told to break off".into())));
        }
        if self.next == self.echo.chunks.len() {
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
        let delay = first + Duration::from_millis(u64::from(options.chunk_delay_ms));
        if !delay.is_zero() {
            let pause = self.pause.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + delay)));
            std::task::ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let delta = if self.next == 0 {
            json!({"role": "assistant", "content": self.echo.chunks[0]})
        } else {
            json!({"content": self.echo.chunks[self.next]})
        };
        self.next += 1;
        let choices = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null}]);
        Poll::Ready(Some(Ok(self.echo.event(&choices, &serde_json::Value::Null))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(messages: &str, most: Option<u64>, chunks: u32) -> Echo {
        let labels = Labels { id: "req_x", model: "echo", created: 0 };
        Echo::new(&labels, messages, most, EchoOptions { chunks, ..EchoOptions::default() })
    }

    #[test]
    fn the_last_user_message_comes_back() {
        let messages = r#"[{"role":"system","content":"be brief"},{"role":"user","content":"a b"},
            {"role":"assistant","content":"x"},{"role":"user","content":[{"type":"text","text":"c d e"}]}]"#;
        let said = echo(messages, None, 0);
        assert_eq!(said.chunks, ["c", " d", " e"]);
        assert_eq!((said.prompt_tokens, said.completion_tokens), (8, 3));
        assert_eq!(echo(messages, Some(2), 0).chunks, ["c", " d"]);
        assert_eq!(echo(messages, Some(2), 0).finish_reason, "length");
        assert_eq!(echo(messages, None, 2).chunks, ["c", " d e"]);
        assert_eq!(echo(messages, None, 5).chunks.concat(), "c d e c d");
    }

    #[test]
    fn a_huge_message_is_not_said_again_whole() {
        let messages = format!(r#"[{{"role":"user","content":"{}"}}]"#, "\u{e9} ".repeat(1_000_000));
        let said = echo(&messages, None, 0);
        assert_eq!(said.chunks.len(), MOST_WORDS);
        assert_eq!(said.prompt_tokens, 1_000_000);
    }

    #[test]
    fn odd_messages_count_as_empty() {
        for odd in ["[]", "{}", "[1]", r#"[{"role":"user"}]"#, r#"[{"role":"user","content":{"a":1}}]"#] {
            assert!(echo(odd, None, 0).chunks.is_empty(), "{odd}");
        }
    }
}
