//! Names and ids, one type each, so that none is taken for another.

mod key_id;

pub use key_id::KeyId;

use crate::base62;
use crate::glob;
use crate::role::BuiltInRole;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// Text that isn't what the id or name must look like. The message says what it must look like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(pub &'static str);

/// Reads an id from text that isn't copied first.
struct Text<Id>(PhantomData<Id>);

impl<Id: FromStr<Err = InvalidId>> de::Visitor<'_> for Text<Id> {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
        text.parse().map_err(E::custom)
    }
}

/// A text newtype with a rule: `FromStr` checks it, and so does deserialisation.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:expr, $must:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.into())) } else { Err(InvalidId($must)) }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text(PhantomData))
            }
        }
    };
}

text_id! {
    /// A user: `usr_` and 16 base62 digits.
    UserId,
    |text| text.strip_prefix("usr_").is_some_and(|rest| rest.len() == 16 && base62::is_base62(rest.as_bytes())),
    "must be a user id: usr_ and 16 letters or digits"
}

text_id! {
    /// A tenant's slug: given by the caller, immutable, never reused. `default` always exists.
    TenantId,
    is_slug,
    "must be 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit"
}

text_id! {
    /// A role's name, e.g. `user_admin`.
    RoleName,
    is_role_name,
    "must be 1 to 63 lower-case letters, digits and - _ characters, beginning and ending with a letter or digit"
}

text_id! {
    /// A provider's name, e.g. `openai-primary`.
    ProviderName,
    is_name,
    "must be 1 to 100 letters, digits and - _ . characters, beginning with a letter or digit"
}

text_id! {
    /// A model's public name: what a client sends as `model`, e.g. `meta-llama/Llama-3.1-8B`.
    ModelName,
    is_model_name,
    "must be 1 to 200 letters, digits and - _ . : / @ characters, beginning with a letter or digit"
}

text_id! {
    /// A word by which keys can be allowed to call a group of models, e.g. `eu-hosted`.
    ModelLabel,
    |text| named_with(text, 64, b"-_."),
    "must be 1 to 64 letters, digits and - _ . characters, beginning with a letter or digit"
}

text_id! {
    /// A pattern over models' public names: `*` stands for any characters, none included, e.g. `gpt-4o*`.
    ModelPattern,
    |text| {
        (1..=200).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/@*".contains(&b))
    },
    "must be a model's name, in which * stands for any characters, e.g. gpt-4o*"
}

text_id! {
    /// An access rule: `rule_` and 16 base62 digits.
    AccessRuleId,
    |text| text.strip_prefix("rule_").is_some_and(|rest| rest.len() == 16 && base62::is_base62(rest.as_bytes())),
    "must be an access rule's id: rule_ and 16 letters or digits"
}

text_id! {
    /// A management key: `mk_` and 12 base62 digits, with which the key itself begins.
    ManagementKeyId,
    |text| text.strip_prefix("mk_").is_some_and(|rest| rest.len() == 12 && base62::is_base62(rest.as_bytes())),
    "must be a management key's id: mk_ and 12 letters or digits"
}

text_id! {
    /// An identity provider's name, as it stands in addresses, e.g. `okta`.
    IdentityProviderName,
    is_slug,
    "must be 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit"
}

text_id! {
    /// An identity provider: `idp_` and 16 base62 digits. Never reused, as its name may be.
    IdentityProviderId,
    |text| text.strip_prefix("idp_").is_some_and(|rest| rest.len() == 16 && base62::is_base62(rest.as_bytes())),
    "must be an identity provider's id: idp_ and 16 letters or digits"
}

text_id! {
    /// Somebody as one provider knows them: `idn_` and 16 base62 digits.
    IdentityId,
    |text| text.strip_prefix("idn_").is_some_and(|rest| rest.len() == 16 && base62::is_base62(rest.as_bytes())),
    "must be an identity's id: idn_ and 16 letters or digits"
}

text_id! {
    /// A SCIM client: `scim_` and 12 base62 digits, with which its token begins.
    ScimClientId,
    |text| text.strip_prefix("scim_").is_some_and(|rest| rest.len() == 12 && base62::is_base62(rest.as_bytes())),
    "must be a SCIM client's id: scim_ and 12 letters or digits"
}

text_id! {
    /// A group that a SCIM client provisioned: `grp_` and 16 base62 digits.
    ScimGroupId,
    |text| text.strip_prefix("grp_").is_some_and(|rest| rest.len() == 16 && base62::is_base62(rest.as_bytes())),
    "must be a group's id: grp_ and 16 letters or digits"
}

text_id! {
    /// A line of the provisioning log: `prv_` and 16 base62 digits.
    ProvisioningId,
    |text| text.strip_prefix("prv_").is_some_and(|rest| rest.len() == 16 && base62::is_base62(rest.as_bytes())),
    "must be the id of a line of the provisioning log: prv_ and 16 letters or digits"
}

text_id! {
    /// A browser session as people speak of it: `ses_` and 32 hexadecimal digits. Gives nobody the session.
    SessionId,
    |text| {
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        text.strip_prefix("ses_").is_some_and(|rest| rest.len() == 32 && rest.bytes().all(digit))
    },
    "must be a session's id: ses_ and 32 hexadecimal digits"
}

text_id! {
    /// A request's id, given by the gateway: `req_` and 22 base62 digits.
    RequestId,
    |text| text.strip_prefix("req_").is_some_and(|rest| rest.len() == 22 && base62::is_base62(rest.as_bytes())),
    "must be a request id: req_ and 22 letters or digits"
}

text_id! {
    /// A user path bound to a key, e.g. `/team/alpha/service`; a rule on `/team` covers all below.
    UserPath,
    is_user_path,
    "must begin with / and have segments of letters, digits and - _ . @ characters, e.g. /team/alpha/service"
}

impl TenantId {
    /// The tenant that always exists.
    pub fn default_tenant() -> Self {
        Self("default".into())
    }
}

impl RoleName {
    /// The built-in role of this name, if it is one.
    pub fn built_in(&self) -> Option<BuiltInRole> {
        BuiltInRole::parse(self.as_str())
    }
}

impl From<BuiltInRole> for RoleName {
    fn from(role: BuiltInRole) -> Self {
        Self(role.as_str().into())
    }
}

impl PartialEq<BuiltInRole> for RoleName {
    fn eq(&self, role: &BuiltInRole) -> bool {
        self.as_str() == role.as_str()
    }
}

impl Default for RoleName {
    /// Of whoever was given no other: `user`.
    fn default() -> Self {
        BuiltInRole::User.into()
    }
}

impl UserId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        Self(prefixed::<16>("usr_", fill))
    }
}

impl ManagementKeyId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        Self(prefixed::<12>("mk_", fill))
    }
}

impl ScimClientId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        Self(prefixed::<12>("scim_", fill))
    }
}

impl ScimGroupId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        Self(prefixed::<16>("grp_", fill))
    }
}

impl ProvisioningId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        Self(prefixed::<16>("prv_", fill))
    }
}

impl SessionId {
    /// Of the session whose id has this SHA-256.
    pub fn of(id_hash: &[u8; 32]) -> Self {
        let digits = id_hash.iter().take(16).map(|byte| format!("{byte:02x}"));
        Self(format!("ses_{}", digits.collect::<String>()).into_boxed_str())
    }
}

impl AccessRuleId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        Self(prefixed::<16>("rule_", fill))
    }
}

impl IdentityProviderId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        Self(prefixed::<16>("idp_", fill))
    }
}

impl IdentityId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        Self(prefixed::<16>("idn_", fill))
    }
}

impl ModelPattern {
    /// Whether `name` is meant by this pattern. Case matters, as it does in models' names.
    pub fn matches(&self, name: &str) -> bool {
        glob::matches(&self.0, name)
    }
}

impl UserPath {
    /// Whether this path is `other` or above it: `/team` covers `/team/alpha`, not `/teams`.
    pub fn covers(&self, other: &Self) -> bool {
        other
            .as_str()
            .strip_prefix(self.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// This path and all above it, longest first: `/team/alpha`, `/team`.
    pub fn with_ancestors(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |path| {
            path.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.is_empty())
        })
    }
}

impl RequestId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        Self(prefixed::<22>("req_", fill))
    }
}

fn prefixed<const N: usize>(prefix: &str, fill: impl FnMut(&mut [u8])) -> Box<str> {
    let mut digits = [0u8; N];
    base62::random(&mut digits, fill);
    let mut text = String::with_capacity(prefix.len() + N);
    text.push_str(prefix);
    text.extend(digits.iter().map(|digit| char::from(*digit)));
    text.into_boxed_str()
}

fn is_slug(text: &str) -> bool {
    lower_with(text, b"-")
}

fn is_role_name(text: &str) -> bool {
    lower_with(text, b"-_")
}

fn lower_with(text: &str, within: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|b| plain(b) || within.contains(b))
}

fn is_name(text: &str) -> bool {
    named_with(text, 100, b"-_.")
}

fn is_model_name(text: &str) -> bool {
    named_with(text, 200, b"-_.:/@")
}

fn named_with(text: &str, longest: usize, extra: &[u8]) -> bool {
    text.len() <= longest
        && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
}

fn is_user_path(text: &str) -> bool {
    text.len() <= 256
        && text.strip_prefix('/').is_some_and(|rest| {
            rest.split('/').all(|segment| {
                !segment.is_empty()
                    && segment != "."
                    && segment != ".."
                    && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        for good in ["default", "a", "team-alpha", "7"] {
            assert!(good.parse::<TenantId>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "Team", "a_b", "a b", "ä", &"a".repeat(64)] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn user_paths() {
        for good in ["/team", "/team/alpha/service", "/a.b@c"] {
            assert!(good.parse::<UserPath>().is_ok(), "{good}");
        }
        for bad in ["", "/", "team", "/team/", "//team", "/te am", "/team/../x", "/./x", "/a%2e"] {
            assert!(bad.parse::<UserPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_cover_what_is_below_them() {
        let path = |text: &str| text.parse::<UserPath>().unwrap();
        assert!(path("/team").covers(&path("/team")) && path("/team").covers(&path("/team/a/b")));
        assert!(!path("/team").covers(&path("/teams")) && !path("/team/a").covers(&path("/team")));
        let deep = path("/team/a/b");
        assert_eq!(deep.with_ancestors().collect::<Vec<_>>(), ["/team/a/b", "/team/a", "/team"]);
    }

    #[test]
    fn patterns() {
        let matches = |pattern: &str, name| pattern.parse::<ModelPattern>().unwrap().matches(name);
        for (pattern, name) in [
            ("gpt-4o", "gpt-4o"),
            ("gpt-4o*", "gpt-4o"),
            ("gpt-4o*", "gpt-4o-mini"),
            ("*", "anything"),
            ("*mini", "gpt-4o-mini"),
            ("*4o*mini*", "gpt-4o-mini"),
            ("*-mini", "gpt-4o-mini"),
            ("a*a", "aa"),
            ("a*ab*b", "aababb"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("gpt-4o", "gpt-4o-mini"),
            ("gpt-4o*", "GPT-4o"),
            ("*mini", "mini-x"),
            ("a*a", "a"),
            ("a*bc*c", "abc"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        for bad in ["", "a b", "a?", "*-\u{e4}", &"a".repeat(201)] {
            assert!(bad.parse::<ModelPattern>().is_err(), "{bad}");
        }
    }
}
