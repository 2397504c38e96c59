//! Embeddings: for each input a vector of length 1 that only its text decides. Nearness means nothing.

use super::asked::{Asked, Encoding};
use super::heard::Text;
use crate::error::ApiError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

/// Numbers of a vector unless the request says how many.
const DIMENSIONS: u16 = 16;
const MOST_DIMENSIONS: u16 = 4_096;
/// Most numbers of an answer: some 6 MB.
const MOST_NUMBERS: usize = 512 * 1024;
/// Numbers after which others get their turn.
const TURN: usize = 16 * 1024;

pub(super) struct Embeddings {
    model: String,
    inputs: Vec<Text>,
    dimensions: u16,
    encoding: Encoding,
}

impl Embeddings {
    pub(super) fn new(asked: &Asked<'_>, model: &str) -> Result<Self, ApiError> {
        let inputs = asked.inputs()?.texts("input")?;
        let dimensions = asked.dimensions(MOST_DIMENSIONS)?.unwrap_or(DIMENSIONS);
        if inputs.len() * usize::from(dimensions) > MOST_NUMBERS {
            let message = format!("The answer would have more than {MOST_NUMBERS} numbers. Ask for fewer.");
            return Err(ApiError::invalid("input", message));
        }
        Ok(Self { model: model.to_owned(), inputs, dimensions, encoding: asked.encoding_format()? })
    }

    pub(super) fn count(&self) -> u64 {
        self.inputs.len() as u64
    }

    pub(super) async fn answer(self) -> Bytes {
        let mut list = String::new();
        let mut since_turn = 0;
        for (index, input) in self.inputs.iter().enumerate() {
            if since_turn >= TURN {
                tokio::task::yield_now().await;
                since_turn = 0;
            }
            since_turn += usize::from(self.dimensions);
            if index > 0 {
                list.push(',');
            }
            let numbers = written(&vector(input, self.dimensions), self.encoding);
            list.push_str(&json!({"object": "embedding", "index": index, "embedding": numbers}).to_string());
        }
        let words: u64 = self.inputs.iter().map(|input| input.words).sum();
        let usage = json!({"prompt_tokens": words, "total_tokens": words});
        let model = json!(self.model);
        format!(r#"{{"object":"list","data":[{list}],"model":{model},"usage":{usage}}}"#).into()
    }
}

fn written(vector: &[f32], encoding: Encoding) -> Value {
    match encoding {
        Encoding::Float => json!(vector),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            BASE64_STANDARD.encode(bytes).into()
        }
    }
}

/// The vector of a text, by its beginning and its length in words.
fn vector(text: &Text, dimensions: u16) -> Vec<f32> {
    let mut state = u64::from(crc32fast::hash(text.head.as_bytes())) | text.words << 32;
    let mut vector: Vec<f32> = (0..dimensions)
        .map(|_| {
            let [low, high, ..] = splitmix(&mut state).to_le_bytes();
            // Odd, so that no vector has no length.
            f32::from(i16::from_le_bytes([low, high]) | 1)
        })
        .collect();
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    for number in &mut vector {
        *number /= length;
    }
    vector
}

/// Sebastiano Vigna's `SplitMix64`: a next number from a state, each as likely as any.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, dimensions: u16) -> Vec<f32> {
        vector(&text.into(), dimensions)
    }

    #[test]
    fn a_vector_is_its_text_s_and_has_length_1() {
        for dimensions in [1, 16, MOST_DIMENSIONS] {
            let vector = of("hello", dimensions);
            assert_eq!(vector, of("hello", dimensions));
            assert_eq!(vector.len(), usize::from(dimensions));
            let length: f32 = vector.iter().map(|number| number * number).sum();
            assert!((length - 1.0).abs() < 1e-4, "{length}");
        }
        assert_ne!(of("hello", 16), of("hallo", 16));
        assert!(of("hello", 16).iter().any(|number| *number < 0.0));
    }

    #[test]
    fn both_encodings_say_the_same() {
        let vector = of("hello", 16);
        let floats: Vec<f32> = serde_json::from_value(written(&vector, Encoding::Float)).unwrap();
        assert_eq!(floats, vector);
        let Value::String(text) = written(&vector, Encoding::Base64) else { panic!("not a string") };
        let bytes = BASE64_STANDARD.decode(text).unwrap();
        let read: Vec<f32> =
            bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
        assert_eq!(read, vector);
    }

    #[test]
    fn an_answer_is_bounded() {
        let asked = |count: usize, dimensions: u32| {
            let body =
                format!(r#"{{"input":[{}"x"],"dimensions":{dimensions}}}"#, r#""x","#.repeat(count - 1));
            Embeddings::new(&Asked::read(body.as_bytes()).unwrap(), "m").map(|made| made.count())
        };
        assert_eq!(asked(2_048, 256).unwrap(), 2_048);
        assert!(asked(2_048, 257).is_err());
        assert_eq!(asked(1, 4_096).unwrap(), 1);
        for dimensions in [0, 4_097, 65_537] {
            assert!(asked(1, dimensions).is_err(), "{dimensions}");
        }
    }
}
