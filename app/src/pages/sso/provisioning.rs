//! The provisioning log: what SCIM clients asked for and what came of it.

use crate::components::allowed::Allowed;
use crate::components::badge::{Badge, Tone};
use crate::components::failure::Failure;
use crate::components::filter::{Chip, Choice, FilterBar};
use crate::components::list::{Emptiness, EmptyList, Hidden, ListTable};
use crate::components::list_card::ListCard;
use crate::components::table::total;
use crate::components::tabs::TAB;
use crate::components::when::When;
use crate::format::absolute;
use crate::query::{Query, use_query};
use crate::server_fns::scim::list_provisioning_log;
use crate::viewer::SSO_READ;
use leptos::either::Either;
use leptos::prelude::*;
use model::scim::{ProvisionedResource, ProvisioningEntry, ProvisioningFilter, ProvisioningResult};
use model::{Page, PageRequest, Timestamp};

/// Parts of the address that stay when filters are cleared.
const KEPT: &[&str] = &[TAB, "tenant"];

/// What the log asks for, as read from the address.
fn asked(query: &Query) -> (ProvisioningFilter, PageRequest) {
    let filter = ProvisioningFilter {
        client_id: query.get("of").and_then(|id| id.parse().ok()),
        result: query.get("result").and_then(ProvisioningResult::parse),
    };
    (filter, query.page())
}

/// The log with its filters.
#[component]
pub fn ProvisioningLog() -> impl IntoView {
    let query = use_query();
    let list = Memo::new(move |_| query.with(asked));
    let rows =
        Resource::new_blocking(move || list.get(), |(filter, page)| list_provisioning_log(filter, page));
    let pending = RwSignal::new(false);
    view! {
        <p class="sub">
            "Each change that an identity provider asked for in the last 90 days. What changed in detail stands in the audit log."
        </p>
        <Allowed permission=SSO_READ>
            <Filters />
        </Allowed>
        <ListCard pending>
            <Transition fallback=|| () set_pending=pending>
                {move || Suspend::new(async move {
                    match rows.await {
                        Ok(dated) => {
                            let (filter, page) = list.get_untracked();
                            let filtered = filter != ProvisioningFilter::default();
                            let later = page.cursor.is_some();
                            Either::Left(view! { <LogTable page=dated.data now=dated.now filtered later /> })
                        }
                        Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                    }
                })}
            </Transition>
        </ListCard>
    }
}

#[component]
fn Filters() -> impl IntoView {
    let query = use_query();
    let client = Memo::new(move |_| query.with(|query| query.get("of").map(ToOwned::to_owned)));
    view! {
        <FilterBar label="Filter the provisioning log" kept=&[TAB, "tenant", "of"]>
            <Choice
                label="Result"
                name="result"
                choices=vec![("", "All"), ("success", "Success"), ("failure", "Failure")]
            />
            {move || client.get().map(|id| view! { <Chip text=format!("Client: {id}") name="of" /> })}
        </FilterBar>
    }
}

#[component]
fn LogTable(page: Page<ProvisioningEntry>, now: Timestamp, filtered: bool, later: bool) -> impl IntoView {
    let why = Emptiness::of(later, filtered);
    if page.items.is_empty() {
        return Either::Left(view! {
            <EmptyList why of=("line", "lines") kept=KEPT title="Nothing was provisioned yet">
                <p>"Once an identity provider's SCIM client makes or changes an account or a group, it stands here."</p>
            </EmptyList>
        });
    }
    let caption = format!("{}, newest first", total(page.total, "line", "lines"));
    let hidden = filtered.then_some(Hidden { rows: page.hidden, kept: KEPT });
    let rows = page.items.into_iter().map(|entry| view! { <Row entry now /> }).collect_view();
    let head = view! {
        <th scope="col">"Time"</th>
        <th scope="col">"Client"</th>
        <th scope="col">"Operation"</th>
        <th scope="col">"Resource"</th>
        <th scope="col">"Result"</th>
        <th scope="col">"What it came to"</th>
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption hidden head next=page.next_cursor>
            {rows}
        </ListTable>
    })
}

#[component]
fn Row(entry: ProvisioningEntry, now: Timestamp) -> impl IntoView {
    let known = [&entry.resource_name, &entry.resource_id].into_iter().find(|text| !text.is_empty());
    let named = known.cloned().unwrap_or_else(|| "unnamed".to_owned());
    let user = (entry.resource == ProvisionedResource::User && entry.resource_id.starts_with("usr_"))
        .then(|| Query::default().with("user", Some(&entry.resource_id)).href("/admin/users"));
    let resource = match user {
        Some(href) => Either::Left(view! { <a href=href>{named}</a> }),
        None => Either::Right(named),
    };
    let (tone, word) = match entry.result {
        ProvisioningResult::Success => (Tone::Good, entry.result.label().to_owned()),
        ProvisioningResult::Failure => (Tone::Bad, format!("{} {}", entry.result.label(), entry.status)),
    };
    view! {
        <tr>
            <th scope="row">
                <When at=entry.at now />
                <small>{absolute(entry.at)}</small>
            </th>
            <td class="clipped">{entry.client_name}</td>
            <td>{entry.operation.label()}</td>
            <td class="clipped">{resource} <small>{entry.resource.label()}</small></td>
            <td>
                <Badge tone text=word />
            </td>
            <td class="words">{entry.detail}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_which() {
        let here = Query::default().with("of", Some("scim_7Hq2xV9mLw4T")).with("result", Some("failure"));
        let (filter, _) = asked(&here);
        assert_eq!(filter.client_id.as_ref().map(model::ScimClientId::as_str), Some("scim_7Hq2xV9mLw4T"));
        assert_eq!(filter.result, Some(ProvisioningResult::Failure));
        let odd = Query::default().with("of", Some("x")).with("result", Some("odd"));
        assert_eq!(asked(&odd).0, ProvisioningFilter::default());
    }
}
