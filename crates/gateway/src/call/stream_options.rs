//! What a client wants of its stream beside the answer, and what is asked upstream instead.

use crate::error::ApiError;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// Longest value in bytes.
const LONGEST: usize = 1_024;
/// What is asked upstream in every stream.
pub(super) const INCLUDE_USAGE: &str = r#"{"include_usage":true}"#;
/// Tells the tokens so far with every event; told to a client that doesn't expect them, and no end of the count.
const CONTINUOUS_USAGE: &str = "continuous_usage_stats";

/// The client's `stream_options`, and where they stand; none when they are null.
pub(super) struct StreamOptions<'a> {
    named: BTreeMap<Cow<'a, str>, &'a RawValue>,
    pub(super) at: Range<usize>,
}

impl<'a> StreamOptions<'a> {
    /// From the field's value, which stands at `at`.
    pub(super) fn read(raw: &'a RawValue, at: Range<usize>) -> Result<Self, ApiError> {
        let named = Some(raw.get())
            .filter(|text| text.len() <= LONGEST)
            .and_then(|text| serde_json::from_str::<Option<_>>(text).ok())
            .ok_or_else(|| ApiError::invalid("stream_options", "stream_options must be a short object."))?;
        Ok(Self { named: named.unwrap_or_default(), at })
    }

    pub(super) fn include_usage(&self) -> bool {
        self.named.get("include_usage").is_some_and(|value| value.get() == "true")
    }

    /// With the usage asked for, and only at the end.
    pub(super) fn outgoing(&self) -> Result<Vec<u8>, serde_json::Error> {
        let usage = RawValue::from_string("true".into())?;
        let mut named = self.named.clone();
        named.remove(CONTINUOUS_USAGE);
        named.insert("include_usage".into(), &usage);
        serde_json::to_vec(&named)
    }
}
