//! The Console: what developers do for themselves.

pub mod own_keys;
pub mod profile;
pub mod quick_start;

pub use own_keys::OwnKeysPage;
pub use profile::ProfilePage;
pub use quick_start::QuickStartPage;
