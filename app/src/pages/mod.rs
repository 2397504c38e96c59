//! One module for each page, and `keys` and `sessions`, which the admin's pages and the Console share.

pub mod access_rules;
pub mod api_keys;
pub mod audit;
pub mod console;
pub mod dashboard;
pub mod home;
pub mod keys;
pub mod login;
pub mod management_keys;
pub mod models;
pub mod not_found;
pub mod providers;
pub mod roles;
pub mod second_factor;
pub mod second_step;
pub mod sessions;
pub mod set_password;
pub mod setup;
pub mod sso;
pub mod tenants;
pub mod users;
