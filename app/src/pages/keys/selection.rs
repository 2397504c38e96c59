//! Which rows are chosen for what is done with many keys at once. The choice outlives paging and reloading.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use model::key::{KeyStatus, KeyView};
use model::{KeyId, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// What is told of a chosen key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// Whether it was used in the 24 hours before it was read.
    pub in_use: bool,
}

/// The chosen keys.
#[derive(Clone, Copy, Default)]
pub struct Selection {
    chosen: RwSignal<BTreeMap<KeyId, Chosen>>,
    /// The page's rows that can be chosen, in their order.
    page: RwSignal<Vec<(KeyId, Chosen)>>,
    /// The row that was clicked last: a click with Shift chooses all from there.
    last: StoredValue<Option<KeyId>>,
}

impl Selection {
    /// Takes the rows that are shown now. What is revoked can't be chosen.
    pub fn shows(self, keys: &[KeyView], now: Timestamp) {
        let today = now.before(Duration::from_hours(24));
        let rows = keys.iter().filter(|key| key.status != KeyStatus::Revoked).map(|key| {
            let in_use = key.last_used_at.is_some_and(|at| at > today);
            (key.id, Chosen { name: key.name.clone(), in_use })
        });
        self.page.set(rows.collect());
    }

    /// Reactive.
    pub fn all(self) -> RwSignal<BTreeMap<KeyId, Chosen>> {
        self.chosen
    }

    /// Reactive.
    pub fn holds(self, id: KeyId) -> bool {
        self.chosen.with(|chosen| chosen.contains_key(&id))
    }

    /// Reactive: whether every row of the page is chosen.
    fn holds_page(self) -> bool {
        self.page.with(|page| {
            !page.is_empty() && self.chosen.with(|chosen| page.iter().all(|(id, _)| chosen.contains_key(id)))
        })
    }

    /// Chooses nothing.
    pub fn clear(self) {
        self.chosen.set(BTreeMap::new());
    }

    /// No longer chooses this one.
    pub fn forget(self, id: KeyId) {
        self.chosen.update(|chosen| {
            chosen.remove(&id);
        });
    }

    fn set_page(self, on: bool) {
        let page = self.page.get_untracked();
        self.chosen.update(|chosen| set(chosen, &page, on));
    }

    /// Turns one, or with Shift all from the last one to it.
    fn turn(self, id: KeyId, on: bool, with_shift: bool) {
        let page = self.page.get_untracked();
        let at = |wanted: KeyId| page.iter().position(|(id, _)| *id == wanted);
        let last = self.last.get_value().filter(|_| with_shift).and_then(at);
        if let Some(here) = at(id) {
            let from = last.unwrap_or(here);
            let span = &page[from.min(here)..=from.max(here)];
            self.chosen.update(|chosen| set(chosen, span, on));
        }
        self.last.set_value(Some(id));
    }
}

fn set(chosen: &mut BTreeMap<KeyId, Chosen>, rows: &[(KeyId, Chosen)], on: bool) {
    for (id, row) in rows {
        if on {
            chosen.insert(*id, row.clone());
        } else {
            chosen.remove(id);
        }
    }
}

/// The header's tick: all on this page.
#[component]
pub fn ChooseAll(
    /// The chosen keys.
    selection: Selection,
) -> impl IntoView {
    view! {
        <th scope="col" class="tick">
            <input
                type="checkbox"
                aria-label="Select all on this page"
                autocomplete="off"
                prop:checked=move || selection.holds_page()
                on:change=move |event| selection.set_page(event_target_checked(&event))
            />
        </th>
    }
}

/// A row's tick.
#[component]
pub fn Choose(
    /// The chosen keys.
    selection: Selection,
    /// The row.
    id: KeyId,
    /// The key's name.
    name: String,
    /// What is revoked can't be chosen.
    revoked: bool,
) -> impl IntoView {
    let on_click = move |event: MouseEvent| {
        selection.turn(id, event_target_checked(&event), event.shift_key());
    };
    view! {
        <td class="tick">
            {(!revoked)
                .then(|| {
                    view! {
                        <input
                            type="checkbox"
                            aria-label=format!("Select {name}")
                            autocomplete="off"
                            prop:checked=move || selection.holds(id)
                            on:click=on_click
                        />
                    }
                })}
        </td>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_chooses_and_drops_all_between() {
        let owner = Owner::new();
        owner.set();
        let selection = Selection::default();
        let ids: Vec<KeyId> = (0..5).map(|nth| format!("7Hq2xV9mLw4{nth}").parse().unwrap()).collect();
        let row = |id: &KeyId| (*id, Chosen { name: id.to_string(), in_use: false });
        selection.page.set(ids.iter().map(row).collect());
        let chosen = || selection.chosen.with_untracked(|chosen| chosen.keys().copied().collect::<Vec<_>>());
        selection.turn(ids[3], true, false);
        selection.turn(ids[1], true, true);
        assert_eq!(chosen(), ids[1..=3]);
        assert!(!selection.holds_page());
        selection.turn(ids[2], false, true);
        assert_eq!(chosen(), [ids[3]]);
        selection.set_page(true);
        assert!(selection.holds_page());
        // Another page: what was chosen stays.
        selection.page.set(Vec::new());
        assert_eq!(chosen().len(), 5);
        selection.turn(ids[0], true, true);
        assert_eq!(chosen().len(), 5, "a row that is gone chooses nothing");
    }
}
