//! Providers' errors, told anew: what is in them beside the fields that clients know stays behind. In the words of the
//! other dialect the message stays; the kind follows Anthropic's list, which `OpenAI` clients read as well.

use serde::de::{Deserializer, IgnoredAny};
use serde::{Deserialize, Serialize};

/// Most bytes of a provider's message that go on.
const LONGEST_MESSAGE: usize = 4096;
/// Longest word for what is wrong, or where.
const LONGEST_WORD: usize = 256;

/// What an error object says, in either dialect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) kind: Option<String>,
    pub(crate) message: String,
    param: Option<String>,
    code: Option<Code>,
}

/// Some servers give the status as a number.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
enum Code {
    Word(String),
    Number(i64),
}

/// The forms in which servers give errors.
#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Object { error: Inner },
    Text { error: String },
    Detail { detail: String },
    Flat(Inner),
}

#[derive(Deserialize)]
struct Inner {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    message: String,
    #[serde(default, deserialize_with = "lenient")]
    param: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    code: Option<Code>,
}

/// A field that is left out when it isn't what it should be.
fn lenient<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Maybe<T> {
        Good(T),
        Bad(IgnoredAny),
    }
    Ok(match Maybe::deserialize(deserializer)? {
        Maybe::Good(value) => Some(value),
        Maybe::Bad(_) => None,
    })
}

/// Reads an error body, or the data of an error event; `None` if it has no message.
pub(crate) fn told(json: &[u8]) -> Option<Told> {
    let mut told = match serde_json::from_slice::<Form>(json).ok()? {
        Form::Object { error: inner } | Form::Flat(inner) => {
            let Inner { kind, message, param, code } = inner;
            Told { kind, message, param, code }
        }
        Form::Text { error: message } | Form::Detail { detail: message } => {
            Told { kind: None, message, param: None, code: None }
        }
    };
    told.message.truncate(told.message.floor_char_boundary(LONGEST_MESSAGE));
    told.kind = told.kind.filter(|kind| kind.len() <= 64);
    told.param = told.param.filter(|param| param.len() <= LONGEST_WORD);
    told.code = told.code.filter(|code| !matches!(code, Code::Word(word) if word.len() > LONGEST_WORD));
    Some(told)
}

/// Anthropic's kind of error for a status.
fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        504 => "timeout_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

fn message(status: u16, json: &[u8]) -> String {
    told(json).map_or_else(|| format!("The provider answered with status {status}."), |told| told.message)
}

#[derive(Serialize)]
struct Anthropic<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: AnthropicInner<'a>,
}

#[derive(Serialize)]
struct AnthropicInner<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct OpenAi<'a> {
    error: OpenAiInner<'a>,
}

#[derive(Serialize)]
struct OpenAiInner<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
    code: Option<&'a Code>,
}

/// An OpenAI error in its own shape; `None`: it has no message.
pub fn openai(status: u16, json: &[u8]) -> Option<Vec<u8>> {
    let Told { kind: told, message, param, code } = told(json)?;
    let kind = told.as_deref().unwrap_or(kind(status));
    let error = OpenAiInner { message: &message, kind, param: param.as_deref(), code: code.as_ref() };
    serde_json::to_vec(&OpenAi { error }).ok()
}

/// An Anthropic error in its own shape; `None`: it has no message.
pub fn anthropic(status: u16, json: &[u8]) -> Option<Vec<u8>> {
    let told = told(json)?;
    let kind = told.kind.as_deref().unwrap_or(kind(status));
    let error = Anthropic { kind: "error", error: AnthropicInner { kind, message: &told.message } };
    serde_json::to_vec(&error).ok()
}

/// An OpenAI error in Anthropic's shape.
pub fn to_anthropic(status: u16, openai_error_json: &[u8]) -> Vec<u8> {
    let message = message(status, openai_error_json);
    let kind = kind(status);
    let error = Anthropic { kind: "error", error: AnthropicInner { kind, message: &message } };
    serde_json::to_vec(&error).unwrap_or_default()
}

/// An Anthropic error in OpenAI's shape.
pub fn to_openai(status: u16, anthropic_error_json: &[u8]) -> Vec<u8> {
    let message = message(status, anthropic_error_json);
    let error = OpenAiInner { message: &message, kind: kind(status), param: None, code: None };
    serde_json::to_vec(&OpenAi { error }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_message_stays_and_the_kind_follows_the_status() {
        let openai =
            br#"{"error":{"message":"too \"long\"","type":"x","param":"messages","code":"context"}}"#;
        for (status, kind) in [
            (400, "invalid_request_error"),
            (401, "authentication_error"),
            (403, "permission_error"),
            (404, "not_found_error"),
            (413, "request_too_large"),
            (422, "invalid_request_error"),
            (429, "rate_limit_error"),
            (500, "api_error"),
            (502, "api_error"),
            (503, "overloaded_error"),
            (504, "timeout_error"),
            (529, "overloaded_error"),
        ] {
            let expected =
                format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"too \"long\""}}}}"#);
            assert_eq!(text(to_anthropic(status, openai)), expected);
        }
        let anthropic = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#;
        let expected =
            r#"{"error":{"message":"Overloaded","type":"overloaded_error","param":null,"code":null}}"#;
        assert_eq!(text(to_openai(529, anthropic)), expected);
    }

    #[test]
    fn what_clients_don_t_know_stays_behind() {
        let told = br#"{"error":{"message":"too \u006cong","type":"x","param":"messages","code":"context","key":"secret"},"a":1}"#;
        let expected = r#"{"error":{"message":"too long","type":"x","param":"messages","code":"context"}}"#;
        assert_eq!(text(openai(400, told).unwrap()), expected);
        let vllm =
            br#"{"object":"error","message":"no","type":"BadRequestError","param":{"a":1},"code":400}"#;
        let expected = r#"{"error":{"message":"no","type":"BadRequestError","param":null,"code":400}}"#;
        assert_eq!(text(openai(400, vllm).unwrap()), expected);
        assert_eq!(
            text(openai(422, br#"{"detail":"no"}"#).unwrap()),
            r#"{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}}"#
        );
        let told = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded","k":1},"request_id":"r"}"#;
        let expected = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        assert_eq!(text(anthropic(529, told).unwrap()), expected);
        assert_eq!((openai(400, b"{}"), anthropic(400, b"<html>")), (None, None));
    }

    #[test]
    fn every_form_of_error_is_read_and_what_is_none_is_replaced() {
        for (json, expected) in [
            (r#"{"error":"no model"}"#, "no model"),
            (r#"{"object":"error","message":"flat","type":"x"}"#, "flat"),
            (r#"{"error":{"type":"x"}}"#, "The provider answered with status 502."),
            ("<html>Bad Gateway</html>", "The provider answered with status 502."),
            ("", "The provider answered with status 502."),
        ] {
            let answer: serde_json::Value =
                serde_json::from_slice(&to_anthropic(502, json.as_bytes())).unwrap();
            assert_eq!(answer["error"]["message"], expected, "{json}");
        }
        let long = format!(r#"{{"error":"{}"}}"#, "é".repeat(100_000));
        assert!(to_openai(400, long.as_bytes()).len() < LONGEST_MESSAGE + 200);
        let deep = "[".repeat(1_000_000);
        assert_eq!(told(deep.as_bytes()), None);
    }
}
