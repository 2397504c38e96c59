//! The table of identity providers.

use super::beginning::Beginning;
use crate::components::badge::{Badge, Tone};
use crate::components::empty::NothingYet;
use crate::components::list::{ListTable, RowLink, is_open};
use crate::format::counted;
use leptos::either::Either;
use leptos::prelude::*;
use model::sso::IdentityProvider;

/// Domains that are named in a row; the rest are counted.
const NAMED: usize = 2;

/// All of them with a caption; how to begin while there is none.
#[component]
pub fn ProviderTable(
    /// The rows.
    providers: Vec<IdentityProvider>,
    /// The address that ours begin with.
    base_url: String,
) -> impl IntoView {
    if providers.is_empty() {
        return Either::Left(view! {
            <NothingYet title="No identity providers yet">
                <Beginning base_url />
            </NothingYet>
        });
    }
    let number = u64::try_from(providers.len()).unwrap_or(u64::MAX);
    let caption = counted(number, "identity provider", "identity providers");
    let rows = providers.into_iter().map(|provider| view! { <ProviderRow provider /> }).collect_view();
    let head = view! {
        <th scope="col">"Button"</th>
        <th scope="col">"Name"</th>
        <th scope="col">"Product"</th>
        <th scope="col">"Issuer"</th>
        <th scope="col">"Makes accounts for"</th>
        <th scope="col">"Sign-in"</th>
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption head next=None>
            {rows}
        </ListTable>
    })
}

#[component]
fn ProviderRow(provider: IdentityProvider) -> impl IntoView {
    let open = is_open("provider", &provider.name);
    let domains = domains(&provider.allowed_domains, NAMED);
    view! {
        <tr class:selected=open>
            <th scope="row">
                <RowLink drawer="provider" id=provider.name.to_string() open>
                    {provider.title}
                </RowLink>
            </th>
            <td>
                <code>{provider.name.to_string()}</code>
            </td>
            <td>{provider.preset.label()}</td>
            <td>
                <code class="address">{provider.issuer}</code>
            </td>
            <td>{domains}</td>
            <td>
                <EnabledBadge enabled=provider.enabled />
            </td>
        </tr>
    }
}

/// Whether anybody can sign in with it.
#[component]
pub fn EnabledBadge(
    /// Whether it is switched on.
    enabled: bool,
) -> impl IntoView {
    let (tone, text) = if enabled { (Tone::Good, "On") } else { (Tone::Quiet, "Off") };
    view! { <Badge tone text /> }
}

/// "example.com, example.org and 3 more"; nobody without any.
pub fn domains(domains: &[String], named: usize) -> String {
    if domains.is_empty() {
        return "nobody".to_owned();
    }
    let more = domains.len().saturating_sub(named);
    let first = domains.iter().take(named).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}

#[cfg(test)]
mod tests {
    #[test]
    fn domains_in_words() {
        let list = ["a.example", "b.example", "c.example"].map(ToOwned::to_owned);
        let named = |number: usize| super::domains(&list[..number], 2);
        assert_eq!(named(0), "nobody");
        assert_eq!(named(2), "a.example, b.example");
        assert_eq!(named(3), "a.example, b.example and 1 more");
    }
}
