//! Reading a request's body.

use crate::bodies::{Place, SMALL};
use crate::error::{ApiError, Code};
use crate::leftover::drain;
use crate::policy::KeyPolicy;
use crate::service::Worker;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

/// A request's body, whole.
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    /// Its part of the memory, when it is a large one.
    _place: Option<Place>,
}

/// Reads the body of a request with a key of this policy. Most come in one piece, which is then not copied.
pub(super) async fn read_body(
    worker: &Worker,
    policy: &KeyPolicy,
    mut body: Incoming,
) -> Result<Whole, ApiError> {
    let read = read(worker, policy, &mut body).await;
    if read.is_err() {
        drain(body).await;
    }
    read
}

async fn read(worker: &Worker, policy: &KeyPolicy, body: &mut Incoming) -> Result<Whole, ApiError> {
    let config = &worker.shared.config;
    let most = config.max_body_bytes;
    let too_large = || {
        ApiError::from(Code::RequestTooLarge)
            .message(format!("The request body must be at most {most} bytes."))
    };
    let hint = body.size_hint();
    if hint.lower() > most as u64 {
        return Err(too_large());
    }
    let upper = hint.upper().and_then(|upper| usize::try_from(upper).ok()).unwrap_or(most).min(most);
    let mut place = None;
    // Before the first byte of it, if it is said to be large.
    hold(worker, policy, &mut place, usize::try_from(hint.lower()).unwrap_or(most), 0)?;
    let deadline = Instant::now() + config.body_timeout;
    let mut first = Bytes::new();
    let mut all = Vec::new();
    loop {
        let patience = deadline.min(Instant::now() + config.body_idle_timeout);
        let frame = timeout_at(patience, body.frame()).await;
        let Some(frame) = frame.map_err(|_| Code::RequestTimeout)? else { break };
        // The client went away, or broke the framing; hyper closes the connection.
        let Ok(data) = frame.map_err(|_| Code::InvalidJson)?.into_data() else { continue };
        let length = first.len().max(all.len()) + data.len();
        if length > most {
            return Err(too_large());
        }
        if first.is_empty() {
            hold(worker, policy, &mut place, length, length)?;
            first = data;
            continue;
        }
        if length > all.capacity() {
            let room = length.max(all.capacity() * 2).min(upper.max(length));
            hold(worker, policy, &mut place, room, room)?;
            all.reserve_exact(room - all.len());
        }
        if all.is_empty() {
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&data);
    }
    if let Some(place) = &mut place {
        place.read();
    }
    Ok(Whole { bytes: if all.is_empty() { first } else { all.into() }, _place: place })
}

/// Takes a place for a body that is `length` bytes long, or longer, of which `bytes` are to be held.
fn hold(
    worker: &Worker,
    policy: &KeyPolicy,
    place: &mut Option<Place>,
    length: usize,
    bytes: usize,
) -> Result<(), ApiError> {
    if length <= SMALL {
        return Ok(());
    }
    if place.is_none() {
        *place = Some(worker.shared.bodies.place(policy)?);
    }
    place.as_mut().map_or(Ok(()), |place| place.grow(bytes))
}
