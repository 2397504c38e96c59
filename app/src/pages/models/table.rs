//! The table of models.

use super::health::{Health, Targets};
use super::open_model;
use crate::components::empty::{FilteredAway, NothingYet};
use crate::components::table::{Pager, total};
use crate::format::{count, usd};
use crate::query::use_goto;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::Page;
use model::catalog::{ModelDetail, Prices};
use model::money::Usd;

/// One page of models with caption and the way on.
#[component]
pub fn ModelTable(
    /// The rows.
    page: Page<ModelDetail>,
    /// Whether a search narrows the list.
    filtered: bool,
    /// Whether it isn't the first page.
    later: bool,
    /// The states of targets since they were read.
    health: Health,
) -> impl IntoView {
    let goto = use_goto();
    if page.items.is_empty() {
        return Either::Left(if later {
            let first = goto.href_now(|query| query.with("cursor", None));
            EitherOf3::A(view! { <FilteredAway title="There are no more models" clear=first /> })
        } else if filtered {
            let clear = goto.href_now(|query| query.only(&["tenant"]));
            EitherOf3::B(view! { <FilteredAway title="No model matches this search" clear /> })
        } else {
            EitherOf3::C(view! {
                <NothingYet title="No models yet">
                    <p>
                        "Create one: the name that clients will send, and the " <a href="/admin/providers">"provider"</a>
                        " that answers it."
                    </p>
                </NothingYet>
            })
        });
    }
    let caption = format!("{}.", total(page.total, "model", "models"));
    let rows = page.items.into_iter().map(|detail| view! { <ModelRow detail health /> }).collect_view();
    Either::Right(view! {
        <div class="table-wrap">
            <table class="list">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Targets and their breakers"</th>
                        <th scope="col">"Labels"</th>
                        <th scope="col">"Input / output, 1 M tokens"</th>
                        <th scope="col">"Context"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor />
    })
}

#[component]
fn ModelRow(detail: ModelDetail, health: Health) -> impl IntoView {
    let goto = use_goto();
    let model = detail.model.clone();
    let name = model.name.clone();
    let open = {
        let name = name.clone();
        Memo::new(move |_| goto.query().with(|query| open_model(query).as_ref() == Some(&name)))
    };
    let context = match model.context_length {
        Some(tokens) => Either::Left(count(tokens)),
        None => Either::Right(view! { <span class="never">"not known"</span> }),
    };
    view! {
        <tr class:selected=open>
            <th scope="row">
                <a
                    class="row-link"
                    id=format!("row-{name}")
                    href=move || goto.href(|query| query.with("model", Some(name.as_str())))
                    aria-current=move || open.get().then_some("true")
                    data-noscroll=""
                >
                    {model.name.to_string()}
                </a>
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
