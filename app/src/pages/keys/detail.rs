//! The drawer of one key: its record, its secrets, how it is routed, how it is used.

use crate::components::chart::UsageChart;
use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::components::key_badges::KeyBadges;
use crate::components::when::{When, WhenExact};
use crate::format::{absolute, count, counted, latency, usd};
use crate::pages::keys::dialogs::KeyActions;
use crate::pages::keys::routing::Routing;
use crate::query::{use_goto, use_scope};
use crate::viewer::Dated;
use leptos::prelude::*;
use model::Timestamp;
use model::key::{KeyDetail, KeyKind, KeySecretView, KeyStatus, KeyView};
use model::usage::UsageRow;

/// The drawer.
#[component]
pub fn KeyDrawer(
    /// The key.
    detail: Dated<KeyDetail>,
    /// What the viewer may do with it.
    actions: KeyActions,
    /// Links to the owner's account and keys.
    #[prop(optional)]
    owner_links: bool,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("key", None)));
    let Dated { now, data: detail } = detail;
    let key = detail.key.clone();
    let buttons = view! { <Buttons detail=detail.clone() actions /> };
    let key_id = key.id.to_string();
    let totals = detail.last_24h;
    let last_day = format!(
        "{} in 24 h, {} of them failed, {}",
        counted(totals.requests, "request", "requests"),
        count(totals.errors),
        usd(totals.cost_usd)
    );
    view! {
        <Drawer title=key.name.clone() close>
            <p>
                <KeyBadges key=key.clone() now />
            </p>
            {key.description.clone().map(|text| view! { <p class="prose">{text}</p> })}
            <h3>"Usage history"</h3>
            <UsageChart bars=detail.daily label="Requests per day, last 30 days" height=110 />
            <dl>
                <Fact name="Last Used">
                    <WhenExact at=key.last_used_at now />
                </Fact>
                <Fact name="Last 24 h">{last_day}</Fact>
            </dl>
            <h3>"Key"</h3>
            <Record key_view=key.clone() now owner_links />
            <h3>"Secrets"</h3>
            <Secrets secrets=detail.secrets over=key.status != KeyStatus::Active now />
            <h3>"Routing configuration"</h3>
            <Routing key_view=key />
            <h3>"Recent requests"</h3>
            <Recent rows=detail.recent now />
            <HistoryLink kind="key" id=key_id />
            {buttons}
        </Drawer>
    }
}

#[component]
fn Record(key_view: KeyView, now: Timestamp, owner_links: bool) -> impl IntoView {
    let key = key_view;
    let kind = match key.kind {
        KeyKind::Standard => "Standard: everything that its tenant may do",
        KeyKind::Restricted => "Restricted",
    };
    let links = key.owner_id.clone().filter(|_| owner_links).map(|id| {
        let account = use_scope().with("user", Some(id.as_str())).href("/admin/users");
        let keys = use_scope().with("owner", Some(id.as_str())).href("/admin/api-keys");
        view! {
            <span class="sub">
                <a href=account>"Account"</a>
                " · "
                <a href=keys>"All keys"</a>
            </span>
        }
    });
    let owner = key.owner_email.clone().unwrap_or_else(|| format!("{} (service key)", key.tenant_name));
    let revoked = key.revoked_at.map(|at| {
        view! {
            <Fact name="Revoked">
                <WhenExact at now />
                <span class="sub">{key.revoked_by.clone().map(|by| format!("by {by}"))}</span>
            </Fact>
            <Fact name="Reason">{key.revoke_reason.clone()}</Fact>
        }
    });
    view! {
        <dl>
            <Fact name="Owner">{owner} {links}</Fact>
            <Fact name="Tenant">{key.tenant_name.clone()} <span class="sub">{key.tenant_id.to_string()}</span></Fact>
            <Fact name="Key Prefix">
                <code>{key.prefix.clone()} "…"</code>
            </Fact>
            <Fact name="Public id">
                <code>{key.public_id.to_string()}</code>
            </Fact>
            <Fact name="Kind">{kind}</Fact>
            <Fact name="Created">
                <WhenExact at=key.created_at now />
                <span class="sub">{format!("by {}", key.created_by)}</span>
            </Fact>
            <Fact name="Expires">
                <WhenExact at=key.expires_at now />
            </Fact>
            {revoked}
        </dl>
    }
}

/// The key's secrets, newest first: two while a rotation's grace lasts.
#[component]
fn Secrets(secrets: Vec<KeySecretView>, over: bool, now: Timestamp) -> impl IntoView {
    let rows = secrets
        .into_iter()
        .enumerate()
        .map(|(position, secret)| {
            let state = match secret.expires_at {
                Some(end) if end <= now => format!("refused since {}", absolute(end)),
                Some(end) => format!("old secret works until {}", absolute(end)),
                None if over => "refused, as the key is".to_owned(),
                None if position == 0 => "in force".to_owned(),
                None => "works".to_owned(),
            };
            view! {
                <li>
                    <b>{format!("Secret {}", secret.generation)}</b>
                    <span>{state}</span>
                    <span class="sub">"made " <When at=secret.created_at now /> ", last used " <When at=secret.last_used_at now /></span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain-list secrets">{rows}</ul> }
}

#[component]
fn Buttons(detail: KeyDetail, actions: KeyActions) -> impl IntoView {
    let status = detail.key.status;
    let detail = StoredValue::new(detail);
    // A key that is over can't be brought back by a change or a new secret.
    let works = status == KeyStatus::Active;
    let KeyActions { edit, rotate, revoke } = actions;
    let button = move |action: Option<Callback<KeyDetail>>, class: &'static str, text: &'static str| {
        action.map(|action| {
            view! {
                <button class=class type="button" on:click=move |_| action.run(detail.get_value())>
                    {text}
                </button>
            }
        })
    };
    let edit = edit.filter(|_| works);
    let rotate = rotate.filter(|_| works);
    let revoke = revoke.filter(|_| status != KeyStatus::Revoked);
    let any = edit.is_some() || rotate.is_some() || revoke.is_some();
    any.then(|| {
        view! {
            <div class="actions with-scripts">
                {button(edit, "btn", "Edit")} {button(rotate, "btn", "Rotate")}
                {button(revoke, "btn danger", "Revoke key")}
            </div>
        }
    })
}

#[component]
fn Recent(rows: Vec<UsageRow>, now: Timestamp) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="sub">"No requests yet."</p> }.into_any();
    }
    // Columns that would be empty are left out.
    let identities = rows.iter().any(|row| row.identity.is_some());
    let conversations = rows.iter().any(|row| row.conversation_id.is_some());
    let rows = rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <td>
                        <When at=row.started_at now />
                    </td>
                    {identities.then(|| view! { <td>{row.identity.clone()}</td> })}
                    {conversations.then(|| view! { <td>{row.conversation_id.clone()}</td> })}
                    <td>{row.model.to_string()} <small>{row.provider.to_string()}</small></td>
                    <td>{row.status} <small>{row.outcome.as_str().replace('_', " ")}</small></td>
                    <td>{count(row.input_tokens + row.output_tokens)}</td>
                    <td>{latency(row.total_micros)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0" role="region" aria-label="Recent requests">
            <table class="figures">
                <caption class="hidden">"Recent requests, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        {identities.then(|| view! { <th scope="col">"Identity"</th> })}
                        {conversations.then(|| view! { <th scope="col">"Conversation"</th> })}
                        <th scope="col">"Model"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Tokens"</th>
                        <th scope="col">"Took"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
