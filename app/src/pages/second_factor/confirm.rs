//! What asks for password and code once more: new recovery codes, and turning the second factor off.

use super::codes::Codes;
use crate::components::bound::{BoundText, Typing};
use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::field::message;
use crate::components::form_dialog::FormDialog;
use crate::error::problem_in;
use crate::server_fns::second_factor::{RemoveSecondFactor, RenewRecoveryCodes};
use leptos::prelude::*;
use model::second_factor::RecoveryCodes;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wish {
    #[default]
    Codes,
    Off,
}

/// The state of both dialogs. Outside of everything that reloads.
#[derive(Clone, Copy)]
pub struct Confirming {
    asking: DialogHandle,
    showing: DialogHandle,
    wish: RwSignal<Wish>,
    password: RwSignal<String>,
    code: RwSignal<String>,
    renew: ServerAction<RenewRecoveryCodes>,
    remove: ServerAction<RemoveSecondFactor>,
    codes: RwSignal<Option<RecoveryCodes>>,
    stored: RwSignal<bool>,
}

impl Default for Confirming {
    fn default() -> Self {
        Self {
            asking: DialogHandle::new(),
            showing: DialogHandle::new(),
            wish: RwSignal::default(),
            password: RwSignal::default(),
            code: RwSignal::default(),
            renew: ServerAction::new(),
            remove: ServerAction::new(),
            codes: RwSignal::new(None),
            stored: RwSignal::new(false),
        }
    }
}

impl Confirming {
    /// Asks before making new recovery codes.
    pub fn renew_codes(self) {
        self.ask(Wish::Codes);
    }

    /// Asks before turning the second factor off.
    pub fn turn_off(self) {
        self.ask(Wish::Off);
    }

    fn ask(self, wish: Wish) {
        self.wish.set(wish);
        self.clear();
        self.asking.open();
    }

    fn clear(self) {
        self.password.set(String::new());
        self.code.set(String::new());
        self.renew.clear();
        self.remove.clear();
        self.stored.set(false);
    }

    fn submit(self) {
        let (current_password, code) = (self.password.get_untracked(), self.code.get_untracked());
        match self.wish.get_untracked() {
            Wish::Codes => drop(self.renew.dispatch(RenewRecoveryCodes { current_password, code })),
            Wish::Off => drop(self.remove.dispatch(RemoveSecondFactor { current_password, code })),
        }
    }
}

/// The dialogs.
#[component]
pub fn ConfirmDialogs(
    /// Their state.
    confirming: Confirming,
    /// Called with what was done.
    #[prop(into)]
    on_changed: Callback<&'static str>,
) -> impl IntoView {
    let Confirming { asking, showing, wish, password, code, renew, remove, codes, stored } = confirming;
    Effect::new(move |_| {
        if let Some(Ok(Ok(made))) = renew.value().get() {
            codes.set(Some(made));
            asking.close();
            showing.open();
            on_changed.run("Your old recovery codes work no longer.");
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(Ok(()))) = remove.value().get() {
            asking.close();
            on_changed.run("Your second factor is off. Your other sessions have ended.");
        }
    });
    let problem = Signal::derive(move || {
        let of_renew = || problem_in(renew.value());
        let of_remove = || problem_in(remove.value());
        of_renew().or_else(of_remove)
    });
    let pick = move |of_codes: &'static str, off: &'static str| {
        Signal::derive(move || if wish.get() == Wish::Codes { of_codes } else { off }.to_owned())
    };
    let meaning = pick(
        "Ten new codes take the place of those that you have.",
        "A password alone signs you in again, and your recovery codes work no longer.",
    );
    let pending = Signal::derive(move || renew.pending().get() || remove.pending().get());
    view! {
        <FormDialog
            handle=asking
            id="second-factor-confirm"
            title=pick("New recovery codes", "Turn off the second factor")
            verb=pick("Make new codes", "Turn off")
            problem
            fields=&["current_password", "code"]
            pending
            on_submit=move |()| confirming.submit()
            on_close=move |()| confirming.clear()
        >
            <p>{meaning}</p>
            <BoundText
                id="confirm-password"
                label="Current password"
                error=message(problem, "current_password")
                value=password
                typing=Typing::Password
                required=true
            />
            <BoundText
                id="confirm-code"
                label="Code"
                help="The six digits that your authenticator shows now, or a recovery code."
                error=message(problem, "code")
                value=code
                typing=Typing::Code
                required=true
            />
        </FormDialog>
        <Dialog
            handle=showing
            id="recovery-codes"
            title=Signal::derive(|| "Recovery codes".to_owned())
            locked=Signal::derive(move || codes.with(Option::is_some) && !stored.get())
            on_close=Callback::new(move |()| codes.set(None))
        >
            <Codes codes stored on_done=move |()| showing.close() />
        </Dialog>
    }
}
