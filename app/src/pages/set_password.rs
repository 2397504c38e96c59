//! Setting a password by a one-time link: an invitation, or a new one.

use crate::browser::leave_for;
use crate::components::failure::Failure;
use crate::components::field::{Field, FormError};
use crate::components::lone_card::LoneCard;
use crate::components::new_password::NewPassword;
use crate::error::{AppError, problem_in};
use crate::query::use_query;
use crate::server_fns::session::{UseAccountLink, read_account_link};
use leptos::either::EitherOf3;
use leptos::prelude::*;
use model::Problem;
use model::user::{AccountLinkKind, AccountLinkView};

/// Asks for a password while the link is good.
#[component]
pub fn SetPasswordPage() -> impl IntoView {
    let query = use_query();
    let token = Memo::new(move |_| query.with(|query| query.get("token").unwrap_or_default().to_owned()));
    let link = Resource::new_blocking(move || token.get(), read_account_link);
    // The action lives out here: what was typed and what was wrong with it outlives a look at the link.
    let action = ServerAction::<UseAccountLink>::new();
    view! {
        <LoneCard title="Set password">
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    match link.await {
                        Ok(Ok(link)) => {
                            EitherOf3::A(view! { <PasswordForm action link token=token.get_untracked() /> })
                        }
                        Ok(Err(problem)) => EitherOf3::B(view! { <LinkInvalid problem /> }),
                        Err(AppError(problem)) if problem.status == 410 => {
                            EitherOf3::B(view! { <LinkInvalid problem=*problem /> })
                        }
                        Err(error) => EitherOf3::C(view! { <Failure error whole_page=true /> }),
                    }
                })}
            </Suspense>
        </LoneCard>
    }
}

#[component]
fn LinkInvalid(problem: Problem) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::edge::set_status(410);
    view! {
        <h1>"This link doesn't work"</h1>
        <p>{problem.detail.unwrap_or(problem.title).into_owned()}</p>
        <p>"Such a link works once and for 24 hours. Ask whoever gave it to you for a new one."</p>
        <p>
            <a class="btn primary" href="/login">
                "Sign in"
            </a>
        </p>
    }
}

#[component]
fn PasswordForm(action: ServerAction<UseAccountLink>, link: AccountLinkView, token: String) -> impl IntoView {
    Effect::new(move |_| {
        if let Some(Ok(Ok(to))) = &*action.value().read() {
            leave_for(to);
        }
    });
    let problem = Signal::derive(move || problem_in(action.value()));
    let busy = move || action.pending().get() || matches!(&*action.value().read(), Some(Ok(Ok(_))));
    let (heading, lead) = match link.kind {
        AccountLinkKind::Invite => ("Welcome to Gatehouse", "Set the password of your account."),
        AccountLinkKind::Reset => {
            ("Set a new password", "It takes the place of the one that you have. All sessions end.")
        }
    };
    view! {
        <h1>{heading}</h1>
        <p class="lead">{lead}</p>
        <ActionForm action>
            <input type="hidden" name="token" value=token />
            // Password managers store the password with it.
            <Field id="email" label="Email" help=link.name>
                <input
                    id="email"
                    type="email"
                    autocomplete="username"
                    readonly
                    value=link.email
                    aria-describedby="email-help"
                />
            </Field>
            <NewPassword problem first=true />
            <FormError problem fields=&["password"] />
            <button class="btn primary wide" type="submit" disabled=busy>
                "Set password"
            </button>
        </ActionForm>
    }
}
