//! What a test sign-in brought, shown when one comes back from it.

use crate::components::badge::{Badge, Tone};
use crate::components::tabs::TAB;
use crate::components::when::When;
use crate::error::AppError;
use crate::pages::sso::MAPPING;
use crate::pages::sso::mapping::pretty;
use crate::query::{use_goto, use_query};
use crate::viewer::use_viewer;
use leptos::prelude::*;
use model::Timestamp;
use model::sso::{SignInRefusal, TestedSignIn};

/// The part of the address that says that one comes back from a test.
const TESTED: &str = "tested";

/// The card, while the address asks for it.
#[component]
pub fn TestedRegion(
    /// What the last test of this session brought.
    tested: Resource<Result<Option<TestedSignIn>, AppError>>,
) -> impl IntoView {
    let query = use_query();
    let viewer = use_viewer();
    let asked = Memo::new(move |_| query.with(|query| query.get(TESTED).map(ToOwned::to_owned)));
    view! {
        <Transition fallback=|| ()>
            {move || {
                let asked = asked.get();
                Suspend::new(async move {
                    let tested = tested.await.ok().flatten()?;
                    let now = viewer.await.ok().flatten()?.now;
                    (asked? == tested.provider.as_str()).then(|| view! { <Tested tested now /> })
                })
            }}
        </Transition>
    }
}

#[component]
fn Tested(tested: TestedSignIn, now: Timestamp) -> impl IntoView {
    let goto = use_goto();
    let (tone, word, means) = verdict(&tested);
    let simulate = goto.href_now(|query| query.only(&["tenant"]).with(TAB, Some(MAPPING)));
    let claims = tested.claims.map(|claims| {
        view! {
            <details class="more" open>
                <summary>"The claims that came"</summary>
                <pre tabindex="0">
                    <code>{pretty(&claims)}</code>
                </pre>
            </details>
            <p>
                <a class="btn" href=simulate>
                    "Try the role mapping on them"
                </a>
            </p>
        }
    });
    view! {
        <section class="card pad" aria-labelledby="tested">
            <h2 id="tested">{format!("Test sign-in with {}", tested.provider)}</h2>
            <p>
                <Badge tone text=word /> " " <When at=tested.at now />
            </p>
            <p>{means} " Nothing was made or changed by the test."</p>
            {claims}
            <p>
                <a class="btn" href=move || goto.href(|query| query.with(TESTED, None)) data-noscroll="">
                    "Close"
                </a>
            </p>
        </section>
    }
}

/// What it would have come to: tone, word, sentence.
fn verdict(tested: &TestedSignIn) -> (Tone, &'static str, String) {
    match (&tested.refused, &tested.account) {
        (Some(word), _) => {
            let means = SignInRefusal::parse(word).map_or("Signing in failed.", SignInRefusal::explain);
            (Tone::Bad, "Would be refused", format!("They would be told: “{means}”"))
        }
        (None, Some(email)) => (Tone::Good, "Works", format!("This would sign {email} in.")),
        (None, None) => (Tone::Good, "Works", "This would make a new account, and sign it in.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_says_what_would_have_become_of_it() {
        let told = |refused: Option<&str>, account: Option<&str>| {
            verdict(&TestedSignIn {
                provider: "okta".parse().unwrap(),
                at: Timestamp::from_micros(0),
                claims: None,
                refused: refused.map(ToOwned::to_owned),
                account: account.map(ToOwned::to_owned),
            })
        };
        assert!(told(None, Some("ada@example.com")).2.contains("ada@example.com"));
        assert!(told(None, None).2.contains("new account"));
        assert!(told(Some("email_unverified"), None).2.contains("verified"));
        assert_eq!(told(Some("<script>"), None).2, "They would be told: “Signing in failed.”");
    }
}
