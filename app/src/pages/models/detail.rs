//! The drawer of one model.

use super::callers::{Callers, CallersResource};
use super::form::ModelEditor;
use super::health::{Health, Targets};
use super::remove::Removing;
use super::table::Labels;
use crate::components::copy::CopyButton;
use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::format::{count, usd};
use crate::query::{Query, use_goto};
use crate::server_fns::catalog::Owned;
use leptos::prelude::*;
use model::catalog::{ModelDetail, Prices};
use model::money::Usd;

/// The drawer.
#[component]
pub fn ModelDrawer(
    /// The model.
    detail: Owned<ModelDetail>,
    /// Whether the viewer may change it.
    may_write: bool,
    /// Who may call it.
    callers: CallersResource,
    /// The states of targets since it was read.
    health: Health,
    /// Changes it.
    editor: ModelEditor,
    /// Removes it.
    removing: Removing,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(Query::closed));
    let Owned { data, read_only } = detail;
    let model = data.model.clone();
    let name = model.name.clone();
    let buttons = (may_write && read_only.is_none()).then(|| {
        let (edited, removed) = (model.clone(), model.name.clone());
        view! {
            <div class="actions with-scripts">
                <button class="btn danger" type="button" on:click=move |_| removing.ask(removed.clone())>
                    "Delete"
                </button>
                <button class="btn" type="button" on:click=move |_| editor.edit(edited.clone())>
                    "Edit"
                </button>
            </div>
        }
    });
    let tokens = |tokens: Option<u64>| {
        tokens.map_or_else(|| "not known".to_owned(), |tokens| format!("{} tokens", count(tokens)))
    };
    view! {
        <Drawer title=name.to_string() close>
            {read_only.map(|sentence| view! { <p class="note calm">{sentence}</p> })}
            <p>
                <CopyButton text=name.to_string() label="Copy name" />
            </p>
            <h3>"Targets"</h3>
            <Targets detail=data health />
            <dl>
                <Fact name="Labels">
                    <Labels labels=model.labels.iter().map(ToString::to_string).collect() />
                </Fact>
                <Fact name="Context">{tokens(model.context_length)}</Fact>
                <Fact name="Longest answer">{tokens(model.max_output_tokens)}</Fact>
            </dl>
            <h3>"Prices"</h3>
            <PriceList prices=model.prices />
            <h3>"Who may call this model"</h3>
            <Callers callers />
            <HistoryLink kind="model" id=name.to_string() />
            {buttons}
        </Drawer>
    }
}

#[component]
fn PriceList(prices: Prices) -> impl IntoView {
    if prices.is_unpriced() {
        return view! {
            <p class="sub">"None: its requests cost nothing in the figures, and keys under a money budget are refused."</p>
        }
        .into_any();
    }
    let rows: [(&'static str, Option<Usd>, &str); 8] = [
        ("Input", prices.input_per_million_usd, "1 M tokens"),
        ("Cached input", prices.cached_input_per_million_usd, "1 M tokens"),
        ("Cache write", prices.cache_write_per_million_usd, "1 M tokens"),
        ("Output", prices.output_per_million_usd, "1 M tokens"),
        ("Reasoning", prices.reasoning_per_million_usd, "1 M tokens"),
        ("Request", prices.per_request_usd, "request"),
        ("Image", prices.per_image_usd, "image"),
        ("Audio", prices.per_audio_second_usd, "second"),
    ];
    let facts = rows
        .into_iter()
        .filter_map(|(name, price, of)| {
            let price = price?;
            Some(view! { <Fact name=name>{format!("{} for each {of}", usd(price))}</Fact> })
        })
        .collect_view();
    view! { <dl>{facts}</dl> }.into_any()
}
