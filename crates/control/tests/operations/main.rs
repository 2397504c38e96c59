//! The operations, called as their edges call them, on a real database.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod access_rules;
mod accounts;
mod audit;
mod callers;
mod catalog;
mod key_changes;
mod key_identity;
mod keys;
mod last_super_admin;
mod management_keys;
mod many_users;
mod mapping;
mod memberships;
mod mutations;
mod offboard;
mod once;
mod overviews;
mod own_usage;
mod roles;
mod scim;
mod scim_clients;
mod second_factor;
mod sign_in;
mod sso;
mod support;
mod switches;
mod tenant_deletion;
mod tenant_rights;
mod tenants_and_users;
mod ways_in;
