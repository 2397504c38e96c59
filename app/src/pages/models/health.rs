//! The state of targets: read anew every few seconds while the page is in sight, without touching the rows around it.

use crate::components::badge::{Badge, Tone};
use crate::format::{counted, span};
use crate::pages::providers::CatalogList;
use crate::server_fns::catalog::list_models;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ModelName;
use model::catalog::{BreakerState, ModelDetail, Target, TargetHealth};
use std::collections::HashMap;
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(5);

/// What was read since the page was made.
pub type Health = RwSignal<HashMap<ModelName, Vec<TargetHealth>>>;

/// Watches the models of a list. In the browser only.
pub fn watch(list: Memo<CatalogList>) -> Health {
    let health = Health::default();
    Effect::new(move |_| {
        let Ok(timer) = set_interval_with_handle(move || renew(list, health), EVERY) else { return };
        on_cleanup(move || timer.clear());
    });
    health
}

fn renew(list: Memo<CatalogList>, health: Health) {
    if document().hidden() {
        return;
    }
    spawn_local(async move {
        let Some(CatalogList { q, page }) = list.try_get_untracked() else { return };
        // What can't be read now can be in five seconds; the page itself says when one isn't signed in any more.
        if let Ok(page) = list_models(q, page).await {
            let read = page.items.into_iter().map(|ModelDetail { model, health }| (model.name, health));
            let _ = health.try_update(|known| known.extend(read));
        }
    });
}

/// The targets of a model, each with its share of the requests and the state of its breaker.
#[component]
pub fn Targets(
    /// The model with the states as they were when it was read.
    detail: ModelDetail,
    /// The states since then.
    health: Health,
) -> impl IntoView {
    let ModelDetail { model, health: first } = detail;
    let all: u64 = model.targets.iter().map(|target| u64::from(target.weight)).sum();
    let several = model.targets.len() > 1;
    let lines = model
        .targets
        .into_iter()
        .enumerate()
        .map(|(at, target)| {
            let (name, first) = (model.name.clone(), first.clone());
            let share = several.then(|| view! { <span class="share">{share(target.weight, all)}</span> });
            let shown = target.clone();
            let state = Memo::new(move |_| {
                health.with(|known| state_of(known.get(&name).unwrap_or(&first), at, &target))
            });
            view! {
                <li>
                    <span class="target">
                        <span>{shown.provider.to_string()}</span>
                        <span aria-hidden="true">"→"</span>
                        <span class="hidden">" as "</span>
                        <code>{shown.upstream_model}</code>
                        {share}
                    </span>
                    {move || state.get().map(|health| view! { <State health /> })}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="targets">{lines}</ul> }
}

/// The state of the target at this place. Its name is compared: the targets may have been changed in between.
fn state_of(known: &[TargetHealth], at: usize, target: &Target) -> Option<TargetHealth> {
    let is_it = |health: &&TargetHealth| {
        health.provider == target.provider && health.upstream_model == target.upstream_model
    };
    known.get(at).filter(is_it).or_else(|| known.iter().find(is_it)).cloned()
}

/// A share in whole percent; what is smaller than one is not shown as none.
fn share(weight: u32, all: u64) -> String {
    let percent = (u64::from(weight) * 100 + all / 2) / all.max(1);
    if percent == 0 { "< 1 %".to_owned() } else { format!("{percent} %") }
}

#[component]
fn State(health: TargetHealth) -> impl IntoView {
    let (tone, word) = match health.breaker {
        BreakerState::Closed => (Tone::Good, "Closed"),
        BreakerState::Open => (Tone::Bad, "Open"),
        BreakerState::HalfOpen => (Tone::Warning, "Half-open"),
    };
    let mut said = Vec::new();
    if health.failures > 0 {
        said.push(counted(health.failures.into(), "failure", "failures"));
    }
    if let Some(seconds) = health.retry_in_seconds {
        let wait =
            if seconds < 60 { format!("{seconds} s") } else { span(Duration::from_secs(seconds.into())) };
        said.push(format!("retry in {wait}"));
    }
    let said = (!said.is_empty()).then(|| view! { <span class="sub">{said.join(", ")}</span> });
    view! {
        <span class="badges">
            <Badge tone text=word />
            {said}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_whole_percents() {
        assert_eq!(share(1, 3), "33 %");
        assert_eq!(share(2, 3), "67 %");
        assert_eq!(share(1, 1_000), "< 1 %");
        assert_eq!(share(5, 0), "500 %", "never divides by nothing");
    }
}
