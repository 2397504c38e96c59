//! Every error that a client of the data path can get, and its one mapping to HTTP in OpenAI's shape.
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
    ProviderNotAllowed "provider_not_allowed" FORBIDDEN "permission_error"
        "This API key may not use any provider of this model. Ask for another key or choose another model.";
    SandboxOnly "sandbox_only" FORBIDDEN "permission_error"
        "This is a sandbox key and this model has no sandbox provider. Use a production key or a sandbox model.";
    ModelNotFound "model_not_found" NOT_FOUND "invalid_request_error"
        "There is no such model. GET /v1/models lists those that this key may call.";
    NotFound "not_found" NOT_FOUND "invalid_request_error"
        "There is no such endpoint. Supported: POST /v1/chat/completions, GET /v1/models, GET /v1/models/{id}.";
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
    param: Option<&'static str>,
    headers: HeaderMap,
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self { code, detail: None }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Inner<'a>,
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
    pub(crate) fn invalid(param: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::from(Code::InvalidRequest).param(param).message(message)
    }

    pub(crate) fn param(mut self, param: &'static str) -> Self {
        self.detail().param = Some(param);
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

    fn json(&self) -> Vec<u8> {
        let detail = self.detail.as_deref();
        let error = Inner {
            message: detail.and_then(|detail| detail.message.as_deref()).unwrap_or(self.code.message()),
            kind: self.code.kind(),
            param: detail.and_then(|detail| detail.param),
            code: self.code.as_str(),
        };
        // Strings always serialise.
        serde_json::to_vec(&Envelope { error }).unwrap_or_default()
    }

    /// The last event of a stream that ends by this error. Nothing follows it, `[DONE]` neither.
    pub(crate) fn into_event(self) -> Bytes {
        let json = self.json();
        let mut event = Vec::with_capacity(json.len() + 8);
        event.extend_from_slice(b"data: ");
        event.extend_from_slice(&json);
        event.extend_from_slice(b"\n\n");
        event.into()
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::full(self.json().into()));
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

/// An error with the status of somebody else, e.g. what the echo provider was told to fail with.
pub(crate) fn foreign_json(message: &str) -> Bytes {
    let error = Inner { message, kind: "api_error", param: None, code: Code::UpstreamError.as_str() };
    serde_json::to_vec(&Envelope { error }).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_openai_s_shape_and_is_not_stored() {
        let response = ApiError::from(Code::InvalidApiKey).into_response();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let json: serde_json::Value =
            serde_json::from_slice(&ApiError::invalid("model", "x").json()).unwrap();
        assert_eq!(json["error"]["param"], "model");
        assert_eq!(json["error"]["type"], "invalid_request_error");
    }

    #[test]
    fn every_code_is_where_its_number_says() {
        for (at, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, at);
        }
    }
}
