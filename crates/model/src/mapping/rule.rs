//! One rule of a mapping.

use crate::error::FieldError;
use crate::id::{RoleName, TenantId};
use crate::role::NewAssignment;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// Where a claim is: its literal name (`groups`, `https://gw.example/roles`), or a JSON pointer (RFC 6901) if it begins
/// with a slash (`/realm_access/roles`). A name is never split at dots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimPath(String);

impl ClaimPath {
    /// Longest, in bytes.
    const MAX: usize = 256;

    /// From text; `None`: empty, too long, with control characters, or no pointer.
    pub fn parse(text: &str) -> Option<Self> {
        let escaped = || text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        let fits = (1..=Self::MAX).contains(&text.len()) && !text.chars().any(char::is_control);
        (fits && (!text.starts_with('/') || escaped())).then(|| Self(text.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a JSON pointer.
    pub fn is_pointer(&self) -> bool {
        self.0.starts_with('/')
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ClaimPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ClaimPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom("must be the name of a claim, or a JSON pointer such as /realm_access/roles")
        })
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ClaimPath {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(Self::MAX))
            .description(Some("A claim's literal name, or a JSON pointer if it begins with a slash."))
            .examples(["groups", "/realm_access/roles"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ClaimPath {}

/// How a claim is compared. A claim that is a list holds if one of its entries does. Case matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// It is this text, number, `true` or `false`.
    #[default]
    Equals,
    /// It is like this text, in which a `*` stands for any characters.
    Matches,
    /// It is there, whatever it says.
    Exists,
}

impl Operator {
    /// All, in the order of forms.
    pub const ALL: [Self; 3] = [Self::Equals, Self::Matches, Self::Exists];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::Matches => "matches",
            Self::Exists => "exists",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str() == text)
    }
}

/// A rule: if a claim says so, this role and these tenants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MappingRule {
    /// Only for this identity provider, by name; `null`: for all of them, and for groups that come by SCIM.
    #[serde(default)]
    pub identity_provider: Option<String>,
    /// Which claim is looked at.
    pub claim: ClaimPath,
    /// How.
    #[serde(default)]
    pub operator: Operator,
    /// With what; up to 256 characters, empty for `exists`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 256))]
    pub value: String,
    /// The role that it gives everywhere; `null`: a later rule decides.
    #[serde(default)]
    pub role: Option<RoleName>,
    /// The tenants that it makes them a member of.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub tenants: Vec<TenantId>,
    /// Roles for single tenants, which they become members of too.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub assignments: Vec<NewAssignment>,
}

impl MappingRule {
    /// Most tenants, and most roles in tenants.
    pub const MAX_TENANTS: usize = 50;
    const MAX_VALUE: usize = 256;

    /// The tenants that it makes somebody a member of, each once.
    pub fn all_tenants(&self) -> impl Iterator<Item = &TenantId> {
        self.tenants.iter().chain(self.assignments.iter().map(|given| &given.tenant_id))
    }

    /// In one line, for people: `groups equals "admins"`.
    pub fn condition(&self) -> String {
        match self.operator {
            Operator::Exists => format!("{} exists", self.claim),
            operator => format!("{} {} \"{}\"", self.claim, operator.as_str(), self.value),
        }
    }

    /// Says what is wrong with it by itself.
    pub(super) fn check(&self, name: &str, errors: &mut Vec<FieldError>) {
        let mut wrong = |field: &str, message: &str| {
            errors.push(FieldError::new(format!("{name}.{field}"), message.to_owned()));
        };
        match self.operator {
            Operator::Exists if !self.value.is_empty() => {
                wrong("value", "must be empty: exists compares with nothing");
            }
            Operator::Equals | Operator::Matches if self.value.is_empty() => {
                wrong("value", "must say what the claim is compared with");
            }
            _ => {}
        }
        if self.value.chars().count() > Self::MAX_VALUE || self.value.chars().any(char::is_control) {
            wrong("value", "must be at most 256 characters on one line");
        }
        if self.role.is_none() && self.tenants.is_empty() && self.assignments.is_empty() {
            wrong("role", "this rule gives nothing: name a role, tenants or roles in tenants");
        }
        for (field, count) in [("tenants", self.tenants.len()), ("assignments", self.assignments.len())] {
            if count > Self::MAX_TENANTS {
                wrong(field, "must be at most 50");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_a_name_or_a_pointer() {
        for good in ["groups", "https://gw.example/roles", "a.b", "/realm_access/roles", "/a~1b/~0", "/"] {
            assert_eq!(ClaimPath::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "/a~2", "/a~", "a\nb", &"x".repeat(257)] {
            assert_eq!(ClaimPath::parse(bad), None, "{bad:?}");
        }
        assert!(!ClaimPath::parse("https://gw.example/roles").unwrap().is_pointer());
        assert!(ClaimPath::parse("/a").unwrap().is_pointer());
    }

    #[test]
    fn a_rule_says_what_it_compares_and_gives_something() {
        let check = |fields: &str| {
            let rule: MappingRule = serde_json::from_str(fields).unwrap();
            let mut errors = Vec::new();
            rule.check("rules[0]", &mut errors);
            errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
        };
        assert!(check(r#"{"claim": "groups", "value": "admins", "role": "super_admin"}"#).is_empty());
        assert!(check(r#"{"claim": "sub", "operator": "exists", "tenants": ["default"]}"#).is_empty());
        assert_eq!(check(r#"{"claim": "groups", "role": "user"}"#), ["rules[0].value"]);
        assert_eq!(
            check(r#"{"claim": "g", "operator": "exists", "value": "x"}"#),
            ["rules[0].value", "rules[0].role"]
        );
    }
}
