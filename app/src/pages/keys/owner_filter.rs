//! The filter by owner: an address to choose while there is none, and then whose keys these are.

use crate::components::filter::Chip;
use crate::components::people::{People, Suggestions};
use crate::error::AppError;
use crate::query::{use_goto, use_query};
use crate::viewer::{Dated, USERS_READ, may, use_viewer};
use leptos::either::EitherOf3;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Page;
use model::key::KeyView;
use web_sys::HtmlInputElement;

/// The filter. The name of who is chosen is taken from their keys.
#[component]
pub fn OwnerFilter(
    /// The list's keys.
    rows: Resource<Result<Dated<Page<KeyView>>, AppError>>,
) -> impl IntoView {
    let query = use_query();
    let viewer = use_viewer();
    let chosen = Memo::new(move |_| query.with(|query| query.get("owner").map(ToOwned::to_owned)));
    view! {
        <Transition fallback=|| ()>
            {move || {
                let chosen = chosen.get();
                Suspend::new(async move {
                    match chosen {
                        Some(id) => {
                            let rows = rows.await.map(|dated| dated.data.items).unwrap_or_default();
                            let is_theirs = |key: &KeyView| key.owner_id.as_ref().is_some_and(|owner| owner.as_str() == id);
                            let name = rows.into_iter().find(is_theirs).and_then(|key| key.owner_email).unwrap_or(id);
                            EitherOf3::A(view! { <Chip text=format!("Owner: {name}") name="owner" /> })
                        }
                        None if may(viewer, USERS_READ).await => EitherOf3::B(view! { <OwnerInput /> }),
                        None => EitherOf3::C(()),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn OwnerInput() -> impl IntoView {
    let goto = use_goto();
    let people = People::default();
    let mut look_up = people.on_typed();
    let choose = move |input: HtmlInputElement| {
        let typed = input.value();
        if typed.trim().is_empty() {
            return;
        }
        spawn_local(async move {
            if let Some(id) = people.find(typed).await {
                goto.push(|query| query.filtered("owner", Some(id.as_str())));
            } else {
                input.set_custom_validity("No user has this e-mail address. Choose one from the list.");
                input.report_validity();
            }
        });
    };
    view! {
        <div class="choice with-scripts">
            <label for="filter-owner">"Owner"</label>
            <input
                id="filter-owner"
                type="text"
                inputmode="email"
                list="filter-owner-people"
                autocomplete="off"
                spellcheck="false"
                autocapitalize="none"
                placeholder="anyone"
                on:input=move |event| {
                    let input: HtmlInputElement = event_target(&event);
                    input.set_custom_validity("");
                    look_up(input.value());
                }
                on:change=move |event| choose(event_target(&event))
            />
            <Suggestions id="filter-owner-people".to_owned() people />
        </div>
    }
}
