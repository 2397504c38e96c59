//! What one used: of which time, by model or by key; a chart, a table, and a file of what is shown.

use crate::components::chart::{Bars, UsageChart};
use crate::components::download::Download;
use crate::components::empty::NothingYet;
use crate::components::failure::Failure;
use crate::components::filter::{Chip, Choice, FilterBar};
use crate::components::head::Head;
use crate::format::{count, usd};
use crate::query::{Query, use_query};
use crate::server_fns::usage::read_usage_report;
use leptos::either::Either;
use leptos::prelude::*;
use model::TenantId;
use model::dashboard::UsageTotals;
use model::usage_report::{BarLength, UsageBy, UsageLine, UsageOf, UsagePeriod, UsageQuestion, UsageReport};

/// Period and grouping, and what they show.
#[component]
pub fn OwnUsagePage() -> impl IntoView {
    let query = use_query();
    let asked = Memo::new(move |_| query.with(question));
    let report = Resource::new_blocking(move || asked.get(), read_usage_report);
    let file = Signal::derive(move || asked.with(file_address));
    let tenant = Memo::new(move |_| asked.with(|asked| asked.tenant_id.clone()));
    let periods = UsagePeriod::ALL.map(|period| (period.as_str(), words(period))).to_vec();
    let groupings = vec![(UsageBy::Model.as_str(), "Model"), (UsageBy::Key.as_str(), "Key")];
    view! {
        <Head title="Usage" about="What your own keys used">
            <div class="exports">
                <Download href=file label="Export CSV" />
            </div>
        </Head>
        <FilterBar label="Period and grouping of your usage" kept=&["tenant"]>
            <Choice label="Period" name="period" choices=periods default=UsagePeriod::default().as_str() />
            <Choice label="Group by" name="by" choices=groupings default=UsageBy::default().as_str() />
            {move || tenant.get().map(|id| view! { <Chip text=format!("Tenant: {id}") name="tenant" /> })}
        </FilterBar>
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                match report.await {
                    Ok(report) => {
                        let asked = asked.get_untracked();
                        Either::Left(view! { <Report report asked /> })
                    }
                    Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                }
            })}
        </Transition>
    }
}

/// From the address; what can't be read there is left out.
fn question(query: &Query) -> UsageQuestion {
    UsageQuestion {
        period: query.get("period").and_then(UsagePeriod::parse).unwrap_or_default(),
        by: query.get("by").and_then(UsageBy::parse).unwrap_or_default(),
        tenant_id: query.get("tenant").and_then(|id| id.parse().ok()),
    }
}

/// The address of the file with the same lines.
fn file_address(asked: &UsageQuestion) -> String {
    Query::default()
        .with("period", Some(asked.period.as_str()))
        .with("by", Some(asked.by.as_str()))
        .with("tenant", asked.tenant_id.as_ref().map(TenantId::as_str))
        .href("/console/usage/export")
}

fn words(period: UsagePeriod) -> &'static str {
    match period {
        UsagePeriod::Day => "24 hours",
        UsagePeriod::Week => "7 days",
        UsagePeriod::Month => "30 days",
        UsagePeriod::Quarter => "90 days",
    }
}

#[component]
fn Report(report: UsageReport, asked: UsageQuestion) -> impl IntoView {
    let last = words(asked.period);
    if report.lines.is_empty() {
        return Either::Left(view! {
            <div class="card">
                <NothingYet title=format!("No requests in the last {last}")>
                    <p>"The quick start leads from a key to the first answered call."</p>
                    <p>
                        <a class="btn" href="/console">
                            "Quick start"
                        </a>
                    </p>
                </NothingYet>
            </div>
        });
    }
    let (length, _) = asked.period.bars();
    let per = match length {
        BarLength::Hour => "hour",
        BarLength::Day => "day",
    };
    let cut = report.is_cut();
    let UsageReport { total, bars, lines } = report;
    Either::Right(view! {
        <section class="card pad" aria-labelledby="requests-title">
            <h2 id="requests-title">{format!("Requests, last {last}")}</h2>
            <UsageChart bars=Bars { length, all: bars } label=format!("Your requests per {per}, last {last}") />
        </section>
        <Table lines total by=asked.by cut />
    })
}

#[component]
fn Table(lines: Vec<UsageLine>, total: UsageTotals, by: UsageBy, cut: bool) -> impl IntoView {
    let (head, many) = match by {
        UsageBy::Model => ("Model", "models"),
        UsageBy::Key => ("Key", "keys"),
    };
    let caption = if cut {
        format!("The {} most used {many}; the total is of all.", lines.len())
    } else {
        format!("By {}, the most used first.", by.as_str())
    };
    let rows = lines
        .into_iter()
        .map(|line| {
            view! {
                <tr>
                    <th scope="row">{name(line.of)}</th>
                    <Figures totals=line.totals />
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="card">
            <div class="table-wrap" tabindex="0" role="region" aria-label=format!("Usage by {}", by.as_str())>
                <table class="list stacked">
                    <caption>{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{head}</th>
                            {FIGURES.map(|word| view! { <th scope="col">{word}</th> }).into_iter().collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                    <tfoot>
                        <tr>
                            <th scope="row">"Total"</th>
                            <Figures totals=total />
                        </tr>
                    </tfoot>
                </table>
            </div>
        </div>
    }
}

/// A model's name, or a key's with the way to it.
fn name(of: UsageOf) -> impl IntoView {
    match of {
        UsageOf::Model { name } => Either::Left(view! { <code>{name.to_string()}</code> }),
        UsageOf::Key { id, name } => {
            let href = Query::default().with("key", Some(id.as_str())).href("/console/settings/api-keys");
            Either::Right(view! {
                <a class="row-link" href=href>
                    {name.unwrap_or_else(|| "a key that is gone".to_owned())}
                </a>
                <small>
                    <code>{id.to_string()}</code>
                </small>
            })
        }
    }
}

/// What is told of each line. On a phone the word stands beside its figure.
const FIGURES: [&str; 6] =
    ["Requests", "Errors", "Input tokens", "Of these, cached", "Output tokens", "Spend"];

#[component]
fn Figures(totals: UsageTotals) -> impl IntoView {
    let figures = [
        count(totals.requests),
        count(totals.errors),
        count(totals.input_tokens),
        count(totals.cached_input_tokens),
        count(totals.output_tokens),
        usd(totals.cost_usd),
    ];
    FIGURES
        .into_iter()
        .zip(figures)
        .map(|(word, figure)| view! { <td data-label=word>{figure}</td> })
        .collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_of_what_the_address_shows() {
        let address_of = |parts: &[(&str, &str)]| {
            let query =
                parts.iter().fold(Query::default(), |query, (name, value)| query.with(name, Some(value)));
            file_address(&question(&query))
        };
        assert_eq!(address_of(&[]), "/console/usage/export?period=7d&by=model");
        let whole = [("by", "key"), ("tenant", "team-alpha"), ("period", "90d"), ("cursor", "x")];
        assert_eq!(address_of(&whole), "/console/usage/export?period=90d&by=key&tenant=team-alpha");
        let wrong = [("by", "user"), ("tenant", "No Slug"), ("period", "1y")];
        assert_eq!(address_of(&wrong), address_of(&[]));
    }
}
