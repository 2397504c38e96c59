//! What a target is sent: the client's bytes where it speaks the client's dialect, otherwise a translation.

use super::{Call, Request};
use crate::catalog::{Link, Target};
use crate::endpoint::{Endpoint, Service};
use crate::error::{ApiError, Code};
use bytes::Bytes;
use dialect::translate::messages_to_chat::MaxTokens;
use dialect::translate::{Untranslatable, chat_to_messages, messages_to_chat};
use http::HeaderValue;
use model::catalog::ProviderKind;

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Output tokens that are asked for when a client that needs no maximum calls a provider that does.
const MOST_OUTPUT: u64 = 4_096;

/// A request for one target.
pub(super) struct Outgoing {
    /// The upstream's endpoint.
    pub(super) endpoint: Endpoint,
    pub(super) body: Bytes,
    pub(super) content_type: HeaderValue,
}

impl Outgoing {
    /// The request as `target` understands it; an error when its dialect can't say it.
    pub(super) fn prepare(request: &Request<'_>, target: &Target) -> Result<Self, ApiError> {
        let kind = target.upstream.kind;
        let endpoint = request.endpoint.upstream(kind);
        match &request.call {
            Call::Form(form) => {
                let (body, content_type) =
                    form.outgoing(&target.upstream_model, &request.id).ok_or(Code::InvalidRequest)?;
                Ok(Self { endpoint, body, content_type })
            }
            Call::Json(call) if request.endpoint.service(kind) == Service::Native => {
                let echo = matches!(target.upstream.link, Link::Echo(_));
                let body = if echo {
                    request.body.clone()
                } else {
                    let renamed = target.renamed.then_some(&*target.upstream_model);
                    call.outgoing(request.body, renamed).map_err(|_| Code::InvalidJson)?
                };
                Ok(Self { endpoint, body, content_type: JSON })
            }
            Call::Json(_) => {
                let body = translate(request, target).map_err(|untranslatable| {
                    ApiError::from(Code::UnsupportedTranslation)
                        .param(untranslatable.field)
                        .message(untranslatable.message)
                })?;
                Ok(Self { endpoint, body: body.into(), content_type: JSON })
            }
        }
    }
}

fn translate(request: &Request<'_>, target: &Target) -> Result<Vec<u8>, Untranslatable> {
    let name = &target.upstream_model;
    match target.upstream.kind {
        ProviderKind::Anthropic => chat_to_messages::request(request.body, name, MOST_OUTPUT),
        // Servers that are merely compatible often know the older word alone.
        ProviderKind::OpenaiCompatible => messages_to_chat::request(request.body, name, MaxTokens::MaxTokens),
        _ => messages_to_chat::request(request.body, name, MaxTokens::MaxCompletionTokens),
    }
}
