//! The schema of groups (RFC 7643 §4.2). Members are accounts; groups within groups are for the identity provider to
//! resolve.

use super::attribute::{Attribute, Kind, Mutability};

const MEMBERS: &[Attribute] = &[
    Attribute::new("value", "The account's id").exact().mutability(Mutability::Immutable),
    Attribute::new("$ref", "Where the account is").to(&["User"]).mutability(Mutability::Immutable),
    Attribute::new("type", "What the member is").canonical(&["User"]).mutability(Mutability::Immutable),
];

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::new("displayName", "The group's name").required().unique(),
    Attribute::new("members", "The accounts in it").kind(Kind::Complex(MEMBERS)).many(),
];
