//! Requests per day as bars, and the same figures as a table.

use crate::format::{count, day, usd};
use leptos::either::Either;
use leptos::prelude::*;
use model::dashboard::DailyUsage;

const STEP: u64 = 20;
const BAR: u64 = 15;

/// A bar chart of requests per UTC day, errors at the foot of each bar, with its figures as a table.
#[component]
pub fn UsageChart(
    /// The days, oldest first, without gaps.
    days: Vec<DailyUsage>,
    /// What is counted: "Requests per day, last 30 days".
    #[prop(into)]
    label: String,
    /// Height in the chart's own units; its width is 600.
    #[prop(default = 90)]
    height: u64,
) -> impl IntoView {
    let most = days.iter().map(|day| day.totals.requests).max().unwrap_or(0);
    if most == 0 {
        return Either::Left(view! { <p class="chart-empty">"No requests in the last 30 days."</p> });
    }
    let from = days.first().map(|first| day(first.day)).unwrap_or_default();
    let to = days.last().map(|last| day(last.day)).unwrap_or_default();
    let bars = (0..)
        .zip(&days)
        .map(|(position, day)| {
            let x = position * STEP;
            let tall = bar_height(day.totals.requests, most, height);
            let bad = bar_height(day.totals.errors, most, height).min(tall);
            view! {
                <rect x=x y=height - tall width=BAR height=tall rx="2" />
                <rect class="errors" x=x y=height - bad width=BAR height=bad rx="2" />
            }
        })
        .collect_view();
    let rows = days
        .iter()
        .rev()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">{day(row.day)}</th>
                    <td>{count(row.totals.requests)}</td>
                    <td>{count(row.totals.errors)}</td>
                    <td>{count(row.totals.input_tokens + row.totals.output_tokens)}</td>
                    <td>{usd(row.totals.cost_usd)}</td>
                </tr>
            }
        })
        .collect_view();
    let spoken = format!("{label}; at most {} on one day. The table below has the figures.", count(most));
    Either::Right(view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 600 {height}") role="img" aria-label=spoken>
                {bars}
            </svg>
            <figcaption>
                <span>{from}</span>
                <span>{format!("most: {} a day, days in UTC", count(most))}</span>
                <span>{to}</span>
            </figcaption>
            <details>
                <summary>"Figures as a table"</summary>
                <div class="table-wrap" tabindex="0" role="region" aria-label="Figures per day">
                    <table class="figures">
                        <caption>{label}</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Day (UTC)"</th>
                                <th scope="col">"Requests"</th>
                                <th scope="col">"Errors"</th>
                                <th scope="col">"Tokens"</th>
                                <th scope="col">"Spend"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    })
}

/// A day with requests always shows a bar, however small beside the largest.
fn bar_height(value: u64, most: u64, height: u64) -> u64 {
    let share = u128::from(value) * u128::from(height) / u128::from(most.max(1));
    if value == 0 { 0 } else { u64::try_from(share).unwrap_or(height).max(2) }
}
