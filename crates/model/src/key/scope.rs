//! What a key may reach, for whom, from where and how often: everything that an operator can narrow.

use crate::api_action::ApiAction;
use crate::catalog::ModelLabel;
use crate::id::{ModelPattern, ProviderName};
use crate::identity::IdentityRules;
use crate::ip_range::IpRange;
use crate::limits::RateLimits;
use serde::{Deserialize, Serialize};

/// The bounds of a key. An allow-list that is `None` (`null`) means all; an empty one means none.
///
/// A model must be permitted by each list that is there: its name by `allowed_models`, one of its labels by
/// `allowed_model_labels`, and its name by no pattern of `denied_models`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct KeyScope {
    /// What may be called.
    pub allowed_actions: Option<Vec<ApiAction>>,
    /// Which models may be called, by name; `*` stands for any characters.
    pub allowed_models: Option<Vec<ModelPattern>>,
    /// Which models may not be called; wins over everything that allows.
    pub denied_models: Vec<ModelPattern>,
    /// Which models may be called, by label.
    pub allowed_model_labels: Option<Vec<ModelLabel>>,
    /// Which providers may answer.
    pub allowed_providers: Option<Vec<ProviderName>>,
    /// From which addresses requests may come.
    pub allowed_ips: Option<Vec<IpRange>>,
    /// Limits of the key.
    pub rate_limits: RateLimits,
    /// Who may be behind its requests.
    pub identity: IdentityRules,
    /// Whether each request must name its conversation (`X-Conversation-Id`).
    pub require_conversation_id: bool,
}

impl KeyScope {
    /// Whether a model of this name and with these labels may be called.
    pub fn permits_model(&self, name: &str, labels: &[ModelLabel]) -> bool {
        let by_name = self
            .allowed_models
            .as_ref()
            .is_none_or(|allowed| allowed.iter().any(|pattern| pattern.matches(name)));
        let by_label = self
            .allowed_model_labels
            .as_ref()
            .is_none_or(|allowed| labels.iter().any(|label| allowed.contains(label)));
        by_name && by_label && !self.denied_models.iter().any(|pattern| pattern.matches(name))
    }

    /// Whether this provider may answer.
    pub fn permits_provider(&self, name: &ProviderName) -> bool {
        self.allowed_providers.as_ref().is_none_or(|allowed| allowed.contains(name))
    }
}
