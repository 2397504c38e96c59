//! The multipart body of a call: read into its fields, and written anew, so that what was authorised is what the
//! upstream reads.

use super::fields::ROUTING;
use super::request::MAX_MODEL;
use crate::error::{ApiError, Code};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::stream;
use http::{HeaderMap, HeaderValue, header};
use model::RequestId;
use std::convert::Infallible;

/// Most fields of a form.
const MOST_FIELDS: usize = 64;
const LONGEST_NAME: usize = 100;

/// A form, with its model and its wish for a stream read out.
pub(crate) struct FormCall {
    fields: Vec<Field>,
    pub(crate) model: String,
    pub(crate) stream: bool,
    /// A field by which some upstreams choose a model or a provider themselves.
    pub(crate) routing: Option<&'static str>,
}

struct Field {
    name: String,
    file_name: Option<String>,
    kind: Option<String>,
    bytes: Bytes,
}

impl FormCall {
    pub(crate) async fn parse(headers: &HeaderMap, body: Bytes) -> Result<Self, ApiError> {
        let boundary = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| multer::parse_boundary(value).ok())
            .ok_or_else(|| {
                ApiError::from(Code::InvalidRequest)
                    .message("The request body must be multipart/form-data with a boundary.")
            })?;
        let whole = stream::once(async { Ok::<_, Infallible>(body) });
        let mut form = multer::Multipart::new(whole, boundary);
        let broken = |_| ApiError::from(Code::InvalidRequest).message("The multipart body can't be read.");
        let mut fields = Vec::new();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            if fields.len() == MOST_FIELDS {
                return Err(ApiError::from(Code::InvalidRequest)
                    .message(format!("The form must have at most {MOST_FIELDS} fields.")));
            }
            let Some(name) = field.name().map(str::to_owned) else {
                return Err(
                    ApiError::from(Code::InvalidRequest).message("Each field of the form must have a name.")
                );
            };
            if !is_field_name(&name) {
                return Err(odd_name(&name));
            }
            let file_name = field.file_name().map(str::to_owned);
            let kind = field.content_type().map(ToString::to_string);
            let bytes = field.bytes().await.map_err(broken)?;
            fields.push(Field { name, file_name, kind, bytes });
        }
        let model = only(&fields, "model")?
            .filter(|model| !model.is_empty() && model.len() <= MAX_MODEL)
            .ok_or_else(|| ApiError::invalid("model", "model is missing: name the model to call."))?
            .to_owned();
        let stream = match only(&fields, "stream")? {
            None | Some("false" | "") => false,
            Some("true") => true,
            Some(_) => return Err(ApiError::invalid("stream", "stream must be true or false.")),
        };
        let is_there = |name: &&str| fields.iter().any(|field| field.is_read_as(name));
        let routing = ROUTING.into_iter().chain(["models", "route"]).find(is_there);
        Ok(Self { fields, model, stream, routing })
    }

    /// The form for the upstream, and its content type. The boundary is the gateway's own, so that no field can
    /// pretend to be another.
    pub(crate) fn outgoing(
        &self,
        upstream_model: &str,
        request_id: &RequestId,
    ) -> Option<(Bytes, HeaderValue)> {
        let boundary = format!("gatehouse-{request_id}");
        let length: usize = self.fields.iter().map(|field| field.bytes.len() + 512).sum();
        let mut out = BytesMut::with_capacity(length);
        for field in &self.fields {
            out.put_slice(format!("--{boundary}\r\ncontent-disposition: form-data; name=\"").as_bytes());
            put_quoted(&mut out, &field.name);
            if let Some(file_name) = &field.file_name {
                out.put_slice(b"\"; filename=\"");
                put_quoted(&mut out, file_name);
            }
            out.put_slice(b"\"\r\n");
            // A character set could make another name of the model's.
            if let Some(kind) = field.kind.as_ref().filter(|_| field.name != "model") {
                out.put_slice(format!("content-type: {kind}\r\n").as_bytes());
            }
            out.put_slice(b"\r\n");
            out.put_slice(if field.name == "model" { upstream_model.as_bytes() } else { &field.bytes });
            out.put_slice(b"\r\n");
        }
        out.put_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}")).ok()?;
        Some((out.freeze(), kind))
    }

    /// Bytes of the fields that aren't files: what an estimate of the prompt goes by.
    pub(crate) fn text_bytes(&self) -> u64 {
        self.fields
            .iter()
            .filter(|field| field.file_name.is_none())
            .map(|field| field.bytes.len() as u64)
            .sum()
    }

    /// The text of the first field of this name, if it is text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        std::str::from_utf8(&field.bytes).ok()
    }

    /// The name and the length of the first file.
    pub(crate) fn file(&self) -> Option<(&str, u64)> {
        self.fields.iter().find_map(|field| Some((field.file_name.as_deref()?, field.bytes.len() as u64)))
    }
}

impl Field {
    /// Whether some parser could take it for the field `name`: in any case, and as the first of a list.
    fn is_read_as(&self, name: &str) -> bool {
        let own = self.name.split(['[', '.']).next().unwrap_or_default();
        own.eq_ignore_ascii_case(name)
    }
}

/// Whether every parser reads the same name: no character in it means anything between quotes or without.
fn is_field_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.[]-".contains(&byte);
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain)
}

fn odd_name(name: &str) -> ApiError {
    let shown: String = name.chars().take(LONGEST_NAME).collect();
    ApiError::invalid(
        shown.clone(),
        format!(
            "{shown:?} can't be a field of the form: names are 1 to {LONGEST_NAME} letters, digits and _ . - [ ] characters."
        ),
    )
}

/// The text of the one field of this name; `Ok(None)`: there is none.
fn only<'a>(fields: &'a [Field], name: &'static str) -> Result<Option<&'a str>, ApiError> {
    let mut found = fields.iter().filter(|field| field.is_read_as(name));
    let Some(field) = found.next() else { return Ok(None) };
    if found.next().is_some() || field.name != name || field.file_name.is_some() {
        return Err(ApiError::invalid(
            name,
            format!("{name} must be given once, in lower case, and not as a file."),
        ));
    }
    std::str::from_utf8(&field.bytes)
        .map(Some)
        .map_err(|_| ApiError::invalid(name, format!("{name} must be text in UTF-8.")))
}

/// A name between quotes, as browsers write it (RFC 7578 §2 and the HTML standard's form encoding), and the backslash
/// and control characters encoded, too: some parsers take `\"` for a quote that goes on.
fn put_quoted(out: &mut BytesMut, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | 0..=0x1f | 0x7f => out.put_slice(format!("%{byte:02X}").as_bytes()),
            other => out.put_u8(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn parse(body: &str) -> Result<FormCall, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=x"));
        FormCall::parse(&headers, Bytes::copy_from_slice(body.as_bytes())).now_or_never().unwrap()
    }

    fn field(name: &str, text: &str) -> String {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    }

    #[test]
    fn a_form_goes_on_with_the_upstream_s_model() {
        let file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\\\"b.wav\"\r\n\
                    Content-Type: audio/wav\r\n\r\nRIFF--x\r\n";
        let form = parse(&format!("{}{file}{}--x--\r\n", field("model", "whisper"), field("stream", "true")))
            .ok()
            .unwrap();
        assert!(form.model == "whisper" && form.stream);
        let id = RequestId::generate(|bytes| bytes.fill(7));
        let (body, kind) = form.outgoing("whisper-1", &id).unwrap();
        let boundary = multer::parse_boundary(kind.to_str().unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind);
        let again = FormCall::parse(&headers, body).now_or_never().unwrap().ok().unwrap();
        assert_eq!(again.model, "whisper-1");
        assert_eq!(again.fields[1].kind.as_deref(), Some("audio/wav"));
        assert_eq!(&again.fields[1].bytes[..], b"RIFF--x");
        assert!(boundary.starts_with("gatehouse-req_"));
    }

    #[test]
    fn two_models_are_none() {
        for body in [
            format!("{}{}--x--", field("model", "a"), field("model", "b")),
            format!("{}--x--", field("Model", "a")),
            format!("{}--x--", field("other", "a")),
            "--x--".to_owned(),
            "no form".to_owned(),
            field("model", "a").replace("\r\n\r\n", ""),
        ] {
            assert!(parse(&body).is_err(), "{body}");
        }
    }
}
