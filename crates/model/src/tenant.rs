//! Tenants: a team, customer or environment.

use crate::error::FieldError;
use crate::id::TenantId;
use crate::key::{CutReceipt, check_text, is_tag_name};
use crate::money::Usd;
use crate::patch::given;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a tenant's keys work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// Keys work.
    #[default]
    Active,
    /// Keys are refused.
    Suspended,
}

impl TenantStatus {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Suspended].into_iter().find(|status| status.as_str() == text)
    }
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tenant {
    /// Slug, given by the caller.
    pub id: TenantId,
    /// Display name.
    pub name: String,
    /// Active or Suspended.
    pub status: TenantStatus,
    /// Suspended by who may do so everywhere: who may only in this tenant can't let it work again.
    #[serde(default)]
    pub suspension_locked: bool,
    /// Names of the tags that its people may give to their own keys.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::TagName>))]
    pub self_service_tags: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a caller says of a new tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// Slug; can never be changed or reused.
    pub id: TenantId,
    /// Display name, 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name))]
    pub name: String,
}

impl NewTenant {
    /// What is wrong with these fields by themselves.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "name", &self.name, 1, 100);
        errors
    }
}

/// What of a tenant is to change; what is left out stays as it is. Status has operations of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TenantChange {
    /// Display name, 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name))]
    pub name: Option<String>,
    /// Names of the tags that its people may give to their own keys; all of them.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::TagName>, max_items = 50))]
    pub self_service_tags: Option<Vec<String>>,
}

impl TenantChange {
    /// Most names of self-service tags.
    pub const MAX_TAG_NAMES: usize = 50;

    /// Changes `tenant`; gives what is wrong with the result. Empty when nothing is.
    pub fn apply(self, tenant: &mut Tenant) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Some(name) = self.name {
            check_text(&mut errors, "name", &name, 1, 100);
            tenant.name = name;
        }
        if let Some(mut names) = self.self_service_tags {
            names.sort();
            names.dedup();
            if names.len() > Self::MAX_TAG_NAMES {
                let most = format!("must be at most {}", Self::MAX_TAG_NAMES);
                errors.push(FieldError::new("self_service_tags", most));
            }
            if !names.iter().all(|name| is_tag_name(name)) {
                let must = "tag names must be 1 to 64 letters, digits and - _ . characters";
                errors.push(FieldError::new("self_service_tags", must));
            }
            tenant.self_service_tags = names;
        }
        errors
    }
}

/// The answer to suspending or activating a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SwitchedTenant {
    /// The record as it is now.
    pub tenant: Tenant,
    /// What was cut.
    pub receipt: CutReceipt,
}

/// Which tenants a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantFilter {
    /// Substring of name or slug.
    pub q: Option<String>,
    /// Only this one.
    pub id: Option<TenantId>,
}

/// A tenant with its figures; flat. A figure is left out for who may not see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantView {
    /// The record.
    #[serde(flatten)]
    pub tenant: Tenant,
    /// How many belong to it.
    pub members: Option<u64>,
    /// How many of its keys are Active.
    pub active_keys: Option<u64>,
    /// What its requests have cost since the UTC month began.
    pub month_cost_usd: Option<Usd>,
}

/// What deleting a tenant takes away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantHoldings {
    /// Keys that would be revoked.
    pub keys: u64,
    /// Memberships that would end.
    pub memberships: u64,
    /// Access rules about it that would be removed.
    pub access_rules: u64,
    /// How many people would be in no tenant any more.
    pub users_left_out: u64,
    /// The e-mail addresses of the first of them.
    pub users_left_out_named: Vec<String>,
}

impl TenantHoldings {
    /// How many people are named.
    pub const NAMED: usize = 20;
}

/// The answer to deleting a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletedTenant {
    /// Its slug, which is never free again.
    pub id: TenantId,
    /// What was taken away.
    pub holdings: TenantHoldings,
    /// What was cut.
    pub receipt: CutReceipt,
}
