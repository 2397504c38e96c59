//! Text that is said again: which words, and in which chunks. Chunks are made as they are taken.

use super::Labels;
use std::ops::Range;

/// Most words that are said again: a huge message must not become a huge number of events.
const MOST_WORDS: usize = 4_096;
/// Text that an answer has in one piece ends here, however often its words were to be said. With every character
/// escaped it still fits an event that is read for its usage.
const MOST_PLAIN_BYTES: usize = 256 * 1024;

/// What the provider is about to say: the beginning of what it heard, at most its first 64 KiB and 4,096 words.
pub(super) struct Speech {
    /// What the ids of an answer have in common.
    pub(super) id: String,
    pub(super) model: String,
    pub(super) created: i64,
    pub(super) prompt_tokens: u64,
    /// Most words that may be said, if the request names them.
    pub(super) most: Option<u64>,
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
}

impl Speech {
    /// `chunks` are those that are wanted; 0: one for each word.
    pub(super) fn new(
        labels: &Labels<'_>,
        text: String,
        prompt_tokens: u64,
        most: Option<u64>,
        chunks: u32,
    ) -> Self {
        let base = text.as_ptr().addr();
        let at = |word: &str| word.as_ptr().addr() - base..word.as_ptr().addr() - base + word.len();
        let words: Vec<_> = text.split_whitespace().take(MOST_WORDS).map(at).collect();
        let (there, wanted) = (words.len() as u64, u64::from(chunks));
        let spread = if wanted == 0 { there } else { wanted };
        let total = if there == 0 { 0 } else { there.max(wanted) };
        let mut speech = Self {
            id: labels.short_id().to_owned(),
            model: labels.model.to_owned(),
            created: labels.created,
            prompt_tokens,
            most,
            text,
            words,
            total,
            spread,
            said: total,
            chunks: spread,
        };
        // A word is a token here, so the maximum counts words.
        if let Some(most) = most.filter(|most| *most < total) {
            speech.stop_after(most);
        }
        speech
    }

    /// Says only so many words, fewer than there are.
    fn stop_after(&mut self, words: u64) {
        self.said = words;
        self.chunks = (words * self.spread).div_ceil(self.total);
    }

    /// Says no more than an answer may have in one piece.
    pub(super) fn fit(&mut self) {
        let mut bytes = 0;
        for at in 0..self.said {
            if bytes >= MOST_PLAIN_BYTES {
                return self.stop_after(at);
            }
            bytes += self.word(at).len() + 1;
        }
    }

    pub(super) const fn chunks(&self) -> u64 {
        self.chunks
    }

    /// Words that are said, each a token.
    pub(super) const fn said(&self) -> u64 {
        self.said
    }

    /// Whether it ends before everything is said.
    pub(super) const fn is_cut_short(&self) -> bool {
        self.said < self.total
    }

    /// A word, counted over all chunks.
    fn word(&self, at: u64) -> &str {
        let word = usize::try_from(at % self.words.len() as u64).ok().and_then(|at| self.words.get(at));
        word.map_or("", |word| &self.text[word.clone()])
    }

    fn words(&self, which: Range<u64>) -> String {
        let mut text = String::new();
        for at in which {
            // Every word but the first brings the space that parts it from the one before.
            if at > 0 {
                text.push(' ');
            }
            text.push_str(self.word(at));
        }
        text
    }

    /// The word with which a chunk begins. Each chunk has its own word, or they share the words there are.
    fn begin(&self, chunk: u64) -> u64 {
        (chunk * self.total / self.spread).min(self.said)
    }

    pub(super) fn chunk(&self, number: u64) -> String {
        self.words(self.begin(number)..self.begin(number + 1))
    }

    /// All chunks as one text.
    pub(super) fn whole(&self) -> String {
        self.words(0..self.said)
    }
}

#[cfg(test)]
mod tests {
    use super::super::heard::{Heard, MOST_BYTES};
    use super::*;

    fn speech(messages: &str, most: Option<u64>, chunks: u32) -> Speech {
        let labels = Labels { id: "req_x", model: "echo", created: 7 };
        let Heard { words, last } = serde_json::from_str(messages).unwrap();
        Speech::new(&labels, last, words, most, chunks)
    }

    fn chunks(speech: &Speech) -> Vec<String> {
        (0..speech.chunks).map(|chunk| speech.chunk(chunk)).collect()
    }

    #[test]
    fn the_last_user_message_comes_back() {
        let messages = r#"[{"role":"system","content":"be brief"},{"content":"a b","role":"user"},
            {"role":"assistant","content":null},{"role":"assistant","content":"x"},
            {"role":"user","content":[{"type":"text","text":"c d"},7,{"text":null},{"text":"e"}]}]"#;
        let said = speech(messages, None, 0);
        assert_eq!(chunks(&said), ["c", " d", " e"]);
        assert_eq!((said.prompt_tokens, said.said, said.is_cut_short()), (8, 3, false));
        assert_eq!(said.whole(), "c d e");
        let short = speech(messages, Some(2), 0);
        assert_eq!(
            (chunks(&short), short.said, short.is_cut_short()),
            (vec!["c".into(), " d".into()], 2, true)
        );
        assert!(!speech(messages, Some(3), 0).is_cut_short());
        assert_eq!(chunks(&speech(messages, None, 2)), ["c", " d e"]);
        assert_eq!(chunks(&speech(messages, Some(2), 2)), ["c", " d"]);
        assert_eq!(chunks(&speech(messages, None, 5)), ["c", " d", " e", " c", " d"]);
        assert_eq!(chunks(&speech(messages, Some(4), 5)), ["c", " d", " e", " c"]);
        assert_eq!(chunks(&speech("[]", Some(1), 2)), ["", ""]);
    }

    #[test]
    fn a_huge_message_is_not_said_again_whole() {
        let messages = format!(r#"[{{"role":"user","content":"{}"}}]"#, "\u{e9} ".repeat(1_000_000));
        let said = speech(&messages, None, 0);
        assert_eq!((said.chunks, said.words.len()), (MOST_WORDS as u64, MOST_WORDS));
        assert!(said.text.capacity() <= 2 * MOST_BYTES, "the rest isn't kept");
        assert_eq!(said.prompt_tokens, 1_000_000);
        // However often it is said.
        let messages = format!(r#"[{{"role":"user","content":"{}"}}]"#, "x".repeat(MOST_BYTES));
        let mut said = speech(&messages, None, u32::MAX);
        said.fit();
        assert!(said.whole().len() <= MOST_PLAIN_BYTES + MOST_BYTES + 1);
        assert_eq!((said.said, said.is_cut_short()), (4, true));
        let mut silent = speech("[]", None, u32::MAX);
        silent.fit();
        assert_eq!(silent.whole(), "");
    }

    #[test]
    fn what_has_no_words_is_silence() {
        for silent in ["[]", r#"[{"role":"user"}]"#, r#"[{"role":"user","content":{"a":1}}]"#, "\"\""] {
            assert!(chunks(&speech(silent, None, 0)).is_empty(), "{silent}");
        }
    }
}
