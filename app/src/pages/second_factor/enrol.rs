//! Enrolling, in two steps: the authenticator learns the secret and proves it, then the recovery codes are put away.

use super::codes::Codes;
use crate::components::bound::{BoundText, Typing};
use crate::components::copy::CopyButton;
use crate::components::field::{FormError, FormProblem, message};
use crate::error::{AppError, problem_in};
use crate::server_fns::second_factor::{EnrolSecondFactor, begin_second_factor};
use leptos::either::Either;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Problem;
use model::second_factor::{NewSecondFactor, QrImage, RecoveryCodes};

/// How far it is. Outside of everything that reloads; forgotten when it is over.
#[derive(Clone, Copy)]
pub struct Enrolling {
    new: RwSignal<Option<NewSecondFactor>>,
    refused: RwSignal<Option<Problem>>,
    password: RwSignal<String>,
    code: RwSignal<String>,
    action: ServerAction<EnrolSecondFactor>,
    codes: RwSignal<Option<RecoveryCodes>>,
    stored: RwSignal<bool>,
}

impl Default for Enrolling {
    fn default() -> Self {
        Self {
            new: RwSignal::new(None),
            refused: RwSignal::new(None),
            password: RwSignal::new(String::new()),
            code: RwSignal::new(String::new()),
            action: ServerAction::new(),
            codes: RwSignal::new(None),
            stored: RwSignal::new(false),
        }
    }
}

impl Enrolling {
    /// Asks for a secret.
    pub fn begin(self) {
        self.forget();
        spawn_local(async move {
            match begin_second_factor().await.unwrap_or_else(|AppError(problem)| Err(*problem)) {
                Ok(new) => drop(self.new.try_set(Some(new))),
                Err(problem) => drop(self.refused.try_set(Some(problem))),
            }
        });
    }

    /// Forgets what was shown and typed.
    pub fn forget(self) {
        self.new.set(None);
        self.refused.set(None);
        self.password.set(String::new());
        self.code.set(String::new());
        self.action.clear();
        self.codes.set(None);
        self.stored.set(false);
    }

    /// Whether it is done but for putting the codes away.
    pub fn has_codes(self) -> bool {
        self.codes.with(Option::is_some)
    }

    /// Whether closing would lose codes that nobody has stored, or an answer that is under way.
    pub fn is_locked(self) -> bool {
        self.action.pending().get() || (self.has_codes() && !self.stored.get())
    }

    fn submit(self) {
        let Some(new) = self.new.get_untracked() else { return };
        self.action.dispatch(EnrolSecondFactor {
            ticket: new.ticket,
            current_password: self.password.get_untracked(),
            code: self.code.get_untracked(),
        });
    }
}

/// The steps.
#[component]
pub fn EnrolSteps(
    /// Their state.
    enrolling: Enrolling,
    /// Called when the codes were put away.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let Enrolling { new, refused, action, codes, stored, .. } = enrolling;
    Effect::new(move |_| {
        if let Some(Ok(Ok(made))) = action.value().get() {
            // The secret has done its work.
            new.set(None);
            codes.set(Some(made));
        }
    });
    let problem = Signal::derive(move || refused.get().or_else(|| problem_in(action.value())));
    let finish = move |()| {
        enrolling.forget();
        on_done.run(());
    };
    move || {
        if enrolling.has_codes() {
            Either::Left(view! {
                <p class="told" role="status">
                    "Your second factor is on. Your other sessions have ended."
                </p>
                <Codes codes stored on_done=finish />
            })
        } else {
            Either::Right(view! { <Proof enrolling problem /> })
        }
    }
}

/// The secret, and the form that proves that an authenticator has it.
#[component]
fn Proof(enrolling: Enrolling, problem: FormProblem) -> impl IntoView {
    let Enrolling { new, password, code, action, .. } = enrolling;
    let secret = Signal::derive(move || {
        new.with(|new| new.as_ref().map(|new| new.secret.clone()).unwrap_or_default())
    });
    let shown = NodeRef::new();
    let qr = move || new.with(|new| new.as_ref().map(|new| view! { <Qr image=new.qr.clone() /> }));
    let uri = move || new.with(|new| new.as_ref().map(|new| new.uri.clone()));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !action.pending().get_untracked() {
            enrolling.submit();
        }
    };
    view! {
        <Show
            when=move || new.with(Option::is_some)
            fallback=move || view! { <FormError problem /> }
        >
            <p>"Scan this with an authenticator app, or type the key into it."</p>
            {qr}
            <div class="secret">
                <code node_ref=shown aria-label="Key">
                    {move || grouped(&secret.read())}
                </code>
                <CopyButton text=secret label="Copy key" shown_in=shown />
            </div>
            <p class="sub">
                <a href=uri rel="external">
                    "Open in an app on this device"
                </a>
            </p>
            <form class="long" method="dialog" novalidate on:submit=submit>
                <BoundText
                    id="second-factor-code"
                    label="Code"
                    help="The six digits that the app shows now."
                    error=message(problem, "code")
                    value=code
                    typing=Typing::Code
                    required=true
                />
                <BoundText
                    id="second-factor-password"
                    label="Current password"
                    error=message(problem, "current_password")
                    value=password
                    typing=Typing::Password
                    required=true
                />
                <FormError problem fields=&["code", "current_password"] />
                <button
                    class="btn primary wide"
                    type="submit"
                    disabled=action.pending()
                    aria-busy=move || action.pending().get().then_some("true")
                >
                    "Turn on"
                </button>
            </form>
        </Show>
    }
}

/// Dark on white in either theme: not every reader knows the other way round.
#[component]
fn Qr(image: QrImage) -> impl IntoView {
    let view_box = format!("0 0 {0} {0}", image.size);
    view! {
        <svg class="qr" viewBox=view_box role="img" aria-label="QR code of the key" shape-rendering="crispEdges">
            <path d=image.path />
        </svg>
    }
}

/// Four letters at a time.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_in_groups() {
        assert_eq!(grouped("ABCDEFGH23"), "ABCD EFGH 23");
        assert_eq!(grouped(""), "");
    }
}
