//! Providers (upstreams) and models (public names with targets and prices).

mod address;
mod callers;
mod change;
mod credential;
mod model;
mod prices;
mod provider;
mod view;

pub use crate::id::ModelLabel;
pub use address::Origin;
pub use callers::{CallingKey, ModelCallers, RuleEffect};
pub use change::{CredentialChange, ModelChange, ProviderChange};
pub use credential::NewCredential;
pub use model::{Model, NewModel, Target};
pub use prices::{Prices, Quantities};
pub use provider::{NewProvider, Provider, ProviderKind, ProviderOptions, check_provider};
pub use view::{BreakerState, ModelDetail, OfferedModel, ProbeResult, ProviderDetail, TargetHealth};
