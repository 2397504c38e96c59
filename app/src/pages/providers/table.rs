//! The table of providers.

use super::CatalogList;
use crate::components::badge::{Badge, Tone};
use crate::components::list::{Emptiness, EmptyList, Hidden, ListTable, RowLink, is_open};
use crate::components::table::total;
use crate::query::use_scope;
use leptos::either::Either;
use leptos::prelude::*;
use model::catalog::{Provider, ProviderDetail};
use model::{ModelName, Page};

/// Models named in a row; the rest are counted.
const NAMED: usize = 2;

/// Parts of the address that stay when the filters are cleared.
const KEPT: &[&str] = &["tenant"];

/// One page of providers with caption and the way on.
#[component]
pub fn ProviderTable(
    /// The rows.
    page: Page<ProviderDetail>,
    /// What was asked for.
    list: CatalogList,
) -> impl IntoView {
    let filtered = list.q.is_some();
    if page.items.is_empty() {
        let why = Emptiness::of(list.page.cursor.is_some(), filtered);
        return Either::Left(view! {
            <EmptyList why of=("provider", "providers")
                by="this search" kept=KEPT title="No providers yet">
                    <p>
                        "Create one with the address and the credential that its operator gave you, test the connection, and point a "
                        <a href="/admin/models">"model"</a> " at it."
                    </p>
                </EmptyList>
        });
    }
    let hidden = filtered.then_some(Hidden { rows: page.hidden, kept: KEPT });
    let caption = total(page.total, "provider", "providers");
    let rows = page.items.into_iter().map(|detail| view! { <ProviderRow detail /> }).collect_view();
    let head = view! {
        <th scope="col">"Name"</th>
        <th scope="col">"Kind"</th>
        <th scope="col">"Address"</th>
        <th scope="col">"Credential"</th>
        <th scope="col">"Keys"</th>
        <th scope="col">"Models using it"</th>
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption hidden head next=page.next_cursor>
            {rows}
        </ListTable>
    })
}

#[component]
fn ProviderRow(detail: ProviderDetail) -> impl IntoView {
    let ProviderDetail { provider, models } = detail;
    let name = provider.name.clone();
    let open = is_open("provider", &name);
    let address = if provider.base_url.is_empty() {
        Either::Left(view! { <span class="never">"inside of Gatehouse"</span> })
    } else {
        Either::Right(view! { <code class="address">{provider.base_url.clone()}</code> })
    };
    view! {
        <tr class:selected=open>
            <th scope="row">
                <RowLink drawer="provider" id=name.to_string() open>
                    {name.to_string()}
                </RowLink>
                {provider.from_configuration.then(|| view! { <small>"from configuration"</small> })}
            </th>
            <td>{provider.kind.label()}</td>
            <td>{address}</td>
            <td>
                <CredentialBadge provider=provider.clone() />
            </td>
            <td>
                <span class="tag">{reached_by(&provider)}</span>
            </td>
            <td>
                <ModelLinks models named=NAMED />
            </td>
        </tr>
    }
}

/// Which keys reach it.
pub fn reached_by(provider: &Provider) -> &'static str {
    if provider.sandbox { "sandbox and production" } else { "production" }
}

/// Whether a credential is set; what needs none says so.
#[component]
pub fn CredentialBadge(
    /// The provider.
    provider: Provider,
) -> impl IntoView {
    let (tone, text) = match (provider.has_credential, provider.kind.usual_base_url()) {
        (true, _) => (Tone::Good, "Set"),
        // These two answer nobody without one.
        (false, Some(_)) => (Tone::Warning, "None"),
        (false, None) => (Tone::Quiet, "None"),
    };
    view! { <Badge tone text /> }
}

/// Models by name, each a link to its drawer.
#[component]
pub fn ModelLinks(
    /// The models.
    models: Vec<ModelName>,
    /// How many are named; the rest are counted.
    named: usize,
) -> impl IntoView {
    if models.is_empty() {
        return Either::Left(view! { <span class="never">"none"</span> });
    }
    let more = models.len().saturating_sub(named);
    let scope = use_scope();
    let links = models
        .into_iter()
        .take(named)
        .map(|model| {
            let href = scope.with("model", Some(model.as_str())).href("/admin/models");
            view! {
                <li>
                    <a href=href>{model.to_string()}</a>
                </li>
            }
        })
        .collect_view();
    Either::Right(view! {
        <ul class="commas">
            {links} {(more > 0).then(|| view! { <li class="sub">{format!("{more} more")}</li> })}
        </ul>
    })
}
