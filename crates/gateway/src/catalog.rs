//! Providers and models, compiled for requests: addresses parsed, credentials made into headers, names resolved.

use crate::breaker::Breaker;
use crate::endpoint::Endpoint;
use crate::leak::Traces;
use http::{HeaderName, HeaderValue, Uri, header};
use model::catalog::{Model, ModelLabel, Prices, Provider, ProviderKind, ProviderOptions};
use model::{ModelName, ProviderName};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
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
    /// A target names a provider that isn't there (or has a problem itself).
    #[error("model {0}: there is no usable provider {1}")]
    Target(ModelName, ProviderName),
}

/// All providers and models. Replaced as a whole by [`crate::Gateway::set_catalog`].
#[derive(Default)]
pub struct Catalog {
    upstreams: HashMap<ProviderName, Arc<Upstream>>,
    /// Where each name is in `listed`.
    by_name: HashMap<ModelName, usize>,
    listed: Vec<Arc<Route>>,
}

impl Catalog {
    /// Compiles what the store has; what can't be used is left out and named.
    pub fn compile(providers: Vec<CatalogProvider>, models: Vec<Model>) -> (Self, Vec<CatalogProblem>) {
        let mut problems = Vec::new();
        let mut catalog = Self::default();
        for given in providers {
            match Upstream::compile(given) {
                Ok(upstream) => {
                    catalog.upstreams.insert(upstream.name.clone(), Arc::new(upstream));
                }
                Err(problem) => problems.push(problem),
            }
        }
        for model in models {
            let mut targets = Vec::with_capacity(model.targets.len());
            for target in model.targets {
                match catalog.upstreams.get(&target.provider) {
                    Some(upstream) => targets.push(Target::compile(upstream, target, &model.name)),
                    None => problems.push(CatalogProblem::Target(model.name.clone(), target.provider)),
                }
            }
            if !targets.is_empty() {
                catalog.listed.push(Arc::new(Route {
                    name: model.name,
                    targets,
                    labels: model.labels,
                    prices: model.prices,
                    context_length: model.context_length,
                    turn: AtomicU64::new(0),
                }));
            }
        }
        catalog.listed.sort_by(|a, b| a.name.cmp(&b.name));
        catalog.by_name =
            catalog.listed.iter().enumerate().map(|(at, route)| (route.name.clone(), at)).collect();
        (catalog, problems)
    }

    pub(crate) fn route(&self, model: &str) -> Option<&Arc<Route>> {
        self.by_name.get(model).map(|at| &self.listed[*at])
    }

    /// All routes by name.
    pub(crate) fn routes(&self) -> &[Arc<Route>] {
        &self.listed
    }

    pub(crate) fn upstream(&self, name: &ProviderName) -> Option<&Arc<Upstream>> {
        self.upstreams.get(name)
    }

    /// Takes over what `old` knows of targets' health: an edited price must not close an open breaker.
    pub(crate) fn adopt(&mut self, old: &Self) {
        let known: HashMap<_, _> = old
            .listed
            .iter()
            .flat_map(|route| &route.targets)
            .map(|target| ((&target.upstream.name, &*target.upstream_model), &target.breaker))
            .collect();
        for target in self.listed.iter_mut().filter_map(Arc::get_mut).flat_map(|route| &mut route.targets) {
            if let Some(breaker) = known.get(&(&target.upstream.name, &*target.upstream_model)) {
                target.breaker = Arc::clone(breaker);
            }
        }
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog").field("models", &self.listed.len()).finish_non_exhaustive()
    }
}

/// A model's ways out.
pub(crate) struct Route {
    pub(crate) name: ModelName,
    pub(crate) targets: Vec<Target>,
    pub(crate) labels: Vec<ModelLabel>,
    pub(crate) prices: Prices,
    pub(crate) context_length: Option<u64>,
    /// Counts requests, for taking targets in turn.
    pub(crate) turn: AtomicU64,
}

pub(crate) struct Target {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) upstream_model: String,
    /// Whether the upstream calls the model something else than the client does.
    pub(crate) renamed: bool,
    pub(crate) weight: u64,
    pub(crate) breaker: Arc<Breaker>,
    /// Where each endpoint of the upstream is, in the order of [`Endpoint::ALL`]; empty for the echo provider.
    uris: Vec<Option<Uri>>,
}

impl Target {
    fn compile(upstream: &Arc<Upstream>, target: model::catalog::Target, name: &ModelName) -> Self {
        let uris = match &upstream.link {
            Link::Echo(_) => Vec::new(),
            Link::Http(link) => {
                Endpoint::ALL.iter().map(|endpoint| link.uri(*endpoint, &target.upstream_model)).collect()
            }
        };
        Self {
            upstream: Arc::clone(upstream),
            renamed: target.upstream_model != name.as_str(),
            upstream_model: target.upstream_model,
            weight: u64::from(target.weight.max(1)),
            breaker: Arc::default(),
            uris,
        }
    }

    /// Where an endpoint of the upstream is.
    pub(crate) fn uri(&self, endpoint: Endpoint) -> Option<&Uri> {
        self.uris.get(endpoint as usize)?.as_ref()
    }
}

/// A provider, ready to be called.
pub(crate) struct Upstream {
    pub(crate) name: ProviderName,
    pub(crate) kind: ProviderKind,
    pub(crate) sandbox: bool,
    pub(crate) link: Link,
}

pub(crate) enum Link {
    Echo(ProviderOptions),
    Http(HttpLink),
}

/// How a provider is reached over HTTP.
pub(crate) struct HttpLink {
    kind: ProviderKind,
    base_url: String,
    api_version: Option<String>,
    /// The header with the credential.
    pub(crate) authorization: Option<(HeaderName, HeaderValue)>,
    pub(crate) allow_private_addresses: bool,
    traces: Option<Traces>,
}

impl HttpLink {
    /// Where an endpoint is for a model; `None`: the address can't be used.
    pub(crate) fn uri(&self, endpoint: Endpoint, upstream_model: &str) -> Option<Uri> {
        let path = endpoint.path();
        if self.kind != ProviderKind::AzureOpenai {
            return address(&self.base_url, path);
        }
        let version = self.api_version.as_deref().unwrap_or_default();
        let deployment = utf8_percent_encode(upstream_model, NON_ALPHANUMERIC);
        // Responses are the one endpoint whose deployment is named in the body alone.
        let path = match endpoint {
            Endpoint::Responses => format!("/openai/responses?api-version={version}"),
            _ => format!("/openai/deployments/{deployment}{path}?api-version={version}"),
        };
        address(&self.base_url, &path)
    }

    /// Where a request without a body and without cost shows whether address and credential are good.
    pub(crate) fn probe_uri(&self) -> Option<Uri> {
        match (self.kind, self.api_version.as_deref()) {
            (ProviderKind::AzureOpenai, Some(version)) => {
                address(&self.base_url, &format!("/openai/models?api-version={version}"))
            }
            _ => address(&self.base_url, "/models"),
        }
    }

    pub(crate) fn speaks_anthropic(&self) -> bool {
        self.kind == ProviderKind::Anthropic
    }
}

impl Upstream {
    /// Whether `text` contains its credential.
    pub(crate) fn leaks(&self, text: &[u8]) -> bool {
        match &self.link {
            Link::Http(link) => link.traces.as_ref().is_some_and(|traces| traces.are_in(text)),
            Link::Echo(_) => false,
        }
    }

    fn compile(CatalogProvider { provider, credential }: CatalogProvider) -> Result<Self, CatalogProblem> {
        let Provider { name, kind, sandbox, .. } = provider;
        let link = if kind == ProviderKind::Echo {
            Link::Echo(provider.options)
        } else {
            let authorization = match &credential {
                Some(secret) => Some(
                    authorization(kind, secret).ok_or_else(|| CatalogProblem::Credential(name.clone()))?,
                ),
                None => None,
            };
            let link = HttpLink {
                kind,
                base_url: provider.base_url,
                api_version: provider.options.api_version,
                authorization,
                allow_private_addresses: provider.allow_private_addresses,
                traces: credential.map(|Credential(secret)| Traces::of(&secret)),
            };
            if link.uri(Endpoint::ChatCompletions, "model").is_none() {
                return Err(CatalogProblem::BaseUrl(name));
            }
            Link::Http(link)
        };
        Ok(Self { name, kind, sandbox, link })
    }
}

/// The header in which a kind of provider wants its credential.
fn authorization(kind: ProviderKind, Credential(secret): &Credential) -> Option<(HeaderName, HeaderValue)> {
    let (name, text) = match kind {
        ProviderKind::Anthropic => (HeaderName::from_static("x-api-key"), secret.clone()),
        ProviderKind::AzureOpenai => (HeaderName::from_static("api-key"), secret.clone()),
        _ => (header::AUTHORIZATION, format!("Bearer {secret}")),
    };
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

fn address(base_url: &str, path: &str) -> Option<Uri> {
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
            address("https://api.example.com/v1/", "/chat/completions").unwrap(),
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
            assert!(address(bad, "/chat/completions").is_none(), "{bad}");
        }
    }

    #[test]
    fn a_credential_can_not_be_printed() {
        assert_eq!(format!("{:?}", Credential::new("sk-canary".into())), "Credential");
    }
}
