//! Requests per hour or day as bars, and the same figures as a table.

use crate::format::{absolute, as_count, count, counted, day, usd};
use leptos::either::Either;
use leptos::prelude::*;
use model::Timestamp;
use model::dashboard::DailyUsage;
use model::usage_report::{BarLength, UsageBar};

/// The chart's width in its own units, as near as whole steps come.
const WIDTH: u64 = 600;

/// Bars of one length, oldest first, without gaps.
#[derive(Clone, Debug)]
pub struct Bars {
    /// How long each is.
    pub length: BarLength,
    /// The bars.
    pub all: Vec<UsageBar>,
}

impl From<Vec<DailyUsage>> for Bars {
    fn from(days: Vec<DailyUsage>) -> Self {
        let all = days.into_iter().map(|day| UsageBar { start: day.day, totals: day.totals }).collect();
        Self { length: BarLength::Day, all }
    }
}

/// What a length is called.
struct Words {
    one: &'static str,
    many: &'static str,
    head: &'static str,
    most: &'static str,
    start: fn(Timestamp) -> String,
}

fn words(length: BarLength) -> Words {
    match length {
        BarLength::Hour => {
            Words { one: "hour", many: "hours", head: "Hour", most: "an hour", start: absolute }
        }
        BarLength::Day => {
            Words { one: "day", many: "days", head: "Day (UTC)", most: "a day, days in UTC", start: day }
        }
    }
}

/// A bar chart of requests per hour or UTC day, errors at the foot of each bar, with its figures as a table.
#[component]
pub fn UsageChart(
    /// The bars.
    #[prop(into)]
    bars: Bars,
    /// What is counted: "Requests per day, last 30 days".
    #[prop(into)]
    label: String,
    /// Height in the chart's own units; its width is 600.
    #[prop(default = 90)]
    height: u64,
) -> impl IntoView {
    let Bars { length, all } = bars;
    let words = words(length);
    let many = as_count(all.len());
    let most = all.iter().map(|bar| bar.totals.requests).max().unwrap_or(0);
    if most == 0 {
        let text = format!("No requests in the last {}.", counted(many, words.one, words.many));
        return Either::Left(view! { <p class="chart-empty">{text}</p> });
    }
    let from = all.first().map(|first| (words.start)(first.start)).unwrap_or_default();
    let to = all.last().map(|last| (words.start)(last.start)).unwrap_or_default();
    let step = (WIDTH / many.max(1)).max(2);
    let width = step * 3 / 4;
    let shapes = (0..)
        .zip(&all)
        .map(|(position, bar)| {
            let x = position * step;
            let tall = bar_height(bar.totals.requests, most, height);
            let bad = bar_height(bar.totals.errors, most, height).min(tall);
            view! {
                <rect x=x y=height - tall width=width height=tall rx="2" />
                <rect class="errors" x=x y=height - bad width=width height=bad rx="2" />
            }
        })
        .collect_view();
    let rows = all
        .iter()
        .rev()
        .map(|bar| {
            view! {
                <tr>
                    <th scope="row">{(words.start)(bar.start)}</th>
                    <td>{count(bar.totals.requests)}</td>
                    <td>{count(bar.totals.errors)}</td>
                    <td>{count(bar.totals.input_tokens + bar.totals.output_tokens)}</td>
                    <td>{usd(bar.totals.cost_usd)}</td>
                </tr>
            }
        })
        .collect_view();
    let spoken =
        format!("{label}; at most {} on one {}. The table below has the figures.", count(most), words.one);
    Either::Right(view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {} {height}", step * many) role="img" aria-label=spoken>
                {shapes}
            </svg>
            <figcaption>
                <span>{from}</span>
                <span>{format!("most: {} {}", count(most), words.most)}</span>
                <span>{to}</span>
            </figcaption>
            <details>
                <summary>"Figures as a table"</summary>
                <div
                    class="table-wrap"
                    tabindex="0"
                    role="region"
                    aria-label=format!("Figures per {}", words.one)
                >
                    <table class="figures">
                        <caption>{label}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{words.head}</th>
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

/// A bar with requests always shows, however small beside the largest.
fn bar_height(value: u64, most: u64, height: u64) -> u64 {
    let share = u128::from(value) * u128::from(height) / u128::from(most.max(1));
    if value == 0 { 0 } else { u64::try_from(share).unwrap_or(height).max(2) }
}
