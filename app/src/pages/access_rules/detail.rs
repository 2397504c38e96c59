//! The drawer of one access rule.

use super::form::RuleEditor;
use super::remove::Removing;
use super::sentence::{sentence, whom};
use super::table::kind;
use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::components::when::WhenExact;
use crate::pages::keys::words::limits;
use crate::query::use_goto;
use crate::viewer::Dated;
use leptos::either::Either;
use leptos::prelude::*;
use model::access::AccessRuleView;

/// The drawer.
#[component]
pub fn RuleDrawer(
    /// The rule.
    detail: Dated<AccessRuleView>,
    /// Whether the viewer may change it.
    may_write: bool,
    /// Changes it.
    editor: RuleEditor,
    /// Removes it.
    removing: Removing,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("rule", None)));
    let Dated { now, data } = detail;
    let AccessRuleView { rule, scope_name } = data.clone();
    let buttons = may_write.then(|| {
        let edited = data.clone();
        view! {
            <div class="actions with-scripts">
                <button class="btn danger" type="button" on:click=move |_| removing.ask(data.clone())>
                    "Delete"
                </button>
                <button class="btn" type="button" on:click=move |_| editor.edit(edited.clone())>
                    "Edit"
                </button>
            </div>
        }
    });
    let words = |list: Vec<String>, none: &'static str| {
        if list.is_empty() {
            return Either::Left(none);
        }
        let tags = list.into_iter().map(|word| view! { <span class="tag">{word}</span> }).collect_view();
        Either::Right(view! { <span class="badges">{tags}</span> })
    };
    let allowed = match &rule.allowed_models {
        None => words(Vec::new(), "all"),
        Some(patterns) => words(patterns.iter().map(ToString::to_string).collect(), "none"),
    };
    let denied = words(rule.denied_models.iter().map(ToString::to_string).collect(), "none");
    let providers = match &rule.allowed_providers {
        None => words(Vec::new(), "all"),
        Some(names) => words(names.iter().map(ToString::to_string).collect(), "none"),
    };
    let locked = rule.locked.then(|| {
        view! {
            <Fact name="Changed by">
                "the installation's operators"
                <span class="sub">"A tenant's own administrators can't change or delete it."</span>
            </Fact>
        }
    });
    view! {
        <Drawer title=whom(&rule.scope, scope_name.as_deref()) close>
            <p>{sentence(&rule, scope_name.as_deref())}</p>
            <dl>
                <Fact name="About">
                    {kind(&rule.scope)} <span class="sub"><code>{rule.scope.value().to_owned()}</code></span>
                </Fact>
                <Fact name="Models">{allowed}</Fact>
                <Fact name="Never">{denied}</Fact>
                <Fact name="Providers">{providers}</Fact>
                <Fact name="Limits">{limits(&rule.rate_limits)}</Fact>
                <Fact name="Created">
                    <WhenExact at=rule.created_at now />
                    <span class="sub">{format!("by {}", rule.created_by)}</span>
                </Fact>
                {locked}
            </dl>
            <p class="sub">
                "It adds to a key's own lists and to every other rule about the same key: all of them must permit a call, and a limit is shared by all requests that it is about."
            </p>
            <HistoryLink kind="access_rule" id=rule.id.to_string() />
            {buttons}
        </Drawer>
    }
}
