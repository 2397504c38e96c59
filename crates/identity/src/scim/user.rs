//! An account as a resource: what of it counts here, and how it is returned.

use super::{ENTERPRISE_USER, ScimError, USER};
use model::Timestamp;
use model::user::is_email;
use serde_json::{Map, Value, json};

/// Longest `userName` and `externalId`, in bytes.
const LONGEST_NAME: usize = 512;
/// Longest name of an account, in characters.
const LONGEST_DISPLAY: usize = 100;

/// What of a resource counts here. The rest is kept as it is and returned.
#[derive(Clone, Debug, PartialEq)]
pub struct UserFields {
    /// `userName`; compared without regard to case.
    pub user_name: String,
    /// The client's own id.
    pub external_id: Option<String>,
    /// Whether they may act, if it is said.
    pub active: Option<bool>,
    /// The account's e-mail address: `userName` if it is one, else the primary one, the one for work, or the first.
    pub email: String,
    /// The account's name.
    pub name: String,
    /// The account's organization unit: the department.
    pub organization_unit: Option<String>,
    /// All that was said but `active`, which the account's status tells.
    pub attributes: Map<String, Value>,
}

impl UserFields {
    /// From what [`super::schema::Schema::take`] gave.
    pub fn read(mut attributes: Map<String, Value>) -> Result<Self, ScimError> {
        let active = attributes.remove("active").and_then(|active| active.as_bool());
        let user_name =
            named(&attributes, "userName")?.ok_or_else(|| ScimError::value("userName must be given"))?;
        if primaries(&attributes, "emails") > 1 {
            return Err(ScimError::value("only one of the emails can be the primary one"));
        }
        let email = email(&user_name, &attributes).ok_or_else(|| {
            ScimError::value("an e-mail address is needed: as userName, or among the emails")
        })?;
        Ok(Self {
            name: name(&attributes).unwrap_or_else(|| shown(&user_name).unwrap_or_else(|| email.clone())),
            external_id: named(&attributes, "externalId")?,
            organization_unit: text(&attributes, &[ENTERPRISE_USER, "department"]).and_then(shown),
            active,
            email,
            user_name,
            attributes,
        })
    }
}

/// A name that is looked up: without control characters, not empty, not too long.
pub(super) fn named(
    attributes: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<String>, ScimError> {
    let Some(given) = attributes.get(name).and_then(Value::as_str).filter(|given| !given.is_empty()) else {
        return Ok(None);
    };
    if given.trim().is_empty() || given.len() > LONGEST_NAME || given.chars().any(char::is_control) {
        return Err(ScimError::value(format!(
            "{name} must be 1 to {LONGEST_NAME} bytes without control characters"
        )));
    }
    Ok(Some(given.to_owned()))
}

fn text<'a>(attributes: &'a Map<String, Value>, path: &[&str]) -> Option<&'a str> {
    let (first, rest) = path.split_first()?;
    let value = rest.iter().try_fold(attributes.get(*first)?, |value, part| value.get(*part))?;
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

fn email(user_name: &str, attributes: &Map<String, Value>) -> Option<String> {
    if is_email(user_name.trim()) {
        return Some(user_name.trim().to_owned());
    }
    let emails = attributes.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let primary = emails.iter().find(|email| email["primary"] == Value::Bool(true));
    let work = emails
        .iter()
        .find(|email| email["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("work")));
    let address = primary.or(work).or(emails.first())?["value"].as_str()?.trim();
    is_email(address).then(|| address.to_owned())
}

fn primaries(attributes: &Map<String, Value>, name: &str) -> usize {
    let values = attributes.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    values.iter().filter(|value| value["primary"] == Value::Bool(true)).count()
}

fn name(attributes: &Map<String, Value>) -> Option<String> {
    let whole = text(attributes, &["displayName"]).or_else(|| text(attributes, &["name", "formatted"]));
    let of_parts = || {
        let parts = ["givenName", "familyName"].map(|part| text(attributes, &["name", part]));
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    whole.and_then(shown).or_else(|| shown(&of_parts()))
}

/// As much of `text` as an account's name may be.
fn shown(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_DISPLAY).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// What the server knows of a resource.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Our own id.
    pub id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Its entity tag.
    pub version: String,
}

impl Facts {
    pub(super) fn meta(&self, kind: &str) -> Value {
        json!({
            "resourceType": kind,
            "created": self.created_at,
            "lastModified": self.updated_at,
            "version": self.version,
        })
    }
}

/// The resource as it is returned, but for addresses, which the edge knows. `groups`: id and name of each.
pub fn render(
    attributes: &Map<String, Value>,
    facts: &Facts,
    active: bool,
    groups: &[(String, String)],
) -> Map<String, Value> {
    let mut schemas = vec![USER];
    schemas.extend(attributes.contains_key(ENTERPRISE_USER).then_some(ENTERPRISE_USER));
    let mut resource =
        Map::from_iter([("schemas".to_owned(), json!(schemas)), ("id".to_owned(), json!(facts.id))]);
    resource.extend(attributes.clone());
    resource.insert("active".to_owned(), active.into());
    if !groups.is_empty() {
        let groups =
            groups.iter().map(|(id, name)| json!({ "value": id, "display": name, "type": "direct" }));
        resource.insert("groups".to_owned(), groups.collect());
    }
    resource.insert("meta".to_owned(), facts.meta("User"));
    resource
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::USERS;

    fn read(given: Value) -> Result<UserFields, ScimError> {
        UserFields::read(USERS.take(&given).unwrap())
    }

    #[test]
    fn the_e_mail_address_of_an_account() {
        let emails = json!([
            { "value": "home@b", "type": "home" }, { "value": "work@b", "type": "Work" }, { "value": "p@b", "primary": true },
        ]);
        let email = |user_name: &str, emails: &Value| {
            read(json!({ "userName": user_name, "emails": emails })).map(|fields| fields.email)
        };
        assert_eq!(email("A@b", &emails).unwrap(), "A@b");
        assert_eq!(email("ada", &emails).unwrap(), "p@b");
        assert_eq!(email("ada", &json!([emails[0], emails[1]])).unwrap(), "work@b");
        assert_eq!(email("ada", &json!([emails[0]])).unwrap(), "home@b");
        for none in [json!([]), json!(["ada"]), json!([{ "type": "work" }])] {
            assert!(email("ada", &none).is_err(), "{none}");
        }
    }

    #[test]
    fn the_name_of_an_account() {
        let name = |given: Value| {
            let mut whole = json!({ "userName": "a@b" });
            whole.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
            read(whole).unwrap().name
        };
        assert_eq!(name(json!({ "displayName": " Ada\u{7} L ", "name": { "formatted": "x" } })), "Ada L");
        assert_eq!(name(json!({ "displayName": "", "name": { "formatted": "Ada L" } })), "Ada L");
        assert_eq!(name(json!({ "name": { "familyName": "L", "givenName": "Ada" } })), "Ada L");
        assert_eq!(name(json!({ "name": { "familyName": "L" } })), "L");
        assert_eq!(name(json!({})), "a@b");
        assert_eq!(name(json!({ "displayName": "ä".repeat(300) })).chars().count(), 100);
    }

    #[test]
    fn what_is_missing_or_cannot_be_a_name() {
        for given in [
            json!({}),
            json!({ "userName": "" }),
            json!({ "userName": " " }),
            json!({ "userName": "a\u{0}@b" }),
            json!({ "userName": "a@b", "externalId": "x\n" }),
            json!({ "userName": format!("{}@b", "x".repeat(600)) }),
            json!({ "userName": "a@b", "emails": [{ "value": "a@b", "primary": true }, { "value": "c@b", "primary": true }] }),
        ] {
            assert!(read(given.clone()).is_err(), "{given}");
        }
    }

    #[test]
    fn a_resource_has_what_was_said_and_what_is_known() {
        let fields = read(json!({
            "userName": "a@b", "active": false, "title": "T", ENTERPRISE_USER: { "department": "R&D" },
        }))
        .unwrap();
        assert_eq!((fields.active, fields.organization_unit.as_deref()), (Some(false), Some("R&D")));
        let at = Timestamp::from_micros(0);
        let facts = Facts { id: "usr_1".into(), created_at: at, updated_at: at, version: "W/\"1\"".into() };
        let resource =
            Value::Object(render(&fields.attributes, &facts, true, &[("grp_1".into(), "Eng".into())]));
        assert_eq!(resource["schemas"], json!([USER, ENTERPRISE_USER]));
        assert_eq!((&resource["active"], &resource["title"]), (&json!(true), &json!("T")));
        assert_eq!(resource["groups"][0], json!({ "value": "grp_1", "display": "Eng", "type": "direct" }));
        assert_eq!(
            (&resource["meta"]["resourceType"], &resource["meta"]["version"]),
            (&json!("User"), &json!("W/\"1\""))
        );
    }
}
