//! Reading a request's body.

use crate::error::{ApiError, Code};
use crate::leftover::drain;
use crate::service::Worker;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};

/// The request's body, whole. Most come in one piece, which is then not copied.
pub(super) async fn read_body(worker: &Worker, mut body: Incoming) -> Result<Bytes, ApiError> {
    let read = read(worker, &mut body).await;
    if read.is_err() {
        drain(body).await;
    }
    read
}

async fn read(worker: &Worker, body: &mut Incoming) -> Result<Bytes, ApiError> {
    let config = &worker.shared.config;
    let most = config.max_body_bytes;
    let too_large = || {
        ApiError::from(Code::RequestTooLarge)
            .message(format!("The request body must be at most {most} bytes."))
    };
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    let read = async {
        let mut first = Bytes::new();
        let mut all = BytesMut::new();
        while let Some(frame) = body.frame().await {
            // The client went away, or broke the framing; hyper closes the connection.
            let Ok(data) = frame.map_err(|_| Code::InvalidJson)?.into_data() else { continue };
            if first.len().max(all.len()) + data.len() > most {
                return Err(too_large());
            }
            if first.is_empty() {
                first = data;
            } else {
                if all.is_empty() {
                    all.extend_from_slice(&first);
                }
                all.extend_from_slice(&data);
            }
        }
        Ok(if all.is_empty() { first } else { all.freeze() })
    };
    tokio::time::timeout(config.body_timeout, read).await.map_err(|_| Code::RequestTimeout)?
}
