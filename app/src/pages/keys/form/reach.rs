//! What a key may call, from where, and whether its requests must name their conversation.

use crate::components::form::{AllOrThese, Form, Section, Tick, Ticks};
use crate::components::tokens::TokenField;
use crate::pages::keys::words;
use leptos::either::Either;
use leptos::prelude::*;
use model::ProviderName;
use model::api_action::ApiAction;
use model::catalog::ModelLabel;
use model::id::ModelPattern;
use model::ip_range::IpRange;
use model::key::{KeyKind, KeyScope};
use std::fmt::Display;
use std::str::FromStr;

fn texts<T: ToString>(list: Option<&Vec<T>>) -> Vec<String> {
    list.into_iter().flatten().map(ToString::to_string).collect()
}

fn check<T: FromStr<Err: Display>>(word: &str) -> Option<String> {
    word.parse::<T>().err().map(|error| error.to_string())
}

/// Actions, models, labels, providers. A standard key has none of these lists.
#[component]
pub fn Reach(
    /// The form.
    form: Form,
    /// Restricted or standard.
    kind: KeyKind,
    /// What is set now.
    scope: KeyScope,
) -> impl IntoView {
    const FIELDS: &[&str] =
        &["allowed_actions", "allowed_models", "denied_models", "allowed_model_labels", "allowed_providers"];
    if kind == KeyKind::Standard {
        return Either::Left(view! {
            <Section form title="What it may call" summary="everything of its tenant" fields=FIELDS>
                <p>
                    "A standard key reaches everything that its tenant may, so it has no lists of its own: \
                     narrow the tenant by access rules, or issue a restricted key."
                </p>
            </Section>
        });
    }
    let ticked = scope.allowed_actions.iter().flatten().map(|action| action.as_str()).collect();
    Either::Right(view! {
        <Section form title="What it may call" summary=words::reach(&scope) fields=FIELDS>
            <AllOrThese
                field="allowed_actions"
                legend="Actions"
                all="All"
                these="Only these"
                listed=scope.allowed_actions.is_some()
            >
                <Ticks
                    form
                    field="allowed_actions"
                    label="Allowed actions"
                    words=ApiAction::ALL.map(ApiAction::as_str).to_vec()
                    chosen=ticked
                />
            </AllOrThese>
            <AllOrThese
                field="allowed_models"
                legend="Models"
                all="All"
                these="Only these"
                listed=scope.allowed_models.is_some()
            >
                <TokenField
                    form
                    field="allowed_models"
                    label="Allowed models"
                    help="One on each line, or commas between. * stands for any characters: gpt-4o*. No entry: none."
                    words=texts(scope.allowed_models.as_ref())
                    check={check::<ModelPattern>}
                />
            </AllOrThese>
            <TokenField
                form
                field="denied_models"
                label="Denied models"
                help="Wins over everything that allows."
                words=texts(Some(&scope.denied_models))
                check={check::<ModelPattern>}
            />
            <AllOrThese
                field="allowed_model_labels"
                legend="Models by label"
                all="Any label, or none"
                these="Only with one of these"
                listed=scope.allowed_model_labels.is_some()
            >
                <TokenField
                    form
                    field="allowed_model_labels"
                    label="Allowed labels"
                    help="Words that models are marked with, e.g. eu-hosted."
                    words=texts(scope.allowed_model_labels.as_ref())
                    check={check::<ModelLabel>}
                />
            </AllOrThese>
            <AllOrThese
                field="allowed_providers"
                legend="Providers"
                all="All of its environment"
                these="Only these"
                listed=scope.allowed_providers.is_some()
            >
                <TokenField
                    form
                    field="allowed_providers"
                    label="Allowed providers"
                    help="Their names, e.g. openai-primary."
                    words=texts(scope.allowed_providers.as_ref())
                    check={check::<ProviderName>}
                />
            </AllOrThese>
        </Section>
    })
}

/// IP ranges.
#[component]
pub fn WhereFrom(
    /// The form.
    form: Form,
    /// What is set now.
    scope: KeyScope,
) -> impl IntoView {
    view! {
        <Section
            form
            title="Where from"
            summary=words::all_or(scope.allowed_ips.as_ref(), "anywhere", "nowhere")
            fields=&["allowed_ips"]
        >
            <AllOrThese
                field="allowed_ips"
                legend="Addresses"
                all="From anywhere"
                these="Only from these"
                listed=scope.allowed_ips.is_some()
            >
                <TokenField
                    form
                    field="allowed_ips"
                    label="Allowed addresses"
                    help="Addresses or ranges: 203.0.113.7, 10.0.0.0/8, 2001:db8::/32."
                    words=texts(scope.allowed_ips.as_ref())
                    check={check::<IpRange>}
                />
            </AllOrThese>
        </Section>
    }
}

/// Whether each request names its conversation.
#[component]
pub fn Conversations(
    /// The form.
    form: Form,
    /// What is set now.
    required: bool,
) -> impl IntoView {
    view! {
        <Section
            form
            title="Conversations"
            summary=if required { "must be named" } else { "may be named" }
            fields=&["require_conversation_id"]
        >
            <Tick
                form
                field="require_conversation_id"
                label="Require a conversation id"
                help="Requests without X-Conversation-Id are refused. Usage is shown by conversation either way."
                checked=required
            />
        </Section>
    }
}
