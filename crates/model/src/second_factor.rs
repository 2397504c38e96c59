//! The second factor of local accounts: who must have one, and what its owner is shown.

use crate::role::Rights;
use crate::time::Timestamp;
use crate::user::{User, UserSource};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who must have a second factor (`identity.require_second_factor`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorRule {
    /// Nobody; who wants one has one.
    #[default]
    Off,
    /// Whoever may do anything beyond the Console, in one tenant or everywhere.
    Admins,
    /// Everybody.
    Everyone,
}

impl SecondFactorRule {
    /// Whether this account must have one. Accounts from an identity provider prove themselves there.
    pub fn covers(self, user: &User, rights: &Rights) -> bool {
        let meant = match self {
            Self::Off => false,
            Self::Admins => !rights.is_none(),
            Self::Everyone => true,
        };
        meant && user.source == UserSource::Local
    }
}

/// One's own second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactorView {
    /// Whether one must have it.
    pub required: bool,
    /// What one has; `None`: none.
    pub enrolled: Option<Enrolled>,
}

/// A second factor that is asked for at sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// Since when.
    pub at: Timestamp,
    /// Recovery codes that weren't used.
    pub recovery_codes_left: u32,
}

/// What an authenticator is told, before it has proven that it was. Shown once; worth nothing until then.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSecondFactor {
    /// In base32, for typing.
    pub secret: String,
    /// The same as the address that authenticators read.
    pub uri: String,
    /// The address as an image.
    pub qr: QrImage,
    /// The secret, sealed for this account and for minutes: comes back with the first code.
    pub ticket: String,
}

// The secret is in it.
impl fmt::Debug for NewSecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewSecondFactor")
    }
}

/// A QR code to draw as SVG.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrImage {
    /// Width and height of the view box.
    pub size: u32,
    /// The `d` of its one path.
    pub path: String,
}

/// Codes that let one in without the authenticator, each for once. Shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecoveryCodes(pub Vec<String>);

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use crate::role::{BuiltInRole, RoleName};
    use crate::user::UserStatus;
    use std::collections::BTreeMap;

    fn user(role: BuiltInRole, source: UserSource) -> User {
        User {
            id: UserId::generate(|bytes| bytes.fill(1)),
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
            role: role.into(),
            organization_unit: None,
            status: UserStatus::Active,
            source,
            second_factor: false,
            created_at: Timestamp::default(),
            last_sign_in_at: None,
            tenant_ids: Vec::new(),
            assignments: Vec::new(),
        }
    }

    #[test]
    fn the_rule_is_for_local_accounts_and_admins_are_those_who_may_do_anything() {
        use BuiltInRole::{BillingAdmin, SuperAdmin, User as Plain};
        use UserSource::{Local, Scim, Sso};
        let covers = |rule: SecondFactorRule, role: BuiltInRole, source| {
            let role_name: RoleName = role.into();
            rule.covers(&user(role, source), &Rights::resolve(&role_name, &[], &BTreeMap::new()))
        };
        for role in BuiltInRole::ALL {
            assert!(!covers(SecondFactorRule::Off, role, Local));
            assert!(covers(SecondFactorRule::Everyone, role, Local));
            for source in [Sso, Scim] {
                assert!(!covers(SecondFactorRule::Everyone, role, source));
            }
        }
        assert!(covers(SecondFactorRule::Admins, SuperAdmin, Local));
        assert!(covers(SecondFactorRule::Admins, BillingAdmin, Local));
        assert!(!covers(SecondFactorRule::Admins, Plain, Local));
    }

    #[test]
    fn what_is_shown_once_can_t_be_printed() {
        let qr = QrImage { size: 1, path: String::new() };
        let new = NewSecondFactor { secret: "s".into(), uri: "u".into(), qr, ticket: "t".into() };
        assert_eq!(format!("{new:?} {:?}", RecoveryCodes(vec!["c".into()])), "NewSecondFactor RecoveryCodes");
    }
}
