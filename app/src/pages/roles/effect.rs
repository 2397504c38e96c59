//! What a change would do, told before it is saved: whom it is about, what comes and what goes.

use super::matrix::PermissionTags;
use crate::error::AppError;
use crate::format::{as_count, count};
use crate::server_fns::roles::preview_access;
use leptos::either::EitherOf4;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Problem;
use model::role::{AccessChange, AccessEffect};

/// What was asked, and what is known of it. Lives with the form, outside of everything that reloads.
#[derive(Clone, Copy, Default)]
pub struct Preview {
    asked: RwSignal<Option<AccessChange>>,
    told: RwSignal<Option<Result<AccessEffect, Problem>>>,
}

impl Preview {
    /// Asks what this change would do; `None`: there is nothing to ask. Call it in the browser only.
    pub fn ask(self, change: Option<AccessChange>) {
        if self.asked.with_untracked(|asked| *asked == change) {
            return;
        }
        self.told.set(None);
        self.asked.set(change.clone());
        let Some(change) = change else { return };
        spawn_local(async move {
            let told = preview_access(change.clone()).await.unwrap_or_else(|AppError(problem)| Err(*problem));
            // The answer to an older question comes too late, and so does one after the page was left.
            if self.asked.try_with_untracked(|now| now.as_ref() == Some(&change)) == Some(true) {
                self.told.set(Some(told));
            }
        });
    }

    /// Forgets everything: the same question may have another answer by now.
    pub fn clear(self) {
        self.asked.set(None);
        self.told.set(None);
    }
}

/// The region that tells it.
#[component]
pub fn EffectRegion(
    /// What is known.
    preview: Preview,
    /// What stands there while nothing was asked.
    #[prop(optional)]
    before: &'static str,
) -> impl IntoView {
    let told = move || {
        if preview.asked.read().is_none() {
            return EitherOf4::A((!before.is_empty()).then(|| view! { <p class="sub">{before}</p> }));
        }
        match preview.told.get() {
            None => EitherOf4::B(view! { <p class="sub">"Working out what this changes…"</p> }),
            Some(Err(problem)) => {
                let text = problem.detail.unwrap_or(problem.title).into_owned();
                EitherOf4::C(view! { <p class="field-error">{text}</p> })
            }
            Some(Ok(effect)) => EitherOf4::D(view! { <Told effect /> }),
        }
    };
    view! {
        <div class="effect" role="status" aria-label="What this changes">
            {told}
        </div>
    }
}

#[component]
fn Told(effect: AccessEffect) -> impl IntoView {
    let AccessEffect { affected, first, gained, lost } = effect;
    let unchanged = gained.is_empty() && lost.is_empty();
    let people = {
        let plus = if affected.capped { "+" } else { "" };
        let noun = if affected.count == 1 && !affected.capped { "person" } else { "people" };
        let names: Vec<_> = first.iter().map(|user| user.name.as_str()).collect();
        let rest = affected.count.saturating_sub(as_count(names.len()));
        let more = if rest > 0 { format!(" and {} more", count(rest)) } else { String::new() };
        match affected.count {
            0 => "Nobody has it: nothing changes for anybody now.".to_owned(),
            n => format!("From the next request of {}{plus} {noun}: {}{more}.", count(n), names.join(", ")),
        }
    };
    view! {
        <p>{people}</p>
        {unchanged.then(|| view! { <p class="sub">"No permission comes or goes."</p> })}
        {(!unchanged)
            .then(|| {
                view! {
                    <dl>
                        <dt>"Gained"</dt>
                        <dd>{if gained.is_empty() { "nothing".into_any() } else { view! { <PermissionTags set=gained /> }.into_any() }}</dd>
                        <dt>"Lost"</dt>
                        <dd>{if lost.is_empty() { "nothing".into_any() } else { view! { <PermissionTags set=lost /> }.into_any() }}</dd>
                    </dl>
                }
            })}
    }
}
