//! Providers and models: brought in line with the configuration file, and opened for the data plane.

mod configure;
mod open;

pub use configure::{ConfiguredProvider, configure};
pub use open::{OpenCatalog, OpenProvider, open};

/// What a provider's credential is sealed for: it can't be moved to another provider's row.
fn sealing_purpose(name: &model::ProviderName) -> String {
    format!("provider:{name}")
}
