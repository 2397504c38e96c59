//! What is believed of the figures that a provider reports. They become money and limits, and a provider may be broken,
//! or hostile: what can't be true is replaced by the gateway's own estimate. What can be stays as it was reported.

use crate::endpoint::Endpoint;
use crate::limits::Demand;
use crate::settle::Tokens;
use dialect::tokens::TokenCounts;

/// Most tokens that a prompt has when the model's context length isn't known.
const CONTEXT: u64 = 1_000_000;
/// The same where a context length doesn't bound it: lists of prompts, and answers that go on from what is stored.
const UNBOUNDED: u64 = 4_000_000;
/// So many times what is to be expected is still believed: templates, tools and thinking add to it.
const MARGIN: u64 = 4;
/// Output beyond the named maximum that is believed in any case.
const SLACK: u64 = 1_024;
/// Most bytes of text that a token has on average.
const TOKEN_BYTES: u64 = 32;

/// The bounds of one attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Belief {
    most_input: u64,
    most_output: u64,
    /// Whether answers hold generated text, and what it was made from counts as well when it is repeated.
    text: bool,
    echoes: bool,
}

/// What was seen of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Bytes of generated text.
    pub(crate) text: u64,
    /// Tokens that this may have been.
    pub(crate) output: u64,
}

impl Belief {
    pub(crate) fn new(endpoint: Endpoint, context_length: Option<u64>, demand: &Demand) -> Self {
        let context = match endpoint {
            Endpoint::ChatCompletions | Endpoint::Messages => context_length.unwrap_or(CONTEXT),
            _ => UNBOUNDED,
        };
        let context = context.max(demand.input).saturating_mul(MARGIN);
        let text = endpoint.generates_text();
        let most_output = match demand.named_output.filter(|_| text) {
            Some(named) => named.saturating_mul(MARGIN).saturating_add(SLACK),
            None => context,
        };
        Self { most_input: context, most_output, text, echoes: endpoint == Endpoint::Completions }
    }

    /// Whether `counts` can be true beside text of about so many bytes.
    pub(crate) fn takes(&self, counts: TokenCounts, text: u64) -> bool {
        // A prompt that is repeated in the answer isn't output.
        let written = if self.echoes { counts.total() } else { counts.output };
        counts.input <= self.most_input
            && counts.output <= self.most_output
            && (!self.text
                || (written.saturating_mul(TOKEN_BYTES) >= text && (counts.input > 0 || counts.output == 0)))
    }

    /// The figures of an answer: those `reported` if they can be true, otherwise an estimate, which is not below what
    /// was seen, nor below what can be true of what was `said`.
    pub(crate) fn tokens(
        &self,
        reported: Option<TokenCounts>,
        said: TokenCounts,
        input: u64,
        seen: Seen,
    ) -> Tokens {
        if let Some(counts) = reported.filter(|counts| self.takes(*counts, seen.text)) {
            return Tokens::reported(counts);
        }
        let within = |figure: u64, most: u64| if figure <= most { figure } else { 0 };
        Tokens::estimated(
            input.max(within(said.input, self.most_input)),
            seen.output.max(within(said.output, self.most_output)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(input: u64, output: u64) -> TokenCounts {
        TokenCounts { input, output, ..TokenCounts::default() }
    }

    fn belief(endpoint: Endpoint, named: Option<u64>, context: Option<u64>) -> Belief {
        Belief::new(endpoint, context, &Demand { input: 25, named_output: named, default_output: 1_024 })
    }

    #[test]
    fn what_can_be_true_stays() {
        let chat = belief(Endpoint::ChatCompletions, None, None);
        for (figures, text) in [
            (counts(9, 0), 0),
            (counts(9, 5), 20),
            (counts(9, 5), 160),
            // Thinking that nobody sees, pictures behind an address.
            (counts(200_000, 100_000), 1),
        ] {
            assert!(chat.takes(figures, text), "{figures:?} {text}");
        }
        assert!(
            belief(Endpoint::ChatCompletions, Some(10), None).takes(counts(9, 60), 200),
            "words are no promise"
        );
        assert!(
            belief(Endpoint::Completions, Some(1), None).takes(counts(900, 1), 3_600),
            "the prompt repeated"
        );
        assert!(belief(Endpoint::Embeddings, Some(0), Some(8_192)).takes(counts(300_000, 0), 0));
        assert!(belief(Endpoint::ImageGenerations, Some(0), None).takes(counts(7, 1_056), 0));
        assert!(belief(Endpoint::Transcriptions, Some(0), None).takes(counts(14, 45), 4_000));
        assert!(
            belief(Endpoint::Responses, None, Some(8_192)).takes(counts(3_000_000, 9), 9),
            "what is stored"
        );
    }

    #[test]
    fn what_can_not_is_estimated() {
        let chat = belief(Endpoint::ChatCompletions, Some(10), Some(8_192));
        let seen = Seen { text: 300, output: 100 };
        for (figures, input, output) in [
            // Nothing beside text, hardly anything beside much text.
            (counts(9, 0), 25, 100),
            (counts(90, 9), 90, 100),
            // More than was allowed.
            (counts(9, 1_065), 25, 100),
            (counts(32_769, 20), 25, 100),
            (counts(u64::MAX, u64::MAX), 25, 100),
            (counts(0, 20), 25, 100),
        ] {
            let tokens = chat.tokens(Some(figures), figures, 25, seen);
            assert_eq!(tokens, Tokens::estimated(input, output), "{figures:?}");
        }
        let tokens = chat.tokens(None, counts(40, 700), 25, seen);
        assert_eq!(tokens, Tokens::estimated(40, 700), "what was said on the way");
    }
}
