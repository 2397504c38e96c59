//! The simulator: claims go in, what they would come to goes out. Nothing is written.

use super::source::LastSignIn;
use super::trial::Trial;
use super::{Known, May, words};
use crate::components::badge::{Badge, Tone};
use crate::components::choose::Choose;
use crate::components::field::{Field, FormError, message};
use leptos::prelude::*;
use model::mapping::Simulation;

/// Fields whose messages stand at them, or at the rules.
const FIELDS: &[&str] = &["claims", "rules", "otherwise"];

/// The form, and below it what came out.
#[component]
pub fn Simulator(
    /// Its state.
    trial: Trial,
    /// What there is.
    known: StoredValue<Known>,
    /// What the viewer may do.
    may: May,
) -> impl IntoView {
    let problem = trial.problem();
    let pending = trial.pending();
    let wrong_rules = move || {
        let at_rules = |field: &str| field.starts_with("rules") || field.starts_with("otherwise");
        problem.with(|problem| {
            problem.as_ref().is_some_and(|problem| problem.errors.iter().any(|error| at_rules(&error.field)))
        })
    };
    let choices = known.with_value(|known| {
        let scim = (String::new(), "SCIM: groups that were provisioned".to_owned());
        known.providers.iter().cloned().chain([scim]).collect::<Vec<_>>()
    });
    let claims_error = message(problem, "claims");
    view! {
        <section class="card pad simulator" aria-labelledby="simulator">
            <h2 id="simulator">"Simulator"</h2>
            <p class="sub">"Tries the rules as they stand here, saved or not. Nobody is signed in, and nothing is changed."</p>
            <Field id="simulator-provider" label="Identity provider">
                <Choose
                    id="simulator-provider"
                    choices
                    value=trial.provider
                    on_choose=move |name| trial.provider.set(name)
                />
            </Field>
            <Field
                id="simulator-claims"
                label="Claims"
                help="A JSON object: the payload of an ID token."
                error=claims_error
            >
                <textarea
                    id="simulator-claims"
                    class="pem-text"
                    rows="9"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="{ \"sub\": \"00u1\", \"groups\": [\"gateway-admins\"] }"
                    aria-describedby="simulator-claims-help"
                    aria-invalid=move || claims_error.read().is_some().then_some("true")
                    prop:value=move || trial.claims.get()
                    on:input=move |event| {
                        trial.claims.set(event_target_value(&event));
                        trial.origin.set(None);
                    }
                ></textarea>
            </Field>
            <p class="hint-line" role="status">
                {move || trial.origin.get()}
            </p>
            {may.take_claims.then(|| view! { <LastSignIn trial /> })}
            <button
                class="btn primary with-scripts"
                type="button"
                disabled=pending
                aria-busy=move || pending.get().then_some("true")
                on:click=move |_| trial.run()
            >
                {move || if pending.get() { "Trying…" } else { "Try" }}
            </button>
            <FormError problem fields=FIELDS />
            <div class="outcome" role="status" class:dimmed=pending>
                {move || wrong_rules().then(|| view! { <p class="field-error">"The rules have mistakes: see there."</p> })}
                {move || trial.simulation().map(|simulation| view! { <WhatComesOut simulation trial /> })}
            </div>
        </section>
    }
}

#[component]
fn WhatComesOut(simulation: Simulation, trial: Trial) -> impl IntoView {
    let (tone, sentence) = words::outcome(&simulation.outcome);
    let word = match tone {
        Tone::Good => "Comes in",
        Tone::Bad => "Refused",
        _ => "Unchanged",
    };
    view! {
        <div class="stack" class:dimmed=move || !trial.is_fresh()>
            <p>
                <Badge tone text=word />
            </p>
            <p class="outcome-sentence">{sentence}</p>
        </div>
        {move || {
            (!trial.is_fresh()).then(|| view! { <p class="sub">"Something was changed since. Try it again."</p> })
        }}
    }
}
