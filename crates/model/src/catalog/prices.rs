//! What a request costs.

use crate::money::Usd;
use serde::{Deserialize, Serialize};

/// Prices in US dollars. What is left out is not charged, and makes the model unpriced when all are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// Per million input tokens.
    pub input_per_million_usd: Option<Usd>,
    /// Per million cached input tokens; the input price when left out.
    pub cached_input_per_million_usd: Option<Usd>,
    /// Per million tokens written to the provider's cache; the input price when left out.
    pub cache_write_per_million_usd: Option<Usd>,
    /// Per million output tokens.
    pub output_per_million_usd: Option<Usd>,
    /// Per million reasoning tokens; the output price when left out.
    pub reasoning_per_million_usd: Option<Usd>,
    /// For each request that was answered.
    pub per_request_usd: Option<Usd>,
    /// For each image that was made.
    pub per_image_usd: Option<Usd>,
    /// For each second of audio.
    pub per_audio_second_usd: Option<Usd>,
}

/// What a request used, for its price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quantities {
    /// Input tokens, cached and cache-written ones included.
    pub input: u64,
    /// Of these, read from the provider's cache.
    pub cached_input: u64,
    /// Of these, written to the provider's cache.
    pub cache_write: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
    /// Of these, reasoning.
    pub reasoning: u64,
    /// Images that were made.
    pub images: u64,
    /// Milliseconds of audio, heard or spoken.
    pub audio_millis: u64,
}

impl Prices {
    /// Whether nothing is charged because no price is known.
    pub fn is_unpriced(&self) -> bool {
        *self == Self::default()
    }

    /// What a request costs.
    pub fn cost(&self, used: &Quantities) -> Usd {
        let input_price = self.input_per_million_usd.unwrap_or_default();
        let output_price = self.output_per_million_usd.unwrap_or_default();
        let cached = used.cached_input.min(used.input);
        let written = used.cache_write.min(used.input - cached);
        let reasoning = used.reasoning.min(used.output);
        input_price.per_million(used.input - cached - written)
            + self.cached_input_per_million_usd.unwrap_or(input_price).per_million(cached)
            + self.cache_write_per_million_usd.unwrap_or(input_price).per_million(written)
            + output_price.per_million(used.output - reasoning)
            + self.reasoning_per_million_usd.unwrap_or(output_price).per_million(reasoning)
            + self.per_request_usd.unwrap_or_default()
            + self.per_image_usd.unwrap_or_default().per_million(used.images.saturating_mul(1_000_000))
            + self
                .per_audio_second_usd
                .unwrap_or_default()
                .per_million(used.audio_millis.saturating_mul(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_price() {
        let price = |text: &str| Some(text.parse().unwrap());
        let plain = Prices {
            input_per_million_usd: price("1"),
            output_per_million_usd: price("2"),
            ..Prices::default()
        };
        let used = Quantities {
            input: 100,
            cached_input: 40,
            cache_write: 10,
            output: 20,
            reasoning: 5,
            images: 2,
            audio_millis: 1_500,
        };
        assert_eq!(plain.cost(&used).as_micros(), 100 + 40);
        let all = Prices {
            cached_input_per_million_usd: price("0.5"),
            cache_write_per_million_usd: price("3"),
            reasoning_per_million_usd: price("4"),
            per_request_usd: price("0.001"),
            per_image_usd: price("0.04"),
            per_audio_second_usd: price("0.0001"),
            ..plain
        };
        assert_eq!(all.cost(&used).as_micros(), 50 + 20 + 30 + 30 + 20 + 1_000 + 80_000 + 150);
        let odd = Quantities {
            input: 1,
            cached_input: 5,
            cache_write: 5,
            output: 1,
            reasoning: 9,
            ..Quantities::default()
        };
        assert_eq!(plain.cost(&odd).as_micros(), 1 + 2, "parts never exceed the whole");
    }
}
