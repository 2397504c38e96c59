//! The state of a form that makes or changes something, and of the question before something is removed. Both live beside
//! a list and not inside it: what is typed there outlives a reload.

use crate::components::dialog::DialogHandle;
use crate::components::field::FormProblem;
use crate::error::{Answer, AppError, problem_in};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::Problem;
use std::marker::PhantomData;

/// A server function that answers a form with `N`.
pub trait Call<N>: ServerFn<Output = Answer<N>, Error = AppError> + Clone + Send + Sync + 'static {}

impl<N, S> Call<N> for S where
    S: ServerFn<Output = Answer<N>, Error = AppError> + Clone + Send + Sync + 'static
{
}

/// A form that makes a `T` with `C` or changes one with `U`.
pub struct Editing<T: 'static, N: 'static, C: Call<N>, U: Call<N>> {
    dialog: DialogHandle,
    before: RwSignal<Option<T>>,
    mistyped: RwSignal<Option<Problem>>,
    create: ServerAction<C>,
    change: ServerAction<U>,
    answers: PhantomData<fn() -> N>,
}

impl<T, N, C: Call<N>, U: Call<N>> Clone for Editing<T, N, C, U> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, N, C: Call<N>, U: Call<N>> Copy for Editing<T, N, C, U> {}

impl<T, N, C, U> Editing<T, N, C, U>
where
    T: Send + Sync + 'static,
    N: Clone + Send + Sync + 'static,
    C: Call<N>,
    U: Call<N>,
{
    /// Closed, for something new.
    pub fn new() -> Self {
        Self {
            dialog: DialogHandle::new(),
            before: RwSignal::new(None),
            mistyped: RwSignal::new(None),
            create: ServerAction::new(),
            change: ServerAction::new(),
            answers: PhantomData,
        }
    }

    /// The dialog.
    pub fn dialog(self) -> DialogHandle {
        self.dialog
    }

    /// What is changed; `None`: something new is made.
    pub fn before(self) -> RwSignal<Option<T>> {
        self.before
    }

    /// Whether something is changed.
    pub fn changes(self) -> Signal<bool> {
        Signal::derive(move || self.before.with(Option::is_some))
    }

    /// The dialog's title and the verb on its button: `create`, e.g. "Create model", or "Edit" with the name, and "Save".
    pub fn words(
        self,
        create: &'static str,
        name: impl Fn(&T) -> String + Send + Sync + 'static,
    ) -> (Signal<String>, Signal<String>) {
        let title = move || {
            self.before.with(|before| match before {
                Some(before) => format!("Edit {}", name(before)),
                None => create.to_owned(),
            })
        };
        let changes = self.changes();
        let verb = move || if changes.get() { "Save" } else { create }.to_owned();
        (Signal::derive(title), Signal::derive(verb))
    }

    /// Opens it; its fields were filled before.
    pub fn open(self, before: Option<T>) {
        self.before.set(before);
        self.clear();
        self.dialog.open();
    }

    /// Sends what was typed, or says what can't be read.
    pub fn submit(
        self,
        create: impl FnOnce() -> Result<C, Problem>,
        change: impl FnOnce(&T) -> Result<U, Problem>,
    ) {
        self.clear();
        let sent = self.before.with_untracked(|before| match before {
            None => create().map(|call| drop(self.create.dispatch(call))),
            Some(before) => change(before).map(|call| drop(self.change.dispatch(call))),
        });
        self.mistyped.set(sent.err());
    }

    /// What is wrong.
    pub fn problem(self) -> FormProblem {
        Signal::derive(move || {
            let of_create = || problem_in(self.create.value());
            let of_change = || problem_in(self.change.value());
            self.mistyped.get().or_else(of_create).or_else(of_change)
        })
    }

    /// Whether it is being sent.
    pub fn pending(self) -> Signal<bool> {
        Signal::derive(move || self.create.pending().get() || self.change.pending().get())
    }

    /// Calls `then` with what was saved and whether it is new. The dialog is closed by then.
    pub fn on_saved(self, then: impl Fn(N, bool) + Copy + 'static) {
        let saved = move |value: N, is_new| {
            self.clear();
            self.dialog.close();
            then(value, is_new);
        };
        Effect::new(move |_| {
            if let Some(Ok(Ok(value))) = self.create.value().get() {
                saved(value, true);
            }
        });
        Effect::new(move |_| {
            if let Some(Ok(Ok(value))) = self.change.value().get() {
                saved(value, false);
            }
        });
    }

    fn clear(self) {
        self.mistyped.set(None);
        self.create.clear();
        self.change.clear();
    }
}

impl<T, N, C, U> Default for Editing<T, N, C, U>
where
    T: Send + Sync + 'static,
    N: Clone + Send + Sync + 'static,
    C: Call<N>,
    U: Call<N>,
{
    fn default() -> Self {
        Self::new()
    }
}

/// The question before a `T` is removed with `R`.
pub struct Removing<T: 'static, N: 'static, R: Call<N>> {
    dialog: DialogHandle,
    target: RwSignal<Option<T>>,
    action: ServerAction<R>,
    answers: PhantomData<fn() -> N>,
}

impl<T, N, R: Call<N>> Clone for Removing<T, N, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, N, R: Call<N>> Copy for Removing<T, N, R> {}

impl<T, N, R> Removing<T, N, R>
where
    T: Send + Sync + 'static,
    N: Clone + Send + Sync + 'static,
    R: Call<N>,
{
    /// Nothing is asked yet.
    pub fn new() -> Self {
        Self {
            dialog: DialogHandle::new(),
            target: RwSignal::new(None),
            action: ServerAction::new(),
            answers: PhantomData,
        }
    }

    /// Asks about this one.
    pub fn ask(self, target: T) {
        self.action.clear();
        self.target.set(Some(target));
        self.dialog.open();
    }

    /// The dialog.
    pub fn dialog(self) -> DialogHandle {
        self.dialog
    }

    /// What is asked about.
    pub fn target(self) -> RwSignal<Option<T>> {
        self.target
    }

    /// Removes it.
    pub fn confirm(self, call: impl FnOnce(&T) -> R) {
        if let Some(call) = self.target.with_untracked(|target| target.as_ref().map(call)) {
            self.action.dispatch(call);
        }
    }

    /// Why it was refused.
    pub fn problem(self) -> FormProblem {
        Signal::derive(move || problem_in(self.action.value()))
    }

    /// Whether it is being removed.
    pub fn pending(self) -> Memo<bool> {
        self.action.pending()
    }

    /// Calls `then` when it was removed. The dialog is closed by then.
    pub fn on_removed(self, then: impl Fn(N) + 'static) {
        Effect::new(move |_| {
            if let Some(Ok(Ok(value))) = self.action.value().get() {
                self.dialog.close();
                then(value);
            }
        });
    }
}

impl<T, N, R> Default for Removing<T, N, R>
where
    T: Send + Sync + 'static,
    N: Clone + Send + Sync + 'static,
    R: Call<N>,
{
    fn default() -> Self {
        Self::new()
    }
}
