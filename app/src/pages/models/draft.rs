//! What is typed into the form of a model.

use crate::form::{Reading, changed, joined, shown};
use leptos::prelude::*;
use model::catalog::{Model, ModelChange, NewModel, Prices, Target};
use model::money::Usd;
use model::{Problem, ProviderName};

/// The prices: the API's name and the label. The first two are always in sight.
pub const PRICES: [(&str, &str); 8] = [
    ("prices.input_per_million_usd", "Input, USD per 1 M tokens"),
    ("prices.output_per_million_usd", "Output, USD per 1 M tokens"),
    ("prices.cached_input_per_million_usd", "Cached input, USD per 1 M tokens"),
    ("prices.cache_write_per_million_usd", "Cache write, USD per 1 M tokens"),
    ("prices.reasoning_per_million_usd", "Reasoning, USD per 1 M tokens"),
    ("prices.per_request_usd", "USD per request"),
    ("prices.per_image_usd", "USD per image"),
    ("prices.per_audio_second_usd", "USD per second of audio"),
];

/// One target, as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetDraft {
    /// Tells rows apart while they move.
    pub id: u32,
    /// Which provider.
    pub provider: RwSignal<String>,
    /// What it calls the model.
    pub upstream_model: RwSignal<String>,
    /// Share of requests.
    pub weight: RwSignal<String>,
}

/// The fields, as text.
#[derive(Clone, Copy)]
pub struct ModelDraft {
    /// Name.
    pub name: RwSignal<String>,
    /// Targets, in their order.
    pub targets: RwSignal<Vec<TargetDraft>>,
    /// Labels.
    pub labels: RwSignal<String>,
    /// Prices, in the order of [`PRICES`].
    pub prices: [RwSignal<String>; 8],
    /// Most output tokens.
    pub max_output_tokens: RwSignal<String>,
    /// Most tokens in all.
    pub context_length: RwSignal<String>,
    next: StoredValue<u32>,
}

impl ModelDraft {
    /// Nothing typed yet.
    pub fn new() -> Self {
        Self {
            name: RwSignal::default(),
            targets: RwSignal::default(),
            labels: RwSignal::default(),
            prices: std::array::from_fn(|_| RwSignal::default()),
            max_output_tokens: RwSignal::default(),
            context_length: RwSignal::default(),
            next: StoredValue::new(0),
        }
    }

    /// Fills it from a model; without one it is empty but for a target to fill in.
    pub fn fill(self, model: Option<&Model>) {
        self.name.set(shown(model.map(|model| &model.name)));
        self.targets.set(Vec::new());
        for target in model.map(|model| &*model.targets).unwrap_or_default() {
            self.add(target.provider.as_str(), &target.upstream_model, target.weight);
        }
        if model.is_none() {
            self.add("", "", 1);
        }
        self.labels.set(model.map(|model| joined(&model.labels)).unwrap_or_default());
        let prices = model.map(|model| model.prices).unwrap_or_default();
        for (signal, price) in self.prices.into_iter().zip(in_order(&prices)) {
            signal.set(shown(price));
        }
        self.max_output_tokens.set(shown(model.and_then(|model| model.max_output_tokens)));
        self.context_length.set(shown(model.and_then(|model| model.context_length)));
    }

    /// Another target at the end.
    pub fn add(self, provider: &str, upstream_model: &str, weight: u32) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let target = TargetDraft {
            id,
            provider: RwSignal::new(provider.to_owned()),
            upstream_model: RwSignal::new(upstream_model.to_owned()),
            weight: RwSignal::new(weight.to_string()),
        };
        self.targets.update(|targets| targets.push(target));
    }

    /// Takes a target away.
    pub fn remove(self, id: u32) {
        self.targets.update(|targets| targets.retain(|target| target.id != id));
    }

    /// Moves a target one place up.
    pub fn raise(self, id: u32) {
        self.targets.update(|targets| {
            if let Some(at) = targets.iter().position(|target| target.id == id).filter(|at| *at > 0) {
                targets.swap(at - 1, at);
            }
        });
    }

    /// The model that is asked for.
    pub fn to_new(self) -> Result<NewModel, Problem> {
        let mut form = Reading::default();
        let name = form.required("name", &self.name.get_untracked());
        let targets = self.read_targets(&mut form);
        let labels = form.list("labels", &self.labels.get_untracked());
        let prices = self.read_prices(&mut form);
        let max_output_tokens = form.number("max_output_tokens", &self.max_output_tokens.get_untracked());
        let context_length = form.number("context_length", &self.context_length.get_untracked());
        form.done(name.map(|name| NewModel {
            name,
            targets,
            labels,
            prices,
            max_output_tokens,
            context_length,
        }))
    }

    /// What of `before` is to change.
    pub fn to_change(self, before: &Model) -> Result<ModelChange, Problem> {
        let after = self.to_new()?;
        Ok(ModelChange {
            targets: changed(&before.targets, after.targets),
            labels: changed(&before.labels, after.labels),
            prices: changed(&before.prices, after.prices),
            max_output_tokens: changed(&before.max_output_tokens, after.max_output_tokens),
            context_length: changed(&before.context_length, after.context_length),
        })
    }

    fn read_targets(self, form: &mut Reading) -> Vec<Target> {
        let typed = self.targets.get_untracked();
        let read = typed.into_iter().enumerate().filter_map(|(at, target)| {
            let field = |name: &str| format!("targets[{at}].{name}");
            let provider: Option<ProviderName> = match &*target.provider.get_untracked() {
                "" => {
                    form.wrong(&field("provider"), "must be chosen");
                    None
                }
                name => form.required(&field("provider"), name),
            };
            let weight = form.number(&field("weight"), &target.weight.get_untracked()).unwrap_or(1);
            let upstream_model = target.upstream_model.get_untracked().trim().to_owned();
            Some(Target { provider: provider?, upstream_model, weight })
        });
        read.collect()
    }

    fn read_prices(self, form: &mut Reading) -> Prices {
        let mut read = PRICES
            .into_iter()
            .zip(self.prices)
            .map(|((field, _), signal)| form.optional::<Usd>(field, &signal.get_untracked()));
        let mut next = || read.next().flatten();
        // In the order of `PRICES`.
        Prices {
            input_per_million_usd: next(),
            output_per_million_usd: next(),
            cached_input_per_million_usd: next(),
            cache_write_per_million_usd: next(),
            reasoning_per_million_usd: next(),
            per_request_usd: next(),
            per_image_usd: next(),
            per_audio_second_usd: next(),
        }
    }
}

impl Default for ModelDraft {
    fn default() -> Self {
        Self::new()
    }
}

/// In the order of [`PRICES`].
fn in_order(prices: &Prices) -> [Option<Usd>; 8] {
    [
        prices.input_per_million_usd,
        prices.output_per_million_usd,
        prices.cached_input_per_million_usd,
        prices.cache_write_per_million_usd,
        prices.reasoning_per_million_usd,
        prices.per_request_usd,
        prices.per_image_usd,
        prices.per_audio_second_usd,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_read_back_from_its_form_is_the_same() {
        let owner = Owner::new();
        owner.set();
        let usd = |micros| Some(Usd::from_micros(micros));
        let model = Model {
            name: "meta-llama/Llama-3.1-8B".parse().unwrap(),
            targets: vec![
                Target { provider: "one".parse().unwrap(), upstream_model: "a b".to_owned(), weight: 3 },
                Target { provider: "two".parse().unwrap(), upstream_model: "c".to_owned(), weight: 1 },
            ],
            labels: vec!["eu".parse().unwrap(), "small".parse().unwrap()],
            prices: Prices {
                input_per_million_usd: usd(1),
                cached_input_per_million_usd: usd(2),
                cache_write_per_million_usd: usd(3),
                output_per_million_usd: usd(4),
                reasoning_per_million_usd: usd(5),
                per_request_usd: usd(6),
                per_image_usd: usd(7),
                per_audio_second_usd: usd(8),
            },
            max_output_tokens: Some(4_096),
            context_length: None,
            from_configuration: false,
        };
        let draft = ModelDraft::new();
        draft.fill(Some(&model));
        assert_eq!(draft.to_new().unwrap().into_model(), model);
        assert_eq!(draft.to_change(&model).unwrap(), ModelChange::default());

        draft.raise(1);
        draft.max_output_tokens.set(String::new());
        draft.prices[1].set("free".to_owned());
        let problem = draft.to_change(&model).unwrap_err();
        assert!(problem.field("prices.output_per_million_usd").is_some());
        draft.prices[1].set("0.000004".to_owned());
        let change = draft.to_change(&model).unwrap();
        assert_eq!(change.targets.unwrap()[0].provider.as_str(), "two");
        assert_eq!(change.max_output_tokens, Some(None));
        assert_eq!(change.prices, None);
    }
}
