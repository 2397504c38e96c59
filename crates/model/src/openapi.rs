//! Schemas for the Admin API's document, where serde's form doesn't say what a text must look like: ids, names, times,
//! amounts. The page is built without them.
//!
//! Patterns are ECMA-262 and as strict as the checks that they describe, or stricter where no regular expression says it
//! all; the operations decide.

use crate::catalog::NewCredential;
use crate::id::{
    AccessRuleId, IdentityId, IdentityProviderId, IdentityProviderName, KeyId, ManagementKeyId, ModelLabel,
    ModelName, ModelPattern, ProviderName, ProvisioningId, RequestId, RoleName, ScimClientId, SessionId,
    TenantId, UserId, UserPath,
};
use crate::identity::ClaimValue;
use crate::ip_range::IpRange;
use crate::money::Usd;
use crate::role::{Permission, PermissionSet, Resource};
use crate::time::Timestamp;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// Types that only lend a field their schema.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum $name {}
    )*};
}

words! {
    /// A name for people.
    Name;
    /// What a key is for.
    Description;
    /// What a role is for.
    RoleDescription;
    /// Why something is done.
    Reason;
    /// A user's id or e-mail address.
    Owner;
    /// An e-mail address.
    Email;
    /// A tag's name.
    TagName;
    /// A tag's value.
    TagValue;
    /// What an upstream calls a model.
    UpstreamModel;
    /// An upstream's address.
    BaseUrl;
    /// A version of Azure's API.
    ApiVersion;
    /// An e-mail domain.
    Domain;
    /// A value that a claim of a token is compared with.
    Word;
    /// Where an issuer publishes its keys.
    JwksUrl;
    /// An identity provider's issuer.
    Issuer;
    /// What a client is called at a provider.
    ClientId;
    /// A scope of OAuth 2.
    Scope;
    /// What stands on a button.
    ButtonText;
}

/// Texts with a pattern: type, name in the document, description, pattern, longest, an example.
macro_rules! texts {
    ($($type:ty, $name:literal, $description:literal, $pattern:expr, $longest:expr, $example:literal;)*) => {
        $(
            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    text($description, $pattern, $longest, $example)
                }
            }
            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    $name.into()
                }
            }
        )*
    };
}

/// A text in one piece: no control characters but line feeds, no space at its ends.
macro_rules! trimmed {
    () => {
        r"[^\s\x00-\x1f\x7f-\x9f](?:[^\x00-\x09\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?"
    };
}

/// The same on one line.
macro_rules! line {
    () => {
        r"[^\s\x00-\x1f\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?"
    };
}

texts! {
    UserId, "UserId", "A user's id.", "^usr_[0-9A-Za-z]{16}$", 20, "usr_8fK2mQ4xR7tB1nZ3";
    TenantId, "TenantId", "A tenant's slug: immutable, never reused.", "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", 63,
        "team-alpha";
    RoleName, "RoleName", "A role's name.", "^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$", 63, "user_admin";
    ProviderName, "ProviderName", "A provider's name.", "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", 100, "openai-primary";
    ModelName, "ModelName", "What a client sends as `model`.", "^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}$", 200,
        "gpt-4o-mini";
    ModelLabel, "ModelLabel", "A word by which keys can be allowed to call a group of models.",
        "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", 64, "eu-hosted";
    ModelPattern, "ModelPattern", "A model's name, in which `*` stands for any characters.",
        r"^[A-Za-z0-9._:/@*-]{1,200}$", 200, "gpt-4o*";
    AccessRuleId, "AccessRuleId", "An access rule's id.", "^rule_[0-9A-Za-z]{16}$", 21, "rule_5tG9wPz2LcX7vH4k";
    ManagementKeyId, "ManagementKeyId", "A management key's id.", "^mk_[0-9A-Za-z]{12}$", 15, "mk_7Hq2xV9mLw4T";
    IdentityProviderName, "IdentityProviderName", "An identity provider's name, as it stands in addresses.",
        "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", 63, "okta";
    IdentityProviderId, "IdentityProviderId", "An identity provider's id.", "^idp_[0-9A-Za-z]{16}$", 20,
        "idp_4Rk8sV2nC7xQ1mZ5";
    IdentityId, "IdentityId", "The id of somebody's identity at a provider.", "^idn_[0-9A-Za-z]{16}$", 20,
        "idn_9Tb3wL6yH2pK8fD0";
    ScimClientId, "ScimClientId", "A SCIM client's id.", "^scim_[0-9A-Za-z]{12}$", 17, "scim_7Hq2xV9mLw4T";
    ProvisioningId, "ProvisioningId", "The id of a line of the provisioning log.", "^prv_[0-9A-Za-z]{16}$", 20,
        "prv_5tG9wPz2LcX7vH4k";
    SessionId, "SessionId", "A browser session's id; gives nobody the session.", "^ses_[0-9a-f]{32}$", 36,
        "ses_3f9a0c5e7d1b48269ac0e5f7d1b3a824";
    RequestId, "RequestId", "A request's id.", "^req_[0-9A-Za-z]{22}$", 26, "req_4Kp9sT2vX8bN1mQ7wZ5cR3";
    KeyId, "KeyId", "A key's public id.", "^[0-9A-Za-z]{12}$", 12, "7Hq2xV9mLw4T";
    UserPath, "UserPath", "A path bound to a key; a rule on `/team` covers all below.",
        r"^(?:/(?:[A-Za-z0-9_@-][A-Za-z0-9._@-]*|\.[A-Za-z0-9_@-][A-Za-z0-9._@-]*|\.\.[A-Za-z0-9._@-]+))+$", 256,
        "/team/alpha/service";
    IpRange, "IpRange", "An IP address, or a range with no bits set beyond its prefix.",
        "^[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?$", 43, "10.0.0.0/8";
    NewCredential, "NewCredential", "A provider's credential: write-only, never given.", r"^[\x21-\x7e]*$", 4_096,
        "sk-upstream-credential";
    Name, "Name", "A name for people, without spaces at its ends.", concat!("^", trimmed!(), "$"), 100,
        "Checkout service";
    Description, "Description", "Words for people, without spaces at their ends.", concat!("^(?:", trimmed!(), ")?$"),
        1_000, "Answers the questions of the checkout page";
    RoleDescription, "RoleDescription", "What a role is for.", concat!("^(?:", trimmed!(), ")?$"), 500,
        "Reads usage and keys";
    Reason, "Reason", "Why, for the audit log.", concat!("^", line!(), "$"), 500, "left the company";
    Owner, "Owner", "A user's id or e-mail address.", r"^[^\s\x00-\x1f\x7f-\x9f]+$", 254, "dev@example.com";
    Email, "Email", "An e-mail address.",
        r"^[^\s@\x00-\x1f\x7f-\x9f]{1,64}@[^\s@.\x00-\x1f\x7f-\x9f][^\s@\x00-\x1f\x7f-\x9f]{0,100}$", 254,
        "dev@example.com";
    TagName, "TagName", "A tag's name.", "^[A-Za-z0-9._-]{1,64}$", 64, "customer_id";
    TagValue, "TagValue", "A tag's value.", r"^[^\x00-\x1f\x7f-\x9f]{1,256}$", 256, "acme-corp";
    UpstreamModel, "UpstreamModel", "What the provider calls the model.", r"^[^\x00-\x1f\x7f-\x9f]{1,200}$", 200,
        "gpt-4o-mini-2024-07-18";
    BaseUrl, "BaseUrl", "An address, with a host and without user info, query and fragment; the usual one when empty.",
        r"^(?:https?://[A-Za-z0-9._~:/\[\]!$&'()*+,;=%-]+)?$", 2_000, "https://api.openai.com/v1";
    ApiVersion, "ApiVersion", "A version of Azure's API.", "^[A-Za-z0-9-]{1,40}$", 40, "2024-10-21";
    Domain, "Domain", "An e-mail domain.", r"^[^\s@*/:\\,.\x00-\x1f\x7f-\x9f]+(?:\.[^\s@*/:\\,.\x00-\x1f\x7f-\x9f]+)*$",
        253, "example.com";
    Word, "Word", "A value that is compared to the letter.", concat!("^", line!(), "$"), 512, "https://issuer.example";
    JwksUrl, "JwksUrl", "Where the issuer publishes its keys.", r"^https?://[^\s#@\\/?:\x00-\x1f\x7f-\x9f][^\s#@\\\x00-\x1f\x7f-\x9f]*$",
        2_000, "https://issuer.example/.well-known/jwks.json";
    Issuer, "Issuer", "An identity provider's issuer, to the letter.",
        r"^https?://[A-Za-z0-9._~:/\[\]!$&'()*+,;=%-]+$", 500, "https://example.okta.com";
    ClientId, "ClientId", "What the provider calls this installation.", r"^[\x21-\x7e]{1,512}$", 512, "0oa1b2c3d4";
    Scope, "Scope", "A scope to ask for.", r"^[\x21\x23-\x5b\x5d-\x7e]{1,200}$", 200, "groups";
    ButtonText, "ButtonText", "What stands on the button.", concat!("^", line!(), "$"), 60, "Sign in with Okta";
}

fn text(description: &str, pattern: &str, longest: usize, example: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    text.pattern(Some(pattern)).max_length(Some(longest)).examples([example]).into()
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        let time = ObjectBuilder::new().schema_type(Type::String);
        let time = time.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        time.description(Some("RFC 3339; answers are in UTC.")).examples(["2030-12-31T23:59:59Z"]).into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        "Timestamp".into()
    }
}

impl PartialSchema for Usd {
    fn schema() -> RefOr<Schema> {
        let pattern = r"^[0-9]{1,12}(?:\.[0-9]{1,6})?$";
        let number = ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(0))
            .maximum(Some(1_000_000_000_000_u64));
        AnyOfBuilder::new()
            .item(text("US dollars with at most 6 decimals.", pattern, 19, "1.25"))
            .item(number.multiple_of(Some(0.000_001)))
            .description(Some("US dollars: a decimal string, and in requests a number too."))
            .into()
    }
}

impl ToSchema for Usd {
    fn name() -> Cow<'static, str> {
        "Usd".into()
    }
}

impl PartialSchema for ClaimValue {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        AnyOfBuilder::new()
            .item(ObjectBuilder::new().schema_type(Type::Boolean))
            .item(number.minimum(Some(i64::MIN)).maximum(Some(i64::MAX)))
            .item(text("Text.", r"^[\s\S]{0,512}$", 512, "gold"))
            .description(Some("A value that a claim must have. `true` and `\"true\"` are different."))
            .into()
    }
}

impl ToSchema for ClaimValue {
    fn name() -> Cow<'static, str> {
        "ClaimValue".into()
    }
}

/// A key's tags.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyTags {}

impl PartialSchema for KeyTags {
    fn schema() -> RefOr<Schema> {
        let tags = ObjectBuilder::new().schema_type(Type::Object).property_names(Some(TagName::schema()));
        let tags = tags.additional_properties(Some(TagValue::schema())).max_properties(Some(50));
        tags.description(Some("Tags by name."))
            .examples([serde_json::json!({ "customer_id": "acme-corp" })])
            .into()
    }
}

impl ToSchema for KeyTags {
    fn name() -> Cow<'static, str> {
        "Tags".into()
    }
}

/// Claims by name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RequiredClaims {}

impl PartialSchema for RequiredClaims {
    fn schema() -> RefOr<Schema> {
        let name = text("A claim's name, or a JSON pointer.", r"^[^\x00-\x1f\x7f-\x9f]+$", 512, "tier");
        let claims = ObjectBuilder::new().schema_type(Type::Object).property_names(Some(name));
        let claims = claims.additional_properties(Some(ClaimValue::schema())).max_properties(Some(20));
        claims.description(Some("Values that claims must have, by the claims' names.")).into()
    }
}

impl ToSchema for RequiredClaims {
    fn name() -> Cow<'static, str> {
        "RequiredClaims".into()
    }
}

impl PartialSchema for Permission {
    fn schema() -> RefOr<Schema> {
        let all = Self::all().map(|permission| permission.to_string());
        let one = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all));
        one.description(Some("`resource:action`.")).examples(["keys:read"]).into()
    }
}

impl ToSchema for Permission {
    fn name() -> Cow<'static, str> {
        "Permission".into()
    }
}

impl PartialSchema for PermissionSet {
    fn schema() -> RefOr<Schema> {
        let each = Permission::all().map(|permission| permission.to_string());
        let of_resources = Resource::ALL.into_iter().map(|resource| format!("{}:*", resource.as_str()));
        let words = each.chain(of_resources).chain(["*".to_owned()]);
        let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
        ArrayBuilder::new()
            .items(word)
            .description(Some(
                "Permissions, sorted. In requests `keys:*` stands for all of one resource and `*` for everything.",
            ))
            .examples([serde_json::json!(["keys:read", "usage:read"])])
            .into()
    }
}

impl ToSchema for PermissionSet {
    fn name() -> Cow<'static, str> {
        "Permissions".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn example_of<T: PartialSchema>() -> String {
        let schema = serde_json::to_value(T::schema()).unwrap();
        schema["examples"][0].as_str().unwrap().to_owned()
    }

    fn parses<T: PartialSchema + FromStr>() {
        let example = example_of::<T>();
        assert!(example.parse::<T>().is_ok(), "{example}");
    }

    #[test]
    fn examples_are_what_they_stand_for() {
        parses::<UserId>();
        parses::<TenantId>();
        parses::<RoleName>();
        parses::<ProviderName>();
        parses::<ModelName>();
        parses::<ModelLabel>();
        parses::<ModelPattern>();
        parses::<AccessRuleId>();
        parses::<ManagementKeyId>();
        parses::<IdentityProviderName>();
        parses::<IdentityProviderId>();
        parses::<IdentityId>();
        parses::<ScimClientId>();
        parses::<ProvisioningId>();
        parses::<SessionId>();
        parses::<RequestId>();
        parses::<KeyId>();
        parses::<UserPath>();
        parses::<IpRange>();
        parses::<Permission>();
        assert!(Timestamp::parse_rfc3339(&example_of::<Timestamp>()).is_some());
        assert!(crate::user::is_email(&example_of::<Email>()));
    }
}
