//! The binary as its callers see it: every test starts a server of its own and talks HTTP to it.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod admin_access_rules;
mod admin_audit;
mod admin_keys;
mod admin_lists;
mod admin_models;
mod admin_providers;
mod admin_tenants;
mod admin_users;
mod backup;
mod cli;
mod client;
mod crash;
mod cut;
mod deploy;
mod doors;
mod gateway;
mod health;
mod hostile;
mod key_changes;
mod kill_switch;
mod malformed;
mod management_keys;
mod once;
mod openapi;
mod own_sessions;
mod own_usage;
mod owned_fields;
mod pages;
mod portal;
mod routes;
mod scim;
mod second_factor;
mod secrets;
mod server_functions;
mod session_ends;
mod sign_in;
mod sso;
mod storm;
mod support;
mod switches;
mod tenants_apart;
mod thousand;
mod twins;
mod upstream;
