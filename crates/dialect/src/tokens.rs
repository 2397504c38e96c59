//! Token figures, the same for every provider.

/// What one answer used. Those that this crate gives keep each part within its whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// Everything of the prompt, cached or not.
    pub input: u64,
    /// The part of `input` that the provider read from its cache.
    pub cached_input: u64,
    /// The part of `input` that the provider wrote to its cache.
    pub cache_write: u64,
    /// Everything generated.
    pub output: u64,
    /// The part of `output` that was reasoning.
    pub reasoning: u64,
}

impl TokenCounts {
    /// The same figures with each part cut down to its whole: providers may claim anything.
    #[must_use]
    pub(crate) fn bounded(self) -> Self {
        let cached_input = self.cached_input.min(self.input);
        Self {
            cached_input,
            cache_write: self.cache_write.min(self.input - cached_input),
            reasoning: self.reasoning.min(self.output),
            ..self
        }
    }

    /// Input and output together.
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// The part of `input` that no cache touched.
    pub fn fresh_input(self) -> u64 {
        self.input.saturating_sub(self.cached_input).saturating_sub(self.cache_write)
    }
}
