//! Server-sent events: metered as they pass, or split into single ones to be translated.

mod meter;
mod splitter;

pub use meter::Meter;
pub use splitter::{Event, Splitter, TooLong};
