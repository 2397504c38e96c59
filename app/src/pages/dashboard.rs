//! What is going on: the figures of the last day and month.

use crate::components::chart::UsageChart;
use crate::components::failure::Failure;
use crate::components::head::Head;
use crate::format::{change, count, usd};
use crate::pages::keys::presets;
use crate::query::{Query, use_query};
use crate::server_fns::usage::read_dashboard;
use leptos::either::Either;
use leptos::prelude::*;
use model::TenantId;
use model::dashboard::Dashboard;

/// Cards and the chart, of the chosen tenant or of all.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let query = use_query();
    let tenant = Memo::new(move |_| {
        query.with(|query| query.get("tenant").and_then(|id| id.parse::<TenantId>().ok()))
    });
    let figures = Resource::new_blocking(move || tenant.get(), read_dashboard);
    view! {
        <Head title="Dashboard" about="The last 24 hours" />
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                match figures.await {
                    Ok(dated) => {
                        let scope = query.with_untracked(|query| query.only(&["tenant"]));
                        Either::Left(view! { <Figures figures=dated.data scope /> })
                    }
                    Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Figures(figures: Dashboard, scope: Query) -> impl IntoView {
    let (now, before) = (figures.last_24h, figures.previous_24h);
    let against = |now: u64, before: u64| match change(now, before) {
        Some(change) => format!("{change} on the day before"),
        None => "none the day before".to_owned(),
    };
    let tokens = now.input_tokens + now.output_tokens;
    let share = |part: u64, whole: u64| match part.saturating_mul(100).checked_div(whole) {
        Some(percent) => format!("{percent} % of requests"),
        None => "no requests".to_owned(),
    };
    let keys = |name: &str, value: &str| scope.with(name, Some(value)).href("/admin/api-keys");
    view! {
        <section class="stats" aria-label="Figures">
            <Stat name="Requests" value=count(now.requests) note=against(now.requests, before.requests) />
            <Stat name="Errors" value=count(now.errors) note=share(now.errors, now.requests) />
            <Stat
                name="Tokens"
                value=count(tokens)
                note=format!("{} in, {} out", count(now.input_tokens), count(now.output_tokens))
            />
            <Stat
                name="Spend"
                value=usd(now.cost_usd)
                note=format!("{} the day before", usd(before.cost_usd))
            />
            {figures
                .live_requests
                .map(|live| view! { <Stat name="Live requests" value=count(live) note="running now".to_owned() /> })}
            <Stat
                name="Active keys"
                value=count(figures.active_keys)
                note="work now".to_owned()
                href=keys("status", "active")
            />
            <Stat
                name="Stale keys"
                value=count(figures.stale_keys)
                note="unused over 90 days".to_owned()
                href=presets::stale(&scope)
            />
            <Stat
                name="Expiring keys"
                value=count(figures.expiring_keys)
                note="within 7 days".to_owned()
                href=presets::expiring(&scope)
            />
        </section>
        <section class="card pad" aria-labelledby="requests-title">
            <h2 id="requests-title">"Requests, last 30 days"</h2>
            <UsageChart bars=figures.daily label="Requests per day, last 30 days" />
        </section>
    }
}

/// A figure with its name; a link to what it counts where there is such a list.
#[component]
pub fn Stat(
    /// What it is.
    name: &'static str,
    /// The figure.
    value: String,
    /// What it is measured against.
    note: String,
    /// The list behind it.
    #[prop(optional)]
    href: Option<String>,
) -> impl IntoView {
    let name = match href {
        Some(href) => Either::Left(view! { <a href=href>{name}</a> }),
        None => Either::Right(name),
    };
    view! {
        <div class="card stat">
            <p class="stat-name">{name}</p>
            <p class="stat-value">{value}</p>
            <p class="sub">{note}</p>
        </div>
    }
}
