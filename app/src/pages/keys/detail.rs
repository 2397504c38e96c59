//! The drawer of one key: its record, how it is routed, how it is used.

use crate::components::chart::UsageChart;
use crate::components::drawer::{Drawer, Fact};
use crate::components::key_badges::KeyBadges;
use crate::components::when::{When, WhenExact};
use crate::format::{count, counted, latency, usd};
use crate::query::{Query, use_goto};
use crate::viewer::Dated;
use leptos::prelude::*;
use model::Timestamp;
use model::key::{Environment, KeyDetail, KeyKind, KeyStatus, KeyView};
use model::limits::RateLimits;
use model::usage::UsageRow;

/// The drawer.
#[component]
pub fn KeyDrawer(
    /// The key.
    detail: Dated<KeyDetail>,
    /// Asks to revoke it; left out where the viewer may not.
    revoke: Option<Callback<KeyDetail>>,
    /// Links to the owner's account and keys.
    #[prop(optional)]
    owner_links: bool,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("key", None)));
    let Dated { now, data: detail } = detail;
    let key = detail.key.clone();
    let for_dialog = detail.clone();
    let button = revoke.filter(|_| key.status != KeyStatus::Revoked).map(|revoke| {
        view! {
            <div class="actions">
                <button class="btn danger" type="button" on:click=move |_| revoke.run(for_dialog.clone())>
                    "Revoke key"
                </button>
            </div>
        }
    });
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
            <UsageChart days=detail.daily label="Requests per day, last 30 days" height=110 />
            <dl>
                <Fact name="Last Used">
                    <WhenExact at=key.last_used_at now />
                </Fact>
                <Fact name="Last 24 h">{last_day}</Fact>
            </dl>
            <h3>"Key"</h3>
            <Record key_view=key.clone() now owner_links />
            <h3>"Routing configuration"</h3>
            <Routing key_view=key />
            <h3>"Recent requests"</h3>
            <Recent rows=detail.recent now />
            {button}
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
        let account = Query::default().with("user", Some(id.as_str())).href("/admin/users");
        let keys = Query::default().with("owner", Some(id.as_str())).href("/admin/api-keys");
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

#[component]
fn Routing(key_view: KeyView) -> impl IntoView {
    let key = key_view;
    let environment = match key.environment {
        Environment::Production => "Production: every provider",
        Environment::Sandbox => "Sandbox: only providers marked sandbox",
    };
    let providers = match &key.scope.allowed_providers {
        None => "all of its environment".to_owned(),
        Some(none) if none.is_empty() => "none".to_owned(),
        Some(some) => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let tags = key
        .tags
        .iter()
        .map(|(name, value)| view! { <span class="tag">{format!("{name}={value}")}</span> " " })
        .collect_view();
    view! {
        <dl>
            <Fact name="Environment">{environment}</Fact>
            <Fact name="Providers">{providers}</Fact>
            <Fact name="User path">
                {key
                    .user_path
                    .clone()
                    .map_or_else(|| "none".into_any(), |path| view! { <code>{path.to_string()}</code> }.into_any())}
            </Fact>
            <Fact name="Tags">{if key.tags.is_empty() { "none".into_any() } else { tags.into_any() }}</Fact>
            <Fact name="Limits">{limits(&key.scope.rate_limits)}</Fact>
        </dl>
    }
}

/// "600 requests a minute, 1,000,000 tokens a day".
fn limits(limits: &RateLimits) -> String {
    let requests = limits.requests_per_minute.map(|n| format!("{} requests a minute", count(n.into())));
    let tokens = limits.tokens_per_day.map(|n| format!("{} tokens a day", count(n)));
    let all: Vec<String> = requests.into_iter().chain(tokens).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

#[component]
fn Recent(rows: Vec<UsageRow>, now: Timestamp) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="sub">"No requests yet."</p> }.into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <td>
                        <When at=row.started_at now />
                    </td>
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
