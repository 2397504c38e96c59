//! The table of models.

use super::health::{Health, Targets};
use crate::components::list::{Emptiness, EmptyList, Hidden, ListTable, RowLink, is_open};
use crate::components::table::total;
use crate::format::{count, usd};
use crate::pages::providers::CatalogList;
use leptos::either::Either;
use leptos::prelude::*;
use model::Page;
use model::catalog::{ModelDetail, Prices};
use model::money::Usd;

/// Parts of the address that stay when the filters are cleared.
const KEPT: &[&str] = &["tenant"];

/// One page of models with caption and the way on.
#[component]
pub fn ModelTable(
    /// The rows.
    page: Page<ModelDetail>,
    /// What was asked for.
    list: CatalogList,
    /// The states of targets since they were read.
    health: Health,
) -> impl IntoView {
    let filtered = list.q.is_some();
    if page.items.is_empty() {
        let why = Emptiness::of(list.page.cursor.is_some(), filtered);
        return Either::Left(view! {
            <EmptyList why of=("model", "models")
                by="this search" kept=KEPT title="No models yet">
                    <p>
                        "Create one: the name that clients will send, and the " <a href="/admin/providers">"provider"</a>
                        " that answers it."
                    </p>
                </EmptyList>
        });
    }
    let hidden = filtered.then_some(Hidden { rows: page.hidden, kept: KEPT });
    let caption = total(page.total, "model", "models");
    let rows = page.items.into_iter().map(|detail| view! { <ModelRow detail health /> }).collect_view();
    let head = view! {
        <th scope="col">"Name"</th>
        <th scope="col">"Targets and their breakers"</th>
        <th scope="col">"Labels"</th>
        <th scope="col">"Input / output, 1 M tokens"</th>
        <th scope="col">"Context"</th>
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption hidden head next=page.next_cursor>
            {rows}
        </ListTable>
    })
}

#[component]
fn ModelRow(detail: ModelDetail, health: Health) -> impl IntoView {
    let model = detail.model.clone();
    let name = model.name.clone();
    let open = is_open("model", &name);
    let context = match model.context_length {
        Some(tokens) => Either::Left(count(tokens)),
        None => Either::Right(view! { <span class="never">"not known"</span> }),
    };
    view! {
        <tr class:selected=open>
            <th scope="row">
                <RowLink drawer="model" id=name.to_string() open>
                    {model.name.to_string()}
                </RowLink>
                {model.from_configuration.then(|| view! { <small>"from configuration"</small> })}
            </th>
            <td>
                <Targets detail health />
            </td>
            <td>
                <Labels labels=model.labels.iter().map(ToString::to_string).collect() />
            </td>
            <td>
                <Price prices=model.prices />
            </td>
            <td>{context}</td>
        </tr>
    }
}

/// Labels, or a dash.
#[component]
pub fn Labels(
    /// The words.
    labels: Vec<String>,
) -> impl IntoView {
    if labels.is_empty() {
        return Either::Left(view! { <span class="never">"none"</span> });
    }
    let labels = labels.into_iter().map(|label| view! { <span class="tag">{label}</span> }).collect_view();
    Either::Right(view! { <span class="badges">{labels}</span> })
}

/// Prices of input and output.
#[component]
pub fn Price(
    /// The prices.
    prices: Prices,
) -> impl IntoView {
    if prices.is_unpriced() {
        return Either::Left(view! { <span class="never">"no price"</span> });
    }
    let shown = |price: Option<Usd>| price.map_or_else(|| "–".to_owned(), usd);
    let both = format!("{} / {}", shown(prices.input_per_million_usd), shown(prices.output_per_million_usd));
    Either::Right(both)
}
