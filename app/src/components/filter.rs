//! The filter bar: a GET form, so that it works without scripts; with them it searches while one types.

use crate::query::use_goto;
use leptos::ev;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::key_token::redact_search;
use std::time::Duration;

/// How long one must stop typing before the search goes out.
const PAUSE: Duration = Duration::from_millis(150);

/// The form around search and filters. What else is in the address (`kept`) stays when it is sent without scripts.
#[component]
pub fn FilterBar(
    /// What is filtered, for people who hear the page.
    label: &'static str,
    /// Names of parts of the address that the form has no control for.
    kept: &'static [&'static str],
    /// Search field, filters and chips.
    children: Children,
) -> impl IntoView {
    let goto = use_goto();
    let location = use_location();
    let hidden = move || {
        let held =
            |name: &&'static str| goto.query().with(|query| query.get(name).map(|v| (*name, v.to_owned())));
        kept.iter()
            .filter_map(held)
            .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
            .collect_view()
    };
    view! {
        <form
            class="bar"
            role="search"
            method="get"
            action=move || location.pathname.get()
            aria-label=label
            on:submit=|event: ev::SubmitEvent| event.prevent_default()
        >
            {children()}
            {hidden}
            <button class="btn without-scripts" type="submit">
                "Apply"
            </button>
        </form>
    }
}

/// The search field. A pasted key is cut to its public part before anything is sent.
#[component]
pub fn Search(
    /// The label, also shown inside while it is empty.
    label: &'static str,
) -> impl IntoView {
    let goto = use_goto();
    let in_address =
        Memo::new(move |_| goto.query().with(|query| query.get("q").unwrap_or_default().to_owned()));
    let text = RwSignal::new(in_address.get_untracked());
    // Back, a shared link or "Clear filters" changed the address: the field follows. The comparison leaves alone what
    // was typed while the last search was on its way.
    let sent = StoredValue::new(in_address.get_untracked());
    Effect::new(move |_| {
        let now = in_address.get();
        if sent.get_value() != now {
            sent.set_value(now.clone());
            text.set(now);
        }
    });
    let search = move |typed: String| {
        let typed = typed.trim().to_owned();
        if sent.get_value() != typed {
            sent.set_value(typed.clone());
            goto.replace(|query| query.filtered("q", Some(&typed)));
        }
    };
    let mut search_soon = debounce(PAUSE, search);
    let on_input = move |event| {
        let typed = event_target_value(&event);
        let harmless = redact_search(&typed);
        text.set(harmless.clone());
        search_soon(harmless);
    };
    view! {
        <div class="search">
            <label class="hidden" for="search">
                {label}
            </label>
            <input
                id="search"
                type="search"
                name="q"
                placeholder=label
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
                value=text.get_untracked()
                prop:value=move || text.get()
                on:input=on_input
            />
            <kbd aria-hidden="true">"/"</kbd>
        </div>
    }
}

/// A filter with a few choices. What isn't in the address is the default: the first one, whose value is empty and stands
/// for "not filtered", unless `default` names another.
#[component]
pub fn Choice(
    /// The label.
    label: &'static str,
    /// Its name in the address.
    name: &'static str,
    /// Value and word of each choice.
    choices: Vec<(&'static str, &'static str)>,
    /// The value that counts while the address has none.
    #[prop(default = "")]
    default: &'static str,
    /// More choices that are their own words: names that people gave.
    #[prop(optional)]
    more: Vec<String>,
) -> impl IntoView {
    let goto = use_goto();
    let chosen = Memo::new(move |_| goto.query().with(|query| query.get(name).unwrap_or(default).to_owned()));
    let id = format!("filter-{name}");
    view! {
        <div class="choice" class:set=move || *chosen.read() != default>
            <label for=id.clone()>{label}</label>
            <select
                id=id
                name=name
                autocomplete="off"
                prop:value=move || chosen.get()
                on:change=move |event| {
                    let value = event_target_value(&event);
                    goto.push(|query| query.filtered(name, Some(&value)));
                }
            >
                {choices
                    .into_iter()
                    .map(|(value, word)| (value.to_owned(), word.to_owned()))
                    .chain(more.into_iter().map(|name| (name.clone(), name)))
                    .map(|(value, word)| {
                        let id = value.clone();
                        view! {
                            <option value=value selected=move || *chosen.read() == id>
                                {word}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}

/// A filter by a day.
#[component]
pub fn Day(
    /// The label.
    label: &'static str,
    /// Its name in the address.
    name: &'static str,
) -> impl IntoView {
    let goto = use_goto();
    let chosen =
        Memo::new(move |_| goto.query().with(|query| query.get(name).unwrap_or_default().to_owned()));
    let id = format!("filter-{name}");
    view! {
        <div class="choice" class:set=move || !chosen.read().is_empty()>
            <label for=id.clone()>{label}</label>
            <input
                id=id
                type="date"
                name=name
                autocomplete="off"
                value=chosen.get_untracked()
                prop:value=move || chosen.get()
                on:change=move |event| {
                    let value = event_target_value(&event);
                    goto.push(|query| query.filtered(name, Some(&value)));
                }
            />
        </div>
    }
}

/// A filter that was set elsewhere (a tenant, an owner): what it is, and the way to take it off.
#[component]
pub fn Chip(
    /// What is filtered: "Owner: Ada".
    #[prop(into)]
    text: String,
    /// Its name in the address.
    name: &'static str,
) -> impl IntoView {
    let goto = use_goto();
    view! {
        <a
            class="chip"
            href=move || goto.href(|query| query.filtered(name, None))
            aria-label=format!("Remove filter {text}")
            data-noscroll=""
        >
            {text.clone()}
            <span aria-hidden="true">"✕"</span>
        </a>
    }
}
