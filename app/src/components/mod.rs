//! The parts that pages are made of. None of them calls the server but the one that looks up users.

pub mod allowed;
pub mod badge;
pub mod bound;
pub mod chart;
pub mod copy;
pub mod dialog;
pub mod download;
pub mod drawer;
pub mod empty;
pub mod failure;
pub mod field;
pub mod filter;
pub mod form;
pub mod form_dialog;
pub mod goto;
pub mod history;
pub mod key_badges;
pub mod list;
pub mod list_card;
pub mod new_password;
pub mod table;
pub mod tabs;
pub mod toast;
pub mod tokens;
pub mod user_picker;
pub mod when;
