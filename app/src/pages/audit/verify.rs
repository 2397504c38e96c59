//! Checking the log against its chain of hashes, part by part, with the progress in sight.

use crate::components::badge::{Badge, Tone};
use crate::components::failure::Failure;
use crate::error::AppError;
use crate::format::counted;
use crate::server_fns::audit::verify_audit;
use leptos::either::{Either, EitherOf4};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::audit::AuditVerification;

/// How far it is.
#[derive(Clone)]
enum State {
    /// Not asked for yet.
    Idle,
    /// This much so far; `None`: the first part isn't there yet.
    Running(Option<AuditVerification>),
    /// Through, or at the first thing that doesn't fit.
    Done(AuditVerification),
    /// It couldn't be asked.
    Failed(AppError),
}

/// The button and what it found.
#[component]
pub fn Verify() -> impl IntoView {
    let state = RwSignal::new(State::Idle);
    let running = Signal::derive(move || matches!(*state.read(), State::Running(_)));
    let begin = move |_| {
        if running.get_untracked() {
            return;
        }
        state.set(State::Running(None));
        spawn_local(walk(state));
    };
    let said = move || match state.get() {
        State::Idle => EitherOf4::A(
            view! { <span class="sub">"Was any row changed, taken out or put in by hand?"</span> },
        ),
        State::Running(so_far) => EitherOf4::B(view! { <Progress so_far /> }),
        State::Done(result) => EitherOf4::C(view! { <Outcome result /> }),
        State::Failed(error) => EitherOf4::D(view! { <Failure error /> }),
    };
    view! {
        <div class="verify with-scripts">
            <button class="btn" type="button" disabled=running aria-busy=move || running.get().then_some("true") on:click=begin>
                {move || if running.get() { "Verifying…" } else { "Verify the chain" }}
            </button>
            <div role="status">{said}</div>
        </div>
    }
}

/// Asks for one part after the other. Ends when the page is left: then there is nobody to tell.
async fn walk(state: RwSignal<State>) {
    let mut so_far: Option<AuditVerification> = None;
    loop {
        let after = so_far.as_ref().and_then(|part| part.next);
        let now = match verify_audit(after).await {
            Ok(part) => match &so_far {
                Some(earlier) => part.following(earlier),
                None => part,
            },
            Err(error) => {
                let _ = state.try_set(State::Failed(error));
                return;
            }
        };
        let more = now.next.is_some();
        let next = if more { State::Running(Some(now.clone())) } else { State::Done(now.clone()) };
        // What couldn't be set comes back.
        if state.try_set(next).is_some() || !more {
            return;
        }
        so_far = Some(now);
    }
}

/// Rows that were looked at.
fn seen(part: &AuditVerification) -> u64 {
    part.rows_checked + part.rows_before_chain
}

#[component]
fn Progress(so_far: Option<AuditVerification>) -> impl IntoView {
    let Some(part) = so_far else {
        return Either::Left(view! { <progress aria-label="Rows checked"></progress> });
    };
    let all = part.head.as_ref().map_or(0, |head| head.seq.unsigned_abs());
    Either::Right(view! {
        <progress max=all.to_string() value=seen(&part).to_string() aria-label="Rows checked"></progress>
        <span class="sub">{counted(seen(&part), "row", "rows")}</span>
    })
}

#[component]
fn Outcome(result: AuditVerification) -> impl IntoView {
    let checked = counted(result.rows_checked, "row", "rows");
    if let Some(finding) = result.finding {
        return Either::Left(view! {
            <Badge tone=Tone::Bad text="Not as it was written" />
            <p>
                {format!("{} {} before it fit.", sentence(&finding.to_string()), checked)}
                " Somebody had the database open: compare it with a backup, and with what was exported."
            </p>
        });
    }
    let before = (result.rows_before_chain > 0).then(|| {
        let before = counted(result.rows_before_chain, "row is", "rows are");
        view! { <span class="sub">{format!("{before} from before the chain and can't be checked.")}</span> }
    });
    let head = result.head.map(|head| {
        view! {
            <p class="sub">
                {format!("Head: row {}, ", head.seq)} <code class="hash">{head.hash}</code>
            </p>
        }
    });
    Either::Right(view! {
        <Badge tone=Tone::Good text="Intact" />
        <span>{format!("{checked} checked.")}</span>
        {before}
        {head}
    })
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn sentences() {
        assert_eq!(super::sentence("row 4 is missing"), "Row 4 is missing.");
        assert_eq!(super::sentence(""), "");
    }
}
