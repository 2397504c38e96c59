//! The end user behind a request, as its key's identity rules want it.

use crate::error::ApiError;
use crate::policy::KeyPolicy;
use crate::service::Worker;
use http::HeaderMap;

/// The identity; `None`: the key doesn't ask for one and none was given.
pub(crate) async fn identify(
    _worker: &Worker,
    _policy: &KeyPolicy,
    _headers: &HeaderMap,
) -> Result<Option<String>, ApiError> {
    Ok(None)
}
