//! Whether an identity provider works: a look at what it says about itself, and a sign-in that changes nothing.

use crate::components::badge::{Badge, Tone};
use crate::components::failure::Failure;
use crate::error::AppError;
use crate::server_fns::sso::CheckIdentityProvider;
use leptos::either::EitherOf3;
use leptos::prelude::*;
use model::IdentityProviderName;
use model::sso::{CheckStep, ProviderCheck};

/// The two buttons, and what the first found.
#[component]
pub fn ProviderCheckup(
    /// The provider.
    name: IdentityProviderName,
) -> impl IntoView {
    let action = ServerAction::<CheckIdentityProvider>::new();
    let pending = action.pending();
    let try_it = format!("/login/sso/{name}?purpose=test");
    let outcome = move || match action.value().get() {
        None => EitherOf3::A(()),
        Some(Ok(Ok(found))) => EitherOf3::B(view! { <Found found /> }),
        Some(Ok(Err(problem))) => EitherOf3::C(view! { <Failure error=AppError(Box::new(problem)) /> }),
        Some(Err(error)) => EitherOf3::C(view! { <Failure error /> }),
    };
    view! {
        <div class="test">
            <div class="links">
                <button
                    class="btn with-scripts"
                    type="button"
                    disabled=pending
                    aria-busy=move || pending.get().then_some("true")
                    on:click=move |_| {
                        action.dispatch(CheckIdentityProvider { name: name.clone() });
                    }
                >
                    {move || if pending.get() { "Checking…" } else { "Check" }}
                </button>
                // A full load: what answers is no page of ours.
                <a class="btn" rel="external" href=try_it>
                    "Try sign-in"
                </a>
            </div>
            <p class="sub">
                "A check reads what the provider says about itself. Trying a sign-in shows the claims that come, and makes nothing."
            </p>
            <div role="status" class:dimmed=pending>
                {outcome}
            </div>
        </div>
    }
}

#[component]
fn Found(found: ProviderCheck) -> impl IntoView {
    let (tone, text) =
        if found.ok { (Tone::Good, "People can sign in") } else { (Tone::Bad, "People can't sign in") };
    let steps = found.steps.into_iter().map(|step| view! { <Step step /> }).collect_view();
    view! {
        <p>
            <Badge tone text />
        </p>
        <ul class="checks">{steps}</ul>
    }
}

#[component]
fn Step(step: CheckStep) -> impl IntoView {
    let (tone, text) = if step.ok { (Tone::Good, "Right") } else { (Tone::Bad, "Wrong") };
    view! {
        <li>
            <Badge tone text />
            <span>
                <strong>{title(&step.step)}</strong>
                " "
                {step.message}
            </span>
        </li>
    }
}

/// The step's word on pages.
fn title(step: &str) -> String {
    match step {
        "discovery" => "Discovery document",
        "issuer" => "Issuer",
        "endpoints" => "Endpoints",
        "code_flow" => "Code flow",
        "algorithms" => "Signatures",
        "pkce" => "PKCE",
        "keys" => "Keys",
        other => other,
    }
    .to_owned()
}
