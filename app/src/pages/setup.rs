//! The first account, by the one-time link that the terminal shows at the first start.

use crate::browser::leave_for;
use crate::components::failure::Failure;
use crate::components::field::{Field, FormError, message};
use crate::components::lone_card::LoneCard;
use crate::components::new_password::NewPassword;
use crate::error::problem_in;
use crate::query::use_query;
use crate::server_fns::session::{SetUp, setup_link_valid};
use leptos::either::EitherOf3;
use leptos::prelude::*;

/// Asks for name, e-mail address and password of the first account while the link is good.
#[component]
pub fn SetupPage() -> impl IntoView {
    let query = use_query();
    let token = Memo::new(move |_| query.with(|query| query.get("token").unwrap_or_default().to_owned()));
    let valid = Resource::new_blocking(
        move || token.get(),
        |token| async move { if token.is_empty() { Ok(false) } else { setup_link_valid(token).await } },
    );
    // The action lives out here: what was typed and what was wrong with it outlives a look at the link.
    let set_up = ServerAction::<SetUp>::new();
    view! {
        <LoneCard title="Set up">
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    match valid.await {
                        Ok(true) => EitherOf3::A(view! { <SetupForm set_up token=token.get_untracked() /> }),
                        Ok(false) => EitherOf3::B(view! { <LinkInvalid /> }),
                        Err(error) => EitherOf3::C(view! { <Failure error whole_page=true /> }),
                    }
                })}
            </Suspense>
        </LoneCard>
    }
}

#[component]
fn LinkInvalid() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::edge::set_status(410);
    view! {
        <h1>"This link is no longer valid"</h1>
        <p>"A set-up link works once and for 24 hours. If no account was made yet, restart Gatehouse: it prints a new one."</p>
        <p>
            <a class="btn primary" href="/login">
                "Sign in"
            </a>
        </p>
    }
}

#[component]
fn SetupForm(set_up: ServerAction<SetUp>, token: String) -> impl IntoView {
    Effect::new(move |_| {
        if let Some(Ok(Ok(to))) = &*set_up.value().read() {
            leave_for(to);
        }
    });
    let problem = Signal::derive(move || problem_in(set_up.value()));
    let busy = move || set_up.pending().get() || matches!(&*set_up.value().read(), Some(Ok(Ok(_))));
    view! {
        <h1>"Set up Gatehouse"</h1>
        <p class="lead">"Make the first account. It may do everything; you invite others on the Users page."</p>
        <ActionForm action=set_up>
            <input type="hidden" name="token" value=token />
            <Field id="name" label="Name" error=message(problem, "name")>
                <input
                    id="name"
                    type="text"
                    name="name"
                    autocomplete="name"
                    required
                    autofocus
                    maxlength="100"
                    aria-describedby="name-help"
                />
            </Field>
            <Field id="email" label="Email" help="You sign in with it." error=message(problem, "email")>
                <input
                    id="email"
                    type="email"
                    name="email"
                    autocomplete="username"
                    required
                    maxlength="254"
                    aria-describedby="email-help"
                />
            </Field>
            <NewPassword problem />
            <FormError problem fields=&["name", "email", "password"] />
            <button class="btn primary wide" type="submit" disabled=busy>
                "Create account"
            </button>
        </ActionForm>
    }
}
