//! Reading the ledger: the dashboard's figures, one's own usage, the models that one may call.

mod dashboard;
mod models;
mod own;
mod report;

pub use dashboard::dashboard;
pub use models::{models, offered};
pub use own::own;
pub use report::report;
