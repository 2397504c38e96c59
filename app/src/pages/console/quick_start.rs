//! From here to the first answered call: a key, a line to paste, the models, and what was used.

use crate::components::chart::UsageChart;
use crate::components::copy::Snippet;
use crate::components::failure::Failure;
use crate::components::head::Head;
use crate::format::{count, usd};
use crate::pages::dashboard::Stat;
use crate::pages::keys::create::CreateKey;
use crate::pages::keys::secret::{Secret, SecretDialog};
use crate::pages::keys::snippets::{
    anthropic_python, anthropic_typescript, curl, first_model, python, typescript,
};
use crate::server_fns::usage::{list_own_models, read_own_usage};
use crate::viewer::use_viewer;
use leptos::either::Either;
use leptos::prelude::*;
use model::ModelName;
use model::dashboard::OwnUsage;

/// Quick start, own usage, own models.
#[component]
pub fn QuickStartPage() -> impl IntoView {
    let viewer = use_viewer();
    let usage = Resource::new_blocking(|| (), |()| read_own_usage());
    let models = Resource::new_blocking(|| (), |()| list_own_models());
    let secret = Secret::default();
    view! {
        <Head title="Quick start" about="Your first answered call in three steps" />
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                let models = models.await.unwrap_or_default();
                let viewer = viewer.await.ok().flatten()?;
                let model = first_model(&models);
                let base_url = viewer.base_url.clone();
                Some(view! {
                    <ol class="steps">
                        <li class="card pad">
                            <h2>"Create a key"</h2>
                            <p>"Name it after what uses it. It is shown once."</p>
                            <CreateKey viewer secret />
                            <SecretDialog secret base_url=base_url.clone() models=models.clone() on_done=|()| () />
                        </li>
                        <li class="card pad">
                            <h2>"Send a request"</h2>
                            <p>
                                "Put the key into " <code>"GATEHOUSE_KEY"</code>
                                " and paste this. The SDKs of OpenAI and Anthropic need the address and the key."
                            </p>
                            <Snippet text=curl(&base_url, &model) title="curl" />
                            <Sdk name="OpenAI, Python" text=python(&base_url, &model) />
                            <Sdk name="OpenAI, TypeScript" text=typescript(&base_url, &model) />
                            <Sdk name="Anthropic, Python" text=anthropic_python(&base_url, &model) />
                            <Sdk name="Anthropic, TypeScript" text=anthropic_typescript(&base_url, &model) />
                        </li>
                        <li class="card pad">
                            <h2>"Choose a model"</h2>
                            <Models models />
                        </li>
                    </ol>
                })
            })}
        </Suspense>
        <section aria-labelledby="own-usage" class="stack">
            <h2 id="own-usage">"Your usage"</h2>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    match usage.await {
                        Ok(dated) => Either::Left(view! { <Usage usage=dated.data /> }),
                        Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                    }
                })}
            </Suspense>
        </section>
    }
}

/// A snippet that is folded away.
#[component]
fn Sdk(name: &'static str, text: String) -> impl IntoView {
    view! {
        <details class="more">
            <summary>{name}</summary>
            <Snippet text title=name />
        </details>
    }
}

#[component]
fn Models(models: Vec<ModelName>) -> impl IntoView {
    if models.is_empty() {
        return Either::Left(
            view! { <p>"There is no model yet. An operator adds them on the Models page, or in the configuration."</p> },
        );
    }
    let names = models
        .into_iter()
        .map(|model| {
            view! {
                <li>
                    <code>{model.to_string()}</code>
                </li>
            }
        })
        .collect_view();
    Either::Right(view! { <ul class="models">{names}</ul> })
}

#[component]
fn Usage(usage: OwnUsage) -> impl IntoView {
    let (day, month) = (usage.last_24h, usage.last_30d);
    let tokens = |input: u64, output: u64| format!("{} tokens", count(input + output));
    view! {
        <div class="stats">
            <Stat
                name="Requests, 24 hours"
                value=count(day.requests)
                note=tokens(day.input_tokens, day.output_tokens)
            />
            <Stat
                name="Requests, 30 days"
                value=count(month.requests)
                note=tokens(month.input_tokens, month.output_tokens)
            />
            <Stat name="Spend, 30 days" value=usd(month.cost_usd) note=format!("{} in 24 hours", usd(day.cost_usd)) />
            <Stat name="Errors, 24 hours" value=count(day.errors) note="answered with an error or cut".to_owned() />
        </div>
        <div class="card pad">
            <UsageChart bars=usage.daily label="Your requests per day, last 30 days" />
        </div>
        <p>
            <a href="/console/usage">"By model and by key, up to 90 days"</a>
        </p>
    }
}
