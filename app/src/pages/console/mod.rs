//! The Console: what developers do for themselves.

pub mod own_keys;
pub mod own_models;
pub mod own_usage;
pub mod profile;
pub mod quick_start;

pub use own_keys::OwnKeysPage;
pub use own_models::OwnModelsPage;
pub use own_usage::OwnUsagePage;
pub use profile::ProfilePage;
pub use quick_start::QuickStartPage;
