//! What is done to many at once: asked first, then some at a time with a bar and a way to stop, and a result for each.

use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::field::{FormError, FormProblem};
use crate::error::{Answer, AppError};
use crate::format::{as_count, count};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Problem;
use std::future::Future;

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Being asked.
    #[default]
    Asking,
    /// Being done.
    Running,
    /// Done, stopped or failed.
    Over,
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it is called.
    pub name: String,
    /// What was done, or why it wasn't.
    pub text: String,
    /// Whether it wasn't.
    pub failed: bool,
}

/// The dialog's state. Lives beside the list and not inside it.
#[derive(Clone, Copy, Default)]
pub struct Bulk {
    dialog: DialogHandle,
    stage: RwSignal<Stage>,
    /// How many there are to do.
    total: RwSignal<usize>,
    outcomes: RwSignal<Vec<Outcome>>,
    stopped: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
}

impl Bulk {
    /// Opens it for so many, to be asked about.
    pub fn ask(self, total: usize) {
        self.stage.set(Stage::Asking);
        self.total.set(total);
        self.outcomes.set(Vec::new());
        self.stopped.set(false);
        self.problem.set(None);
        self.dialog.open();
    }

    /// Its dialog.
    pub fn dialog(self) -> DialogHandle {
        self.dialog
    }

    /// How many there are to do. Reactive.
    pub fn total(self) -> usize {
        self.total.get()
    }

    /// What is wrong with what was sent.
    pub fn problem(self) -> FormProblem {
        self.problem.into()
    }

    /// Does `deed` to all of them, so many at a time.
    pub fn run<T, R>(self, all: Vec<T>, at_a_time: usize, deed: impl Fn(Vec<T>) -> R + 'static)
    where
        T: Clone + 'static,
        R: Future<Output = Result<Answer<Vec<Outcome>>, AppError>> + 'static,
    {
        self.problem.set(None);
        self.stage.set(Stage::Running);
        spawn_local(async move {
            for some in all.chunks(at_a_time) {
                // Where the page was left, nobody sees the rest, and nothing more is done unseen.
                if self.stopped.try_get_untracked() != Some(false) {
                    break;
                }
                match deed(some.to_vec()).await {
                    Ok(Ok(done)) => {
                        let _ = self.outcomes.try_update(|outcomes| outcomes.extend(done));
                    }
                    Ok(Err(problem)) => return self.refused(problem),
                    Err(AppError(problem)) => return self.refused(*problem),
                }
            }
            let _ = self.stage.try_set(Stage::Over);
        });
    }

    /// Nothing was done of this chunk. What is wrong with a field is told where it is typed.
    fn refused(self, problem: Problem) {
        let Some(begun) = self.outcomes.try_with_untracked(|outcomes| !outcomes.is_empty()) else { return };
        self.problem.set(Some(problem));
        self.stage.set(if begun { Stage::Over } else { Stage::Asking });
    }
}

/// The dialog: what asks, and then how far it is.
#[component]
pub fn BulkDialog(
    /// Its state.
    bulk: Bulk,
    /// The element's id.
    id: &'static str,
    /// The heading.
    title: Signal<String>,
    /// What each is: "Key".
    one: &'static str,
    /// Called when it is closed after something was done: lists have to be read anew.
    on_done: Callback<()>,
    /// What asks, with the buttons.
    children: ChildrenFn,
) -> impl IntoView {
    let Bulk { dialog, stage, outcomes, .. } = bulk;
    let running = Signal::derive(move || stage.get() == Stage::Running);
    let on_close = move |()| {
        if !outcomes.read_untracked().is_empty() {
            on_done.run(());
        }
    };
    view! {
        <Dialog handle=dialog id title locked=running on_close>
            <Show when=move || stage.get() == Stage::Asking fallback=move || view! { <Progress bulk one /> }>
                {children()}
            </Show>
        </Dialog>
    }
}

#[component]
fn Progress(bulk: Bulk, one: &'static str) -> impl IntoView {
    let Bulk { dialog, stage, total, outcomes, stopped, problem } = bulk;
    let done = move || outcomes.read().len();
    let words = move || {
        let failed = outcomes.read().iter().filter(|outcome| outcome.failed).count();
        progress(done(), total.get(), failed, stage.get() == Stage::Running, stopped.get())
    };
    let caption = format!("Result for each {}", one.to_lowercase());
    let label = caption.clone();
    view! {
        <p role="status">{words}</p>
        <progress aria-label="Progress" max=move || total.get().to_string() value=move || done().to_string()></progress>
        <FormError problem=problem.into() />
        <div class="table-wrap results" tabindex="0" role="region" aria-label=label>
            <table class="figures">
                <caption class="hidden">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">{one}</th>
                        <th scope="col">"Result"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || outcomes.get().into_iter().enumerate()
                        key=|(nth, _)| *nth
                        children=|(_, Outcome { name, text, failed })| {
                            view! {
                                <tr>
                                    <th scope="row">{name}</th>
                                    <td class:field-error=failed>{text}</td>
                                </tr>
                            }
                        }
                    />
                </tbody>
            </table>
        </div>
        <div class="actions">
            <Show
                when=move || stage.get() == Stage::Running
                fallback=move || {
                    view! {
                        <button class="btn primary" type="button" on:click=move |_| dialog.close()>
                            "Done"
                        </button>
                    }
                }
            >
                <button class="btn" type="button" disabled=stopped on:click=move |_| stopped.set(true)>
                    "Stop"
                </button>
            </Show>
        </div>
    }
}

/// "40 of 120 done, 2 failed, stopping."
fn progress(done: usize, total: usize, failed: usize, running: bool, stopped: bool) -> String {
    let number = |number| count(as_count(number));
    let failed = if failed == 0 { String::new() } else { format!(", {} failed", number(failed)) };
    let end = match (running, stopped) {
        (true, true) => ", stopping",
        (false, _) if done < total => ", stopped: the others are as they were",
        _ => "",
    };
    format!("{} of {} done{failed}{end}.", number(done), number(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_in_words() {
        assert_eq!(progress(0, 1_200, 0, true, false), "0 of 1,200 done.");
        assert_eq!(progress(20, 40, 1, true, true), "20 of 40 done, 1 failed, stopping.");
        assert_eq!(progress(40, 40, 0, false, true), "40 of 40 done.");
        let stopped = "20 of 40 done, 2 failed, stopped: the others are as they were.";
        for asked_to in [true, false] {
            assert_eq!(progress(20, 40, 2, false, asked_to), stopped, "a failed call stops it too");
        }
    }
}
