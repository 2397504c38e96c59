//! The models that one may call, with names to copy.

use crate::components::copy::CopyButton;
use crate::components::empty::{FilteredAway, NothingYet};
use crate::components::failure::Failure;
use crate::components::filter::{FilterBar, Search};
use crate::components::head::Head;
use crate::components::list::{Hidden, ListTable};
use crate::components::list_card::ListCard;
use crate::format::{as_count, count, counted};
use crate::pages::models::table::{Labels, Price};
use crate::query::{use_goto, use_query};
use crate::server_fns::usage::list_offered_models;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::Total;
use model::catalog::OfferedModel;

/// The list.
#[component]
pub fn OwnModelsPage() -> impl IntoView {
    let query = use_query();
    let models = Resource::new_blocking(|| (), |()| list_offered_models());
    let q = Memo::new(move |_| query.with(|query| query.get("q").unwrap_or_default().to_lowercase()));
    view! {
        <Head title="Models" about="What your keys may call; a key can be bound to fewer" />
        <FilterBar label="Search models" kept=&[]>
            <Search label="Search name or label" />
        </FilterBar>
        <ListCard pending=RwSignal::new(false)>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    match models.await {
                        Ok(models) => Either::Left(view! { <List models q /> }),
                        Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                    }
                })}
            </Suspense>
        </ListCard>
    }
}

#[component]
fn List(models: Vec<OfferedModel>, q: Memo<String>) -> impl IntoView {
    let goto = use_goto();
    let several = models.iter().any(|model| model.tenant_ids != models[0].tenant_ids);
    let models = StoredValue::new(models);
    move || {
        let found: Vec<OfferedModel> = models
            .with_value(|models| models.iter().filter(|model| matches(model, &q.read())).cloned().collect());
        if !found.is_empty() {
            let others = models.with_value(Vec::len) - found.len();
            return EitherOf3::A(view! { <Table models=found others tenants=several /> });
        }
        if q.read().is_empty() {
            return EitherOf3::B(view! {
                <NothingYet title="No models for you yet">
                    <p>"An operator creates models, and access rules say who may call them. Ask yours."</p>
                </NothingYet>
            });
        }
        let clear = goto.href_now(|query| query.with("q", None));
        EitherOf3::C(view! { <FilteredAway title="No model matches this search" clear /> })
    }
}

fn matches(model: &OfferedModel, q: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(q);
    has(model.name.as_str()) || model.labels.iter().any(|label| has(label.as_str()))
}

#[component]
fn Table(models: Vec<OfferedModel>, others: usize, tenants: bool) -> impl IntoView {
    let caption = counted(as_count(models.len()), "model", "models");
    let others = Total { count: as_count(others), capped: false };
    let tokens = |tokens: Option<u64>| match tokens {
        Some(tokens) => Either::Left(count(tokens)),
        None => Either::Right(view! { <span class="never">"not known"</span> }),
    };
    let rows = models
        .into_iter()
        .map(|model| {
            let name = model.name.to_string();
            let of = model.tenant_ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            view! {
                <tr>
                    <th scope="row">
                        <code>{name.clone()}</code>
                        {tenants.then(|| view! { <small>{format!("keys of {of}")}</small> })}
                    </th>
                    <td>
                        <CopyButton text=name.clone() label="Copy" />
                    </td>
                    <td>
                        <Labels labels=model.labels.iter().map(ToString::to_string).collect() />
                    </td>
                    <td>
                        <Price prices=model.prices />
                    </td>
                    <td>{tokens(model.context_length)}</td>
                    <td>{tokens(model.max_output_tokens)}</td>
                </tr>
            }
        })
        .collect_view();
    let head = view! {
        <th scope="col">"Name"</th>
        <th scope="col">
            <span class="hidden">"Copy"</span>
        </th>
        <th scope="col">"Labels"</th>
        <th scope="col">"Input / output, 1 M tokens"</th>
        <th scope="col">"Context"</th>
        <th scope="col">"Longest answer"</th>
    }
    .into_any();
    view! {
        <ListTable caption hidden=Some(Hidden { rows: others, kept: &[] }) head next=None>
            {rows}
        </ListTable>
    }
}
