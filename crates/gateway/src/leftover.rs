//! What is left of a request's body when its answer is there already.
//!
//! A connection that is closed while its client still sends is reset, and a reset takes the answer along that the
//! client hasn't read yet: "too large" becomes "connection reset". So a little more is read, and thrown away.

use crate::inflight::lock;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How much is read, and for how long: enough for what was slightly too much, not for a flood.
const MOST: usize = 1024 * 1024;
const WITHIN: Duration = Duration::from_millis(500);

/// Where a body is put that was dropped before its end.
#[derive(Clone, Default)]
pub(crate) struct Leftover(Arc<Mutex<Option<Incoming>>>);

impl Leftover {
    pub(crate) fn keep(&self, body: Incoming) {
        if !body.is_end_stream() {
            *lock(&self.0) = Some(body);
        }
    }

    /// Reads what was left, within bounds.
    pub(crate) async fn read(&self) {
        let left = lock(&self.0).take();
        if let Some(body) = left {
            drain(body).await;
        }
    }
}

/// Reads the rest of a body, within bounds.
pub(crate) async fn drain(mut body: Incoming) {
    if body.size_hint().lower() > MOST as u64 {
        return;
    }
    let read = async {
        let mut all = 0;
        while let Some(Ok(frame)) = body.frame().await {
            all += frame.data_ref().map_or(0, bytes::Bytes::len);
            if all > MOST {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(WITHIN, read).await;
}
