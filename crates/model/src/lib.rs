//! The vocabulary of Gatehouse: ids, entities, roles and permissions, filters, pages and errors.
//!
//! Shared by the server and the page (WASM), so: serde only, no I/O, no async runtime. What is written here is
//! the same word in the database, the API, the pages and the documentation.

pub mod access;
pub mod api_action;
pub mod audit;
pub mod base62;
pub mod catalog;
pub mod change;
pub mod dashboard;
pub mod error;
pub mod glob;
pub mod id;
pub mod identity;
pub mod ip_range;
pub mod key;
pub mod key_token;
pub mod limits;
pub mod management_key;
pub mod mapping;
pub mod membership;
pub mod money;
pub mod offboard;
pub mod page;
pub mod role;
pub mod scim;
pub mod second_factor;
pub mod session;
pub mod sso;
pub mod tenant;
pub mod time;
pub mod usage;
pub mod usage_report;
pub mod user;

#[cfg(feature = "openapi")]
mod openapi;
mod patch;

pub use error::{FieldError, Problem};
pub use id::{
    AccessRuleId, IdentityId, IdentityProviderId, IdentityProviderName, KeyId, ManagementKeyId, ModelName,
    ModelPattern, ProviderName, ProvisioningId, RequestId, RoleName, ScimClientId, ScimGroupId, SessionId,
    TenantId, UserId,
};
pub use page::{Page, PageRequest, Total};
pub use time::{Clock, Timestamp};
