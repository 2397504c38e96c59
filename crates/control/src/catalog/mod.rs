//! Providers and models: operations on them, brought in line with the configuration file, opened for the data plane.

mod configure;
pub mod models;
mod open;
mod probe;
pub mod providers;

pub use configure::{ConfiguredProvider, configure};
pub use open::{OpenCatalog, OpenProvider, open};
pub use probe::{ProbeFuture, UpstreamProbe};

use crate::{Control, Error};

/// What a provider's credential is sealed for: it can't be moved to another provider's row.
fn sealing_purpose(name: &model::ProviderName) -> String {
    format!("provider:{name}")
}

/// Where to change what the configuration owns: one sentence for people.
pub fn where_to_change(control: &Control, what: &str, name: &str) -> String {
    let file = &control.0.configuration_file;
    if name == "echo" {
        format!("The {what} echo is built in. `echo: {{enabled: false}}` in {file} removes it.")
    } else {
        format!("The {what} {name} comes from the configuration: change it in {file} and restart.")
    }
}

/// The refusal to change what the configuration owns: it would be back as it was at the next start.
fn read_only(control: &Control, what: &str, name: &str) -> Error {
    Error::Conflict { code: "from_configuration", detail: where_to_change(control, what, name).into() }
}
