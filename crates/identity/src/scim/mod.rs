//! SCIM 2.0 as a service provider speaks it (RFC 7643, 7644): schemas, filters, PATCH, projections, lists and errors.
//!
//! All of it works on JSON objects whose attributes have the names, types and bounds of [`schema`]: what a client sends
//! is brought into that form first ([`schema::Schema::take`]), and nothing else is ever kept or returned.

pub mod documents;
pub mod error;
pub mod filter;
pub mod group;
pub mod list;
pub mod patch;
pub mod path;
pub mod projection;
pub mod schema;
pub mod sort;
pub mod user;

pub use error::{ScimError, ScimType};

/// The media type of requests and answers.
pub const MEDIA_TYPE: &str = "application/scim+json";
/// Of accounts.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Of accounts in organisations.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Of groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Of PATCH.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Of lists.
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// Of questions in a body.
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// Of errors.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
