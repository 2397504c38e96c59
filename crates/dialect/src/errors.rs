//! Errors of one dialect in the words of the other. The message stays; the kind follows Anthropic's list, which
//! `OpenAI` clients read as well.

use serde::{Deserialize, Serialize};

/// Most bytes of a provider's message that go on.
const LONGEST_MESSAGE: usize = 4096;

/// What an error object says, in either dialect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) kind: Option<String>,
    pub(crate) message: String,
}

/// The forms in which servers give errors.
#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Object { error: Inner },
    Text { error: String },
    Flat(Inner),
}

#[derive(Deserialize)]
struct Inner {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    message: String,
}

/// Reads an error body, or the data of an error event; `None` if it has no message.
pub(crate) fn told(json: &[u8]) -> Option<Told> {
    let (kind, mut message) = match serde_json::from_slice::<Form>(json).ok()? {
        Form::Object { error: Inner { kind, message } } | Form::Flat(Inner { kind, message }) => {
            (kind, message)
        }
        Form::Text { error } => (None, error),
    };
    message.truncate(message.floor_char_boundary(LONGEST_MESSAGE));
    Some(Told { kind: kind.filter(|kind| kind.len() <= 64), message })
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
    kind: &'static str,
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
    code: Option<&'a str>,
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
