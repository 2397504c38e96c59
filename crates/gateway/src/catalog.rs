//! Providers and models, compiled for requests: addresses parsed, credentials made into headers, names resolved.

use http::{HeaderValue, Uri};
use memchr::memmem;
use model::catalog::{Model, Prices, Provider, ProviderKind, ProviderOptions};
use model::{ModelName, ProviderName};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What a provider wants to see as its bearer token. Can't be printed or compared.
#[derive(Clone)]
pub struct Credential(String);

impl Credential {
    /// From the opened text.
    pub fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential")
    }
}

/// A provider with its credential.
#[derive(Clone, Debug)]
pub struct CatalogProvider {
    /// The provider.
    pub provider: Provider,
    /// Its credential, opened; `None`: it wants none.
    pub credential: Option<Credential>,
}

/// A provider, or a model's target, that can't be used; the rest of the catalog works.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogProblem {
    /// The provider's address can't be used.
    #[error(
        "provider {0}: base_url must be http or https with a host, without user info, query and fragment"
    )]
    BaseUrl(ProviderName),
    /// The provider's credential can't be sent in a header.
    #[error("provider {0}: the credential has characters that can't be sent in a header")]
    Credential(ProviderName),
    /// The data path doesn't speak this kind.
    #[error("provider {0}: kind {1} can't be called yet")]
    Kind(ProviderName, &'static str),
    /// A target names a provider that isn't there (or has a problem itself).
    #[error("model {0}: there is no usable provider {1}")]
    Target(ModelName, ProviderName),
}

/// All providers and models. Replaced as a whole by [`crate::Gateway::set_catalog`].
#[derive(Default)]
pub struct Catalog {
    models: HashMap<ModelName, Arc<Route>>,
    listed: Vec<Arc<Route>>,
}

impl Catalog {
    /// Compiles what the store has; what can't be used is left out and named.
    pub fn compile(providers: Vec<CatalogProvider>, models: Vec<Model>) -> (Self, Vec<CatalogProblem>) {
        let mut problems = Vec::new();
        let mut upstreams = HashMap::new();
        for given in providers {
            match Upstream::compile(given) {
                Ok(upstream) => {
                    upstreams.insert(upstream.name.clone(), Arc::new(upstream));
                }
                Err(problem) => problems.push(problem),
            }
        }
        let mut catalog = Self::default();
        for model in models {
            let mut targets = Vec::with_capacity(model.targets.len());
            for target in model.targets {
                match upstreams.get(&target.provider) {
                    Some(upstream) => targets.push(Target {
                        upstream: Arc::clone(upstream),
                        renamed: target.upstream_model != model.name.as_str(),
                        upstream_model: target.upstream_model,
                        weight: u64::from(target.weight.max(1)),
                    }),
                    None => problems.push(CatalogProblem::Target(model.name.clone(), target.provider)),
                }
            }
            if !targets.is_empty() {
                let turn = AtomicU64::new(0);
                let route = Arc::new(Route { name: model.name.clone(), targets, prices: model.prices, turn });
                catalog.models.insert(model.name, Arc::clone(&route));
                catalog.listed.push(route);
            }
        }
        catalog.listed.sort_by(|a, b| a.name.cmp(&b.name));
        (catalog, problems)
    }

    pub(crate) fn route(&self, model: &str) -> Option<&Arc<Route>> {
        self.models.get(model)
    }

    /// All routes by name.
    pub(crate) fn routes(&self) -> &[Arc<Route>] {
        &self.listed
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog").field("models", &self.listed.len()).finish()
    }
}

/// A model's ways out.
pub(crate) struct Route {
    pub(crate) name: ModelName,
    pub(crate) targets: Vec<Target>,
    pub(crate) prices: Prices,
    /// Counts requests, for taking targets in turn.
    pub(crate) turn: AtomicU64,
}

pub(crate) struct Target {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) upstream_model: String,
    /// Whether the upstream calls the model something else than the client does.
    pub(crate) renamed: bool,
    pub(crate) weight: u64,
}

/// A provider, ready to be called.
pub(crate) struct Upstream {
    pub(crate) name: ProviderName,
    pub(crate) sandbox: bool,
    pub(crate) kind: UpstreamKind,
}

pub(crate) enum UpstreamKind {
    Echo(ProviderOptions),
    OpenAi(OpenAi),
}

/// Something that speaks OpenAI's API.
pub(crate) struct OpenAi {
    pub(crate) chat_completions: Uri,
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) allow_private_addresses: bool,
    credential: Option<Credential>,
}

impl OpenAi {
    /// Whether `text` contains the credential: some upstreams quote it in their errors.
    pub(crate) fn leaks(&self, text: &[u8]) -> bool {
        self.credential
            .as_ref()
            .is_some_and(|secret| !secret.0.is_empty() && memmem::find(text, secret.0.as_bytes()).is_some())
    }
}

impl Upstream {
    fn compile(CatalogProvider { provider, credential }: CatalogProvider) -> Result<Self, CatalogProblem> {
        let kind = match provider.kind {
            ProviderKind::Echo => UpstreamKind::Echo(provider.options),
            ProviderKind::Anthropic | ProviderKind::AzureOpenai => {
                return Err(CatalogProblem::Kind(provider.name, provider.kind.as_str()));
            }
            ProviderKind::Openai | ProviderKind::OpenaiCompatible => {
                let chat_completions = endpoint(&provider.base_url, "/chat/completions")
                    .ok_or_else(|| CatalogProblem::BaseUrl(provider.name.clone()))?;
                let authorization = credential
                    .as_ref()
                    .map(|secret| HeaderValue::try_from(format!("Bearer {}", secret.0)))
                    .transpose()
                    .map_err(|_| CatalogProblem::Credential(provider.name.clone()))?
                    .map(|mut value| {
                        value.set_sensitive(true);
                        value
                    });
                UpstreamKind::OpenAi(OpenAi {
                    chat_completions,
                    authorization,
                    allow_private_addresses: provider.allow_private_addresses,
                    credential,
                })
            }
        };
        Ok(Self { name: provider.name, sandbox: provider.sandbox, kind })
    }
}

fn endpoint(base_url: &str, path: &str) -> Option<Uri> {
    if base_url.contains(['?', '#', '@', '\\'])
        || base_url.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        return None;
    }
    let uri: Uri = format!("{}{path}", base_url.trim_end_matches('/')).parse().ok()?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    (known && uri.host().is_some_and(|host| !host.is_empty())).then_some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls() {
        assert_eq!(
            endpoint("https://api.example.com/v1/", "/chat/completions").unwrap(),
            "https://api.example.com/v1/chat/completions"
        );
        for bad in [
            "",
            "api.example.com/v1",
            "ftp://host/v1",
            "http://",
            "https://user@host/v1",
            "https://host/v1?x=1",
            "https://host/v1#x",
            "https://ho st/v1",
            "file:///etc/passwd",
            "https://host\\@evil/v1",
        ] {
            assert!(endpoint(bad, "/chat/completions").is_none(), "{bad}");
        }
    }

    #[test]
    fn a_credential_can_not_be_printed() {
        assert_eq!(format!("{:?}", Credential::new("sk-canary".into())), "Credential");
    }
}
