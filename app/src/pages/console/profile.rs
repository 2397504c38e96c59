//! One's own account: who one is, the password, the second factor, the sessions, how the page looks.

use crate::browser::keep_theme;
use crate::components::drawer::Fact;
use crate::components::field::{Field, FormError, message};
use crate::components::head::Head;
use crate::components::new_password::NEW_PASSWORD_HELP;
use crate::components::toast::use_toasts;
use crate::error::problem_in;
use crate::pages::second_factor::SecondFactorCard;
use crate::pages::sessions::{Sessions, tell_ended};
use crate::server_fns::session::ChangePassword;
use crate::server_fns::users::{EndSessions, list_sessions};
use crate::viewer::{Theme, use_viewer};
use leptos::html;
use leptos::prelude::*;

/// Account, password, second factor, sessions, appearance.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let viewer = use_viewer();
    view! {
        <Head title="Profile" />
        <section class="card pad form-card" aria-labelledby="account">
            <h2 id="account">"Account"</h2>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let user = viewer.await.ok().flatten()?.user;
                    Some(view! {
                        <dl>
                            <Fact name="Name">{user.name}</Fact>
                            <Fact name="Email">{user.email}</Fact>
                            <Fact name="Role">
                                <span class="tag">{user.role.to_string()}</span>
                            </Fact>
                            <Fact name="Organization Unit">
                                {user.organization_unit.unwrap_or_else(|| "none".to_owned())}
                            </Fact>
                        </dl>
                    })
                })}
            </Suspense>
        </section>
        <Password />
        <SecondFactorCard />
        <OwnSessions />
        <Appearance />
    }
}

#[component]
fn OwnSessions() -> impl IntoView {
    let viewer = use_viewer();
    let changed = RwSignal::new(0_u32);
    let sessions = Resource::new_blocking(
        move || changed.get(),
        move |_| async move {
            match viewer.await? {
                Some(viewer) => list_sessions(viewer.user.id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let ending = ServerAction::<EndSessions>::new();
    tell_ended(ending, move || changed.update(|times| *times += 1));
    view! {
        <section class="card pad form-card" aria-labelledby="sessions">
            <h2 id="sessions">"Sessions"</h2>
            <p>"Where you are signed in. End what you don\u{2019}t know, and change your password."</p>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let id = viewer.await.ok().flatten()?.user.id;
                    Some(view! { <Sessions id sessions ending may_end=true /> })
                })}
            </Suspense>
        </section>
    }
}

#[component]
fn Password() -> impl IntoView {
    let viewer = use_viewer();
    let toasts = use_toasts();
    let change = ServerAction::<ChangePassword>::new();
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if let Some(Ok(Ok(()))) = &*change.value().read() {
            if let Some(form) = form.get_untracked() {
                form.reset();
            }
            toasts.show("Your password is changed. Your other sessions have ended.");
        }
    });
    let problem = Signal::derive(move || problem_in(change.value()));
    view! {
        <section class="card pad form-card" aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <ActionForm action=change node_ref=form>
                // For password managers: whose password this is.
                <Suspense fallback=|| ()>
                    {move || Suspend::new(async move {
                        let email = viewer.await.ok().flatten()?.user.email;
                        Some(view! {
                            <input
                                class="hidden"
                                type="text"
                                autocomplete="username"
                                value=email
                                readonly
                                tabindex="-1"
                                aria-hidden="true"
                            />
                        })
                    })}
                </Suspense>
                <Field id="current-password" label="Current password" error=message(problem, "current_password")>
                    <input
                        id="current-password"
                        type="password"
                        name="current_password"
                        autocomplete="current-password"
                        required
                        maxlength="1024"
                        aria-describedby="current-password-help"
                    />
                </Field>
                <Field
                    id="new-password"
                    label="New password"
                    help=NEW_PASSWORD_HELP
                    error=message(problem, "new_password")
                >
                    <input
                        id="new-password"
                        type="password"
                        name="new_password"
                        autocomplete="new-password"
                        required
                        minlength="12"
                        maxlength="1024"
                        aria-describedby="new-password-help"
                    />
                </Field>
                <FormError problem fields=&["current_password", "new_password"] />
                <div class="actions">
                    <button class="btn primary" type="submit" disabled=change.pending()>
                        "Change password"
                    </button>
                </div>
            </ActionForm>
        </section>
    }
}

#[component]
fn Appearance() -> impl IntoView {
    let chosen = Theme::of_request();
    let choices = Theme::ALL
        .into_iter()
        .map(|theme| {
            view! {
                <label class="check">
                    <input
                        type="radio"
                        name="theme"
                        value=theme.as_str()
                        checked=theme == chosen
                        on:change=move |_| keep_theme(theme)
                    />
                    {theme.label()}
                </label>
            }
        })
        .collect_view();
    view! {
        <section class="card pad form-card with-scripts" aria-labelledby="appearance">
            <h2 id="appearance">"Appearance"</h2>
            <fieldset>
                <legend class="hidden">"Theme"</legend>
                {choices}
            </fieldset>
            <p class="sub">"Kept in this browser."</p>
        </section>
    }
}
