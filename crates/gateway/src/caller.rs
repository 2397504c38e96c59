//! Who is behind a request and what they say of it, once its key is known to be good: address, identity, action,
//! conversation, tags, checked in this order.

use crate::client_address::client_address;
use crate::error::{ApiError, Code};
use crate::identify::identify;
use crate::inflight::Flight;
use crate::service::Worker;
use crate::socket::Connection;
use http::{HeaderMap, HeaderName, HeaderValue};
use model::api_action::ApiAction;
use model::key::{Tags, is_tag_name, is_tag_value};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Names the conversation that a request belongs to.
const CONVERSATION: HeaderName = HeaderName::from_static("x-conversation-id");
/// Tags of one request: `name=value`, separated by commas.
const TAGS: HeaderName = HeaderName::from_static("x-gatehouse-tags");
/// The space of the tags that are bound to a key.
const RESERVED: &str = "key::";
/// Most tags of one request.
const MOST_TAGS: usize = 16;
const LONGEST_CONVERSATION: usize = 200;
/// In bytes; much longer than what providers take.
const LONGEST_METADATA: usize = 64 * 1024;

/// What is known of the caller beyond the key.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    /// The end user: an e-mail address, or a verified token's subject.
    pub(crate) identity: Option<String>,
    pub(crate) conversation_id: Option<String>,
    pub(crate) request_tags: Tags,
}

/// Checks what a key's scope says of the caller.
pub(crate) async fn authorise(
    worker: &Arc<Worker>,
    flight: &Flight,
    headers: &HeaderMap,
    connection: &Connection,
    action: ApiAction,
) -> Result<Caller, ApiError> {
    let policy = &flight.policy;
    let scope = &policy.shape.scope;
    if let Some(ranges) = &scope.allowed_ips {
        let address = client_address(connection.peer.ip(), &worker.shared.config.trusted_proxies, headers);
        if !ranges.iter().any(|range| range.contains(address)) {
            return Err(Code::IpNotAllowed.into());
        }
    }
    let identity = identify(worker, policy, headers).await?;
    if scope.allowed_actions.as_ref().is_some_and(|actions| !actions.contains(&action)) {
        return Err(Code::ActionNotAllowed.into());
    }
    let conversation_id =
        conversation(headers, scope.require_conversation_id && action != ApiAction::Models)?;
    Ok(Caller { identity, conversation_id, request_tags: header_tags(headers)? })
}

fn conversation(headers: &HeaderMap, required: bool) -> Result<Option<String>, ApiError> {
    let mut values = headers.get_all(CONVERSATION).iter();
    let readable = |value: &HeaderValue| {
        let text = value.to_str().ok()?.trim();
        (!text.is_empty() && text.len() <= LONGEST_CONVERSATION).then(|| text.to_owned())
    };
    match (values.next().map(readable), values.next()) {
        (Some(Some(id)), None) => Ok(Some(id)),
        (None, _) if !required => Ok(None),
        _ => Err(Code::ConversationIdRequired.into()),
    }
}

/// The tags of the header; a name or value that can't be one is refused, because a tag that is lost is a bill that is
/// wrong.
fn header_tags(headers: &HeaderMap) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for line in headers.get_all(TAGS) {
        let text = std::str::from_utf8(line.as_bytes()).map_err(|_| bad_tags())?;
        for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
            let (name, value) = tag.split_once('=').ok_or_else(bad_tags)?;
            let (name, value) = (name.trim(), value.trim());
            check_space(name)?;
            if !is_tag_name(name) || !is_tag_value(value) || tags.len() == MOST_TAGS {
                return Err(bad_tags());
            }
            tags.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(tags)
}

fn bad_tags() -> ApiError {
    ApiError::from(Code::InvalidRequest).message(
        "x-gatehouse-tags must be at most 16 name=value pairs, separated by commas: names of letters, digits and \
         - _ . characters, values of 1 to 256 characters.",
    )
}

fn check_space(name: &str) -> Result<(), ApiError> {
    let reserved = name.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED));
    if reserved { Err(Code::ReservedTag.into()) } else { Ok(()) }
}

/// Adds the tags of a body's `metadata`. The field has uses of its own: what can't be a tag goes by. What can't be read
/// doesn't: a more lenient reader could find a reserved name in it.
pub(crate) fn add_metadata(tags: &mut Tags, metadata: &str) -> Result<(), ApiError> {
    let entries = Some(metadata)
        .filter(|text| text.len() <= LONGEST_METADATA)
        .and_then(|text| serde_json::from_str::<Option<BTreeMap<String, &RawValue>>>(text).ok())
        .ok_or_else(|| {
            let message = format!(
                "metadata must be an object of at most {LONGEST_METADATA} bytes whose names are text in Unicode."
            );
            ApiError::invalid("metadata", message)
        })?;
    for (name, value) in entries.unwrap_or_default() {
        check_space(&name)?;
        let Ok(value) = serde_json::from_str::<String>(value.get()) else { continue };
        if is_tag_name(&name) && is_tag_value(&value) && tags.len() < MOST_TAGS {
            tags.entry(name).or_insert(value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(lines: &[&'static str]) -> Result<Tags, Code> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(TAGS, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        header_tags(&headers).map_err(|error| error.code)
    }

    #[test]
    fn tags_come_from_the_header() {
        let found = tags(&["team=search, env = prod ,", "a=b=c"]).unwrap();
        assert_eq!(found["team"], "search");
        assert_eq!(found["env"], "prod");
        assert_eq!(found["a"], "b=c");
        for bad in ["team", "=x", "a=", "a b=c", "caf\u{e9}=x"] {
            assert_eq!(tags(&[bad]), Err(Code::InvalidRequest), "{bad}");
        }
        for reserved in ["key::team=x", "KEY::team=x", "a=b,key::x=y"] {
            assert_eq!(tags(&[reserved]), Err(Code::ReservedTag), "{reserved}");
        }
    }

    #[test]
    fn metadata_that_is_no_tag_goes_by() {
        let mut tags = Tags::from([("a".to_owned(), "header".to_owned())]);
        add_metadata(&mut tags, r#"{"a":"body","b":"x","n":1,"o":{},"bad name":"x"}"#).unwrap();
        assert_eq!(tags, Tags::from([("a".into(), "header".into()), ("b".into(), "x".into())]));
        assert!(add_metadata(&mut tags, r#"{"key::team":"x"}"#).is_err());
        assert!(add_metadata(&mut tags, r#"{"key::team":{}}"#).is_err());
        assert!(add_metadata(&mut tags, "null").is_ok());
        for unreadable in ["[1]", "7", r#"{"\ud800":"y"}"#, r#"{"\ud800":"y","key::team":"x"}"#] {
            let refused = add_metadata(&mut tags, unreadable).unwrap_err();
            assert_eq!(refused.code, Code::InvalidRequest, "{unreadable}");
        }
    }

    #[test]
    fn a_conversation_is_named_once() {
        let with = |values: &[&'static str], required| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONVERSATION, HeaderValue::from_static(value));
            }
            conversation(&headers, required).map_err(|error| error.code)
        };
        assert_eq!(with(&["c-1"], true), Ok(Some("c-1".to_owned())));
        assert_eq!(with(&[], false), Ok(None));
        for bad in [&[][..], &[""], &["a", "b"]] {
            assert_eq!(with(bad, true), Err(Code::ConversationIdRequired), "{bad:?}");
        }
    }
}
