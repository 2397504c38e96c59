//! The schema of accounts (RFC 7643 §4.1) and its enterprise extension (§4.3). There are no passwords: whoever is
//! provisioned signs in at their identity provider.

use super::attribute::{Attribute, Kind, Mutability};

const NAME: &[Attribute] = &[
    Attribute::new("formatted", "The whole name as it is shown"),
    Attribute::new("familyName", "Family name"),
    Attribute::new("givenName", "Given name"),
    Attribute::new("middleName", "Middle names"),
    Attribute::new("honorificPrefix", "Such as Dr."),
    Attribute::new("honorificSuffix", "Such as III"),
];

const DISPLAY: Attribute = Attribute::new("display", "As it is shown");
const PRIMARY: Attribute = Attribute::new("primary", "Whether it is the preferred one").kind(Kind::Boolean);
const TYPE: Attribute = Attribute::new("type", "What it is for");

/// What most attributes with many values have.
macro_rules! values {
    ($value:expr, $type:expr) => {
        Kind::Complex(&[$value, DISPLAY, $type, PRIMARY])
    };
}

const ADDRESS: &[Attribute] = &[
    Attribute::new("formatted", "The whole address as it is written"),
    Attribute::new("streetAddress", "Street and number"),
    Attribute::new("locality", "City"),
    Attribute::new("region", "State or region"),
    Attribute::new("postalCode", "Postal code"),
    Attribute::new("country", "Country, ISO 3166-1 alpha-2"),
    TYPE.canonical(&["work", "home", "other"]),
    PRIMARY,
];

const GROUPS: &[Attribute] = &[
    Attribute::new("value", "The group's id").exact().mutability(Mutability::ReadOnly),
    Attribute::new("$ref", "Where the group is").to(&["Group"]).mutability(Mutability::ReadOnly),
    Attribute::new("display", "The group's name").mutability(Mutability::ReadOnly),
    Attribute::new("type", "How they belong to it").canonical(&["direct"]).mutability(Mutability::ReadOnly),
];

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::new(
        "userName",
        "The name that they sign in with at the identity provider; the e-mail address if it is one",
    )
    .required()
    .unique(),
    Attribute::new("name", "The parts of their name").kind(Kind::Complex(NAME)),
    Attribute::new("displayName", "Their name as it is shown"),
    Attribute::new("nickName", "What they are called"),
    Attribute::new("profileUrl", "Their page").to(&["external"]),
    Attribute::new("title", "Their title in the organisation"),
    Attribute::new("userType", "How they belong to the organisation"),
    Attribute::new("preferredLanguage", "The languages that they prefer"),
    Attribute::new("locale", "Where they are, for formats"),
    Attribute::new("timezone", "Their time zone"),
    // Every account is one or the other: it can be left out of what is sent, not taken away.
    Attribute::new("active", "Whether they may act; false revokes their keys and ends their sessions")
        .kind(Kind::Boolean)
        .required(),
    Attribute::new("emails", "E-mail addresses; may be left out where userName is one")
        .kind(values!(
            Attribute::new("value", "The address").required(),
            TYPE.canonical(&["work", "home", "other"])
        ))
        .many()
        .required(),
    Attribute::new("phoneNumbers", "Telephone numbers")
        .kind(values!(
            Attribute::new("value", "The number"),
            TYPE.canonical(&["work", "home", "mobile", "fax", "pager", "other"])
        ))
        .many(),
    Attribute::new("ims", "Addresses for messages")
        .kind(values!(Attribute::new("value", "The address"), TYPE))
        .many(),
    Attribute::new("photos", "Pictures")
        .kind(values!(
            Attribute::new("value", "Where the picture is").to(&["external"]),
            TYPE.canonical(&["photo", "thumbnail"])
        ))
        .many(),
    Attribute::new("addresses", "Postal addresses").kind(Kind::Complex(ADDRESS)).many(),
    Attribute::new("groups", "The groups that they belong to")
        .kind(Kind::Complex(GROUPS))
        .many()
        .mutability(Mutability::ReadOnly),
    Attribute::new("entitlements", "What they are entitled to")
        .kind(values!(Attribute::new("value", "The entitlement"), TYPE))
        .many(),
    Attribute::new("roles", "Their roles at the identity provider; they give none here")
        .kind(values!(Attribute::new("value", "The role"), TYPE))
        .many(),
    Attribute::new("x509Certificates", "Certificates")
        .kind(values!(Attribute::new("value", "The certificate").kind(Kind::Binary).exact(), TYPE))
        .many(),
];

const MANAGER: &[Attribute] = &[
    Attribute::new("value", "The manager's id").exact(),
    Attribute::new("$ref", "Where the manager is").to(&["User"]),
    Attribute::new("displayName", "The manager's name").mutability(Mutability::ReadOnly),
];

pub(super) const ENTERPRISE: &[Attribute] = &[
    Attribute::new("employeeNumber", "Their number in the organisation"),
    Attribute::new("costCenter", "Cost centre"),
    Attribute::new("organization", "Organisation"),
    Attribute::new("division", "Division"),
    Attribute::new("department", "Department; the Organization Unit here"),
    Attribute::new("manager", "Their manager").kind(Kind::Complex(MANAGER)),
];
