//! Making accounts and changing them.

use super::{User, UserSource, UserStatus, is_email};
use crate::error::FieldError;
use crate::id::RoleName;
use crate::key::{CutReceipt, check_text};
use crate::patch::{given, set};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a caller says of a new local user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Display name, 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name))]
    pub name: String,
    /// E-mail address.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Email))]
    pub email: String,
    /// Global role; `user` when left out.
    #[serde(default)]
    pub role: RoleName,
    /// Organization unit.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Name>))]
    pub organization_unit: Option<String>,
}

impl NewUser {
    /// What is wrong with these fields by themselves.
    pub fn check(&self) -> Vec<FieldError> {
        check_fields(&self.name, &self.email, self.organization_unit.as_deref())
    }
}

fn check_fields(name: &str, email: &str, organization_unit: Option<&str>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_text(&mut errors, "name", name, 1, 100);
    if !is_email(email) {
        errors.push(FieldError::new("email", "must be an e-mail address such as dev@example.com"));
    }
    if let Some(unit) = organization_unit {
        check_text(&mut errors, "organization_unit", unit, 1, 100);
    }
    errors
}

/// What of an account is to change: a field that is left out stays as it is, `null` takes an organization unit away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AccountChange {
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Name>))]
    pub name: Option<String>,
    /// E-mail address; of accounts that were made here only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Email>))]
    pub email: Option<String>,
    /// Organization unit.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Name>))]
    pub organization_unit: Option<Option<String>>,
    /// Inactive: sessions end, and the keys are refused for as long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<UserStatus>,
    /// Why, for the audit log; up to 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Reason>))]
    pub reason: Option<String>,
}

impl From<UserChange> for AccountChange {
    fn from(UserChange { status, reason }: UserChange) -> Self {
        Self { status: Some(status), reason, ..Self::default() }
    }
}

impl AccountChange {
    /// Changes `user`; gives what is wrong with the result. Empty when nothing is.
    pub fn apply(self, user: &mut User) -> Vec<FieldError> {
        let before = user.email.clone();
        set(&mut user.name, self.name);
        set(&mut user.email, self.email);
        set(&mut user.organization_unit, self.organization_unit);
        set(&mut user.status, self.status);
        let mut errors = check_fields(&user.name, &user.email, user.organization_unit.as_deref());
        if user.email != before && user.source != UserSource::Local {
            errors.push(FieldError::new("email", "is set where the account comes from"));
        }
        errors
    }
}

/// Whether an account is to be Active or Inactive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Inactive: sessions end, and the keys are refused for as long.
    pub status: UserStatus,
    /// Why, for the audit log; up to 500 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The answer to setting an account Active or Inactive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SwitchedUser {
    /// The record as it is now.
    pub user: User,
    /// What was cut.
    pub receipt: CutReceipt,
}

/// What a one-time link lets its bearer do for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountLinkKind {
    /// Set the first password.
    Invite,
    /// Set a new password.
    Reset,
}

/// The answer to making a one-time link: the only one that holds it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountLink {
    /// What it is for.
    pub kind: AccountLinkKind,
    /// The link.
    pub url: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for AccountLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountLink").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What the page behind a one-time link shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLinkView {
    /// What it is for.
    pub kind: AccountLinkKind,
    /// The account's name.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
}
