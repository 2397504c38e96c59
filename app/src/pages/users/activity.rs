//! What somebody did: keys made, requests sent, everything that the audit log has of them.

use crate::components::failure::Failure;
use crate::components::tabs::AFTER;
use crate::components::when::When;
use crate::error::AppError;
use crate::format::{count, usd};
use crate::query::{use_goto, use_scope};
use crate::viewer::Dated;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::user::Activity;
use model::{Page, Timestamp};

/// The activity of the account whose drawer is open, if that part of it is; made by the page, outside of what reloads.
pub type ActivityResource = Resource<Result<Option<Dated<Page<Activity>>>, AppError>>;

/// The part of the drawer.
#[component]
pub fn ActivityFeed(
    /// What they did.
    activity: ActivityResource,
) -> impl IntoView {
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                match activity.await {
                    Ok(Some(Dated { now, data })) => EitherOf3::A(view! { <Feed page=data now /> }),
                    Ok(None) => EitherOf3::B(()),
                    Err(error) => EitherOf3::C(view! { <Failure error /> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Feed(page: Page<Activity>, now: Timestamp) -> impl IntoView {
    let goto = use_goto();
    if page.items.is_empty() {
        return Either::Left(view! { <p>"Nothing yet: no sign-in, no key, no request."</p> });
    }
    let rows = page.items.into_iter().map(|item| view! { <Item item now /> }).collect_view();
    let newest = move || goto.query().with(|query| query.get(AFTER).is_some());
    let newest = move || {
        newest().then(|| {
            view! {
                <a class="btn" href=move || goto.href(|query| query.with(AFTER, None)) data-noscroll="">
                    "Newest"
                </a>
            }
        })
    };
    let older = page.next_cursor.map(|cursor| {
        view! {
            <a class="btn" rel="next" href=move || goto.href(|query| query.with(AFTER, Some(&cursor))) data-noscroll="">
                "Older"
            </a>
        }
    });
    Either::Right(view! {
        <ul class="plain-list">{rows}</ul>
        <nav class="pager" aria-label="Activity">
            {newest}
            {older}
        </nav>
    })
}

#[component]
fn Item(item: Activity, now: Timestamp) -> impl IntoView {
    match item {
        Activity::Action { at, action, target_type, target_id, target_name, result, ip } => {
            let href = (target_type == "key").then(|| {
                use_scope().with("status", Some("all")).with("key", Some(&target_id)).href("/admin/api-keys")
            });
            let about = if target_name.is_empty() { target_id } else { target_name };
            let about = match href {
                Some(href) => Either::Left(view! { <a href=href>{about}</a> }),
                None => Either::Right(about),
            };
            let from = ip.map(|ip| format!(", from {ip}")).unwrap_or_default();
            Either::Left(view! {
                <li>
                    <span><code>{action}</code> " " {about}</span>
                    <span class="sub"><When at now /> {from} {(result != "success").then(|| format!(", {result}"))}</span>
                </li>
            })
        }
        Activity::Request { at, key_id, model, status, input_tokens, output_tokens, cost_usd, .. } => {
            let key = key_id.to_string();
            let href =
                use_scope().with("status", Some("all")).with("key", Some(&key)).href("/admin/api-keys");
            let used = format!(
                ", status {status}, {} tokens in, {} out, {}",
                count(input_tokens),
                count(output_tokens),
                usd(cost_usd)
            );
            Either::Right(view! {
                <li>
                    <span>"Called " <code>{model.to_string()}</code> " with " <a href=href>{key}</a></span>
                    <span class="sub"><When at now /> {used}</span>
                </li>
            })
        }
    }
}
