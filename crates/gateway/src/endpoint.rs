//! What can be called under `/v1`: one table, by which requests are routed, checked and forwarded.

use crate::error::Dialect;
use dialect::Shape;
use http::Method;
use model::api_action::ApiAction;
use model::catalog::ProviderKind;

/// How a request's body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    Json,
    /// `multipart/form-data`, with the model as one of its fields.
    Multipart,
}

/// A call that goes to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    ChatCompletions,
    Completions,
    Responses,
    Embeddings,
    Messages,
    CountTokens,
    ImageGenerations,
    ImageEdits,
    ImageVariations,
    Speech,
    Transcriptions,
    AudioTranslations,
    Moderations,
}

/// Whether a kind of provider can answer an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// It has that endpoint itself.
    Native,
    /// By its own dialect's endpoint of the same meaning.
    Translated,
    Never,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 13] = [
        Self::ChatCompletions,
        Self::Completions,
        Self::Responses,
        Self::Embeddings,
        Self::Messages,
        Self::CountTokens,
        Self::ImageGenerations,
        Self::ImageEdits,
        Self::ImageVariations,
        Self::Speech,
        Self::Transcriptions,
        Self::AudioTranslations,
        Self::Moderations,
    ];

    /// The path below `/v1`, and below a provider's base address.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::ChatCompletions => "/chat/completions",
            Self::Completions => "/completions",
            Self::Responses => "/responses",
            Self::Embeddings => "/embeddings",
            Self::Messages => "/messages",
            Self::CountTokens => "/messages/count_tokens",
            Self::ImageGenerations => "/images/generations",
            Self::ImageEdits => "/images/edits",
            Self::ImageVariations => "/images/variations",
            Self::Speech => "/audio/speech",
            Self::Transcriptions => "/audio/transcriptions",
            Self::AudioTranslations => "/audio/translations",
            Self::Moderations => "/moderations",
        }
    }

    /// The endpoint at `path`, which begins after `/v1`.
    pub(crate) fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.path() == path)
    }

    /// The right that a key needs, and the word on usage rows.
    pub(crate) const fn action(self) -> ApiAction {
        match self {
            Self::ChatCompletions => ApiAction::ChatCompletions,
            Self::Completions => ApiAction::Completions,
            Self::Responses => ApiAction::Responses,
            Self::Embeddings => ApiAction::Embeddings,
            Self::Messages => ApiAction::Messages,
            Self::CountTokens => ApiAction::CountTokens,
            Self::ImageGenerations | Self::ImageEdits | Self::ImageVariations => ApiAction::Images,
            Self::Speech | Self::Transcriptions | Self::AudioTranslations => ApiAction::Audio,
            Self::Moderations => ApiAction::Moderations,
        }
    }

    /// Whose shapes its clients expect.
    pub(crate) const fn dialect(self) -> Dialect {
        match self {
            Self::Messages | Self::CountTokens => Dialect::Anthropic,
            _ => Dialect::OpenAi,
        }
    }

    /// The shape of its answers, for reading their usage.
    pub(crate) const fn shape(self) -> Shape {
        match self {
            Self::ChatCompletions => Shape::ChatCompletions,
            Self::Completions => Shape::Completions,
            Self::Responses => Shape::Responses,
            Self::Embeddings => Shape::Embeddings,
            Self::Messages => Shape::Messages,
            Self::CountTokens => Shape::CountTokens,
            _ => Shape::Other,
        }
    }

    pub(crate) const fn body(self) -> BodyKind {
        match self {
            Self::ImageEdits | Self::ImageVariations | Self::Transcriptions | Self::AudioTranslations => {
                BodyKind::Multipart
            }
            _ => BodyKind::Json,
        }
    }

    /// Whether answers hold generated text, so that output is to be expected and, without usage, estimated.
    pub(crate) const fn generates_text(self) -> bool {
        matches!(self, Self::ChatCompletions | Self::Completions | Self::Responses | Self::Messages)
    }

    /// Whether answers are bytes of another kind than JSON and events, passed on as they come.
    pub(crate) const fn is_raw(self) -> bool {
        matches!(self, Self::Speech)
    }

    /// Whether a provider of `kind` can answer it.
    pub(crate) const fn service(self, kind: ProviderKind) -> Service {
        use ProviderKind as P;
        match (kind, self) {
            (P::Openai | P::AzureOpenai | P::OpenaiCompatible | P::Echo, Self::Messages)
            | (P::Anthropic, Self::ChatCompletions) => Service::Translated,
            (P::Anthropic, Self::Messages | Self::CountTokens)
            | (
                P::Echo,
                Self::ChatCompletions
                | Self::Completions
                | Self::Responses
                | Self::Embeddings
                | Self::CountTokens
                | Self::Moderations,
            ) => Service::Native,
            (P::Openai | P::AzureOpenai | P::OpenaiCompatible, Self::CountTokens)
            | (P::Anthropic | P::Echo, _) => Service::Never,
            (P::Openai | P::AzureOpenai | P::OpenaiCompatible, _) => Service::Native,
        }
    }

    /// What a provider of `kind` is asked instead, when it answers by translation.
    pub(crate) const fn upstream(self, kind: ProviderKind) -> Self {
        match (kind, self) {
            (ProviderKind::Anthropic, Self::ChatCompletions) => Self::Messages,
            (ProviderKind::Anthropic, other) => other,
            (_, Self::Messages) => Self::ChatCompletions,
            (_, other) => other,
        }
    }
}

/// Everything under `/v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    Call(Endpoint),
    Models,
    Model(&'a str),
}

impl<'a> Route<'a> {
    /// The route of `path`, as it came: nothing is decoded before it is decided.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let below = path.strip_prefix("/v1")?;
        match below {
            "/models" => Some(Self::Models),
            _ => match below.strip_prefix("/models/") {
                Some(name) if !name.is_empty() => Some(Self::Model(name)),
                Some(_) => None,
                None => Endpoint::at(below).map(Self::Call),
            },
        }
    }

    pub(crate) const fn method(self) -> Method {
        match self {
            Self::Call(_) => Method::POST,
            Self::Models | Self::Model(_) => Method::GET,
        }
    }
}

/// Whose errors a path's clients expect, known or not.
pub(crate) fn dialect_of(path: &str) -> Dialect {
    if path == "/v1/messages" || path.starts_with("/v1/messages/") {
        Dialect::Anthropic
    } else {
        Dialect::OpenAi
    }
}

/// Every call under `/v1`: its method, its path with `{id}` for what varies, and the right that a key needs for it.
pub fn calls() -> impl Iterator<Item = (Method, String, ApiAction)> {
    let models = ["/v1/models", "/v1/models/{id}"];
    let models = models.into_iter().map(|path| (Method::GET, path.to_owned(), ApiAction::Models));
    Endpoint::ALL
        .into_iter()
        .map(|endpoint| (Method::POST, format!("/v1{}", endpoint.path()), endpoint.action()))
        .chain(models)
}
