//! Every error that a client of the data path can get, and its one mapping to HTTP in the caller's dialect.
//!
//! Official SDKs choose their exception by the status alone and show `message`; `code` is for programs. A message
//! names what to do and never holds a secret, an address or an internal.

use crate::answer::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use model::change::CutCause;
use serde::Serialize;
use std::borrow::Cow;

macro_rules! codes {
    ($($name:ident $word:literal $status:ident $kind:literal $message:literal;)*) => {
        /// The stable word for a case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code { $($name),* }

        impl Code {
            pub(crate) const ALL: [Self; [$($word),*].len()] = [$(Self::$name),*];

            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }
            const fn kind(self) -> &'static str {
                match self { $(Self::$name => $kind),* }
            }
            const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),* }
            }
        }
    };
}

codes! {
    ConflictingCredentials "conflicting_credentials" BAD_REQUEST "invalid_request_error"
        "The request carries two different API keys. Send one, as Authorization: Bearer, x-api-key or api-key.";
    CredentialInUrl "credential_in_url" BAD_REQUEST "invalid_request_error"
        "The URL contains an API key. Send it in the Authorization header, and replace this key: URLs end up in logs.";
    ConflictingIdentity "conflicting_identity" BAD_REQUEST "invalid_request_error"
        "The request names its user twice, differently, or in a header that only looks like X-User-Email or X-User-Token. Send each once.";
    ReservedTag "reserved_tag" BAD_REQUEST "invalid_request_error"
        "Tags that begin with key:: are set by an operator. Choose another name.";
    ConversationIdRequired "conversation_id_required" BAD_REQUEST "invalid_request_error"
        "This API key requires X-Conversation-Id: 1 to 200 visible ASCII characters, the same for all requests of a conversation.";
    UnsupportedTranslation "unsupported_translation" BAD_REQUEST "invalid_request_error"
        "The providers of this model can't answer this kind of request.";
    InvalidApiKey "invalid_api_key" UNAUTHORIZED "authentication_error"
        "Missing or invalid API key. Send a valid key as Authorization: Bearer.";
    KeyExpired "key_expired" UNAUTHORIZED "authentication_error"
        "This API key has expired. Create a new one.";
    KeyRevoked "key_revoked" UNAUTHORIZED "authentication_error"
        "This API key was revoked. Use another one.";
    OwnerInactive "owner_inactive" UNAUTHORIZED "authentication_error"
        "The owner of this API key is inactive or has left its tenant. Ask an administrator.";
    TenantSuspended "tenant_suspended" UNAUTHORIZED "authentication_error"
        "The tenant of this API key is suspended. Ask an administrator.";
    InvalidIdentityToken "invalid_identity_token" UNAUTHORIZED "authentication_error"
        "The identity token in X-User-Token or Authorization is not valid for this API key. Send a fresh one.";
    IdentityRequired "identity_required" FORBIDDEN "permission_error"
        "This API key requires identity context.";
    IdentityDomainNotAllowed "identity_domain_not_allowed" FORBIDDEN "permission_error"
        "This API key may not be used for people of this e-mail domain.";
    IpNotAllowed "ip_not_allowed" FORBIDDEN "permission_error"
        "This API key may not be used from this address.";
    ActionNotAllowed "action_not_allowed" FORBIDDEN "permission_error"
        "This API key may not make this kind of request.";
    ModelNotAllowed "model_not_allowed" FORBIDDEN "permission_error"
        "This API key may not call this model. GET /v1/models lists those that it may call.";
    ProviderNotAllowed "provider_not_allowed" FORBIDDEN "permission_error"
        "This API key may not use any provider of this model. Ask for another key or choose another model.";
    SandboxOnly "sandbox_only" FORBIDDEN "permission_error"
        "This is a sandbox key and this model has no sandbox provider. Use a production key or a sandbox model.";
    ModelNotFound "model_not_found" NOT_FOUND "invalid_request_error"
        "There is no such model. GET /v1/models lists those that this key may call.";
    NotFound "not_found" NOT_FOUND "invalid_request_error"
        "There is no such endpoint. The gateway's documentation lists those that are supported.";
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "invalid_request_error"
        "This endpoint has no such method; the allow header names those it has.";
    RequestTooLarge "request_too_large" PAYLOAD_TOO_LARGE "invalid_request_error"
        "The request body is too large. Send less.";
    RequestTimeout "request_timeout" REQUEST_TIMEOUT "invalid_request_error"
        "The request body didn't arrive in time. Send it again.";
    InvalidJson "invalid_json" BAD_REQUEST "invalid_request_error"
        "The request body is not valid JSON in UTF-8.";
    InvalidRequest "invalid_request_error" BAD_REQUEST "invalid_request_error"
        "The request is invalid.";
    RateLimitExceeded "rate_limit_exceeded" TOO_MANY_REQUESTS "rate_limit_error"
        "A rate limit of this API key is reached. Wait as long as retry-after says.";
    ConcurrencyLimitExceeded "concurrency_limit_exceeded" TOO_MANY_REQUESTS "rate_limit_error"
        "Too many requests of this API key are running. Try again when one of them has ended.";
    UpstreamError "upstream_error" BAD_GATEWAY "api_error"
        "The provider of this model couldn't answer. Try again, or tell an administrator.";
    UpstreamTimeout "upstream_timeout" GATEWAY_TIMEOUT "api_error"
        "The provider of this model didn't answer in time. Try again.";
    StateUnavailable "state_unavailable" SERVICE_UNAVAILABLE "api_error"
        "The gateway can't verify keys or record usage at the moment. Try again shortly.";
    Overloaded "overloaded" SERVICE_UNAVAILABLE "api_error"
        "The gateway has too much to do at the moment. Try again shortly.";
    ShuttingDown "shutting_down" SERVICE_UNAVAILABLE "api_error"
        "The gateway is shutting down. Try again.";
}

impl From<CutCause> for Code {
    fn from(cause: CutCause) -> Self {
        match cause {
            CutCause::KeyRevoked => Self::KeyRevoked,
            CutCause::KeyExpired => Self::KeyExpired,
            CutCause::OwnerInactive => Self::OwnerInactive,
            CutCause::TenantSuspended => Self::TenantSuspended,
        }
    }
}

/// An error on its way to the client. Small, because nearly every function of a request may give one.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) code: Code,
    detail: Option<Box<Detail>>,
}

/// What differs from the code's own words.
#[derive(Debug, Default)]
struct Detail {
    message: Option<Cow<'static, str>>,
    param: Option<Cow<'static, str>>,
    headers: HeaderMap,
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self { code, detail: None }
    }
}

/// How a client wants its errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[default]
    OpenAi,
    Anthropic,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Inner<'a>,
}

/// Anthropic's shape, and the code beside it for programs: where its SDKs look (`details.error_code`), and where those
/// who know `OpenAI`'s errors look.
#[derive(Serialize)]
struct AnthropicEnvelope<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: AnthropicInner<'a>,
}

#[derive(Serialize)]
struct AnthropicInner<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
    code: &'a str,
    details: AnthropicDetails<'a>,
}

#[derive(Serialize)]
struct AnthropicDetails<'a> {
    error_code: &'a str,
}

impl<'a> AnthropicEnvelope<'a> {
    fn new(status: StatusCode, message: &'a str, code: &'a str) -> Self {
        let details = AnthropicDetails { error_code: code };
        Self { kind: "error", error: AnthropicInner { kind: anthropic_kind(status), message, code, details } }
    }
}

/// Anthropic's word for a status.
fn anthropic_kind(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        504 => "timeout_error",
        400..500 => "invalid_request_error",
        _ => "api_error",
    }
}

#[derive(Serialize)]
struct Inner<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
    code: &'a str,
}

impl ApiError {
    /// 400 about the body's field `param`.
    pub(crate) fn invalid(
        param: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::from(Code::InvalidRequest).param(param).message(message)
    }

    pub(crate) fn param(mut self, param: impl Into<Cow<'static, str>>) -> Self {
        self.detail().param = Some(param.into());
        self
    }

    pub(crate) fn message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.detail().message = Some(message.into());
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.detail().headers.insert(name, value);
        self
    }

    pub(crate) fn headers(mut self, headers: HeaderMap) -> Self {
        self.detail().headers.extend(headers);
        self
    }

    fn detail(&mut self) -> &mut Detail {
        self.detail.get_or_insert_default()
    }

    /// The body of its answer.
    pub(crate) fn json(&self, dialect: Dialect) -> Vec<u8> {
        let detail = self.detail.as_deref();
        let message = detail.and_then(|detail| detail.message.as_deref()).unwrap_or(self.code.message());
        let param = detail.and_then(|detail| detail.param.as_deref());
        let (code, kind) = (self.code.as_str(), self.code.kind());
        // Strings always serialise.
        match dialect {
            Dialect::OpenAi => serde_json::to_vec(&Envelope { error: Inner { message, kind, param, code } }),
            Dialect::Anthropic => {
                // Its errors have no place for the field: the message names it, as Anthropic's own do.
                let message =
                    param.map_or(Cow::Borrowed(message), |param| format!("{param}: {message}").into());
                serde_json::to_vec(&AnthropicEnvelope::new(self.code.status(), &message, code))
            }
        }
        .unwrap_or_default()
    }

    /// The last event of a stream that ends by this error. Nothing follows it, `[DONE]` neither.
    pub(crate) fn into_event(self, dialect: Dialect) -> Bytes {
        let json = self.json(dialect);
        let start: &[u8] = match dialect {
            Dialect::OpenAi => b"data: ",
            Dialect::Anthropic => b"event: error\ndata: ",
        };
        [start, &json, b"\n\n"].concat().into()
    }

    pub(crate) fn into_response(self, dialect: Dialect) -> Response<Body> {
        let mut response = Response::new(Body::full(self.json(dialect).into()));
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.code.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(detail) = self.detail {
            headers.extend(detail.headers);
        }
        response
    }
}

/// An upstream's error with a status of its own, told in our words.
pub(crate) fn foreign(status: StatusCode, message: &str, dialect: Dialect) -> Bytes {
    let code = Code::UpstreamError.as_str();
    match dialect {
        Dialect::OpenAi => {
            serde_json::to_vec(&Envelope { error: Inner { message, kind: "api_error", param: None, code } })
        }
        Dialect::Anthropic => serde_json::to_vec(&AnthropicEnvelope::new(status, message, code)),
    }
    .unwrap_or_default()
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_caller_s_shape_and_is_not_stored() {
        let response = ApiError::from(Code::InvalidApiKey).into_response(Dialect::OpenAi);
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let json: serde_json::Value =
            serde_json::from_slice(&ApiError::invalid("model", "x").json(Dialect::OpenAi)).unwrap();
        assert_eq!(json["error"]["param"], "model");
        assert_eq!(json["error"]["type"], "invalid_request_error");
        let event = ApiError::from(Code::KeyRevoked).into_event(Dialect::Anthropic);
        let json = event.strip_prefix(b"event: error\ndata: ").unwrap();
        let json: serde_json::Value = serde_json::from_slice(json).unwrap();
        assert_eq!(json["type"], "error");
        assert_eq!(json["error"]["type"], "authentication_error");
        assert_eq!(json["error"]["code"], "key_revoked");
        assert_eq!(json["error"]["details"]["error_code"], "key_revoked");
    }

    #[test]
    fn a_field_is_named_in_either_dialect() {
        let error = ApiError::from(Code::UnsupportedTranslation).param("top_k").message("Use top_p.");
        let json: serde_json::Value = serde_json::from_slice(&error.json(Dialect::OpenAi)).unwrap();
        assert_eq!(
            (&json["error"]["param"], &json["error"]["message"]),
            (&"top_k".into(), &"Use top_p.".into())
        );
        let json: serde_json::Value = serde_json::from_slice(&error.json(Dialect::Anthropic)).unwrap();
        assert_eq!(json["error"]["message"], "top_k: Use top_p.");
    }

    #[test]
    fn every_code_is_where_its_number_says() {
        for (at, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, at);
        }
    }
}
