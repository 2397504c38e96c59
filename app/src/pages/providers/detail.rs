//! The drawer of one provider: what it is, whether it can be reached, and what needs it.

use super::form::ProviderEditor;
use super::remove::Removing;
use super::table::{CredentialBadge, ModelLinks, reached_by};
use crate::components::drawer::{Drawer, Fact};
use crate::components::failure::Failure;
use crate::components::history::HistoryLink;
use crate::error::AppError;
use crate::format::latency;
use crate::query::use_goto;
use crate::server_fns::catalog::{Owned, TestProvider};
use leptos::either::EitherOf3;
use leptos::prelude::*;
use model::catalog::{ProbeResult, Provider, ProviderDetail, ProviderKind};

/// The drawer.
#[component]
pub fn ProviderDrawer(
    /// The provider.
    detail: Owned<ProviderDetail>,
    /// Whether the viewer may change and test it.
    may_write: bool,
    /// Changes it.
    editor: ProviderEditor,
    /// Removes it.
    removing: Removing,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("provider", None)));
    let Owned { data, read_only } = detail;
    let ProviderDetail { provider, models } = data.clone();
    let buttons = (may_write && read_only.is_none()).then(|| {
        let edited = provider.clone();
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
    let test = may_write.then(|| view! { <ConnectionTest provider=provider.clone() /> });
    let history = provider.name.to_string();
    let (address, keys, networks) = (address(&provider), reached_by(&provider), networks(&provider));
    let options = view! { <Options provider=provider.clone() /> };
    view! {
        <Drawer title=provider.name.to_string() close>
            {read_only.map(|sentence| view! { <p class="note calm">{sentence}</p> })}
            {test}
            <dl>
                <Fact name="Kind">{provider.kind.label()}</Fact>
                <Fact name="Address">{address}</Fact>
                <Fact name="Credential">
                    <CredentialBadge provider=provider.clone() />
                </Fact>
                <Fact name="Keys">{keys}</Fact>
                <Fact name="Addresses">{networks}</Fact>
                {options}
            </dl>
            <h3>"Models using it"</h3>
            <ModelLinks models named=usize::MAX />
            <HistoryLink kind="provider" id=history />
            {buttons}
        </Drawer>
    }
}

fn address(provider: &Provider) -> AnyView {
    if provider.base_url.is_empty() {
        "inside of Gatehouse".into_any()
    } else {
        view! { <code>{provider.base_url.clone()}</code> }.into_any()
    }
}

/// Which networks its host may be in.
fn networks(provider: &Provider) -> &'static str {
    match (provider.kind, provider.allow_private_addresses) {
        (ProviderKind::Echo, _) => "none: no connection is made",
        (_, true) => "public, private and loopback addresses",
        (_, false) => "public addresses only",
    }
}

#[component]
fn Options(provider: Provider) -> impl IntoView {
    let options = provider.options;
    let echo = [
        (options.chunk_delay_ms, "ms before each chunk"),
        (options.first_chunk_delay_ms, "ms before the first chunk"),
        (options.chunks, "chunks"),
        (options.fail_after_chunks, "chunks, then it breaks off"),
    ];
    let mut said: Vec<String> =
        echo.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if options.fail_status > 0 {
        said.push(format!("answers with HTTP {}", options.fail_status));
    }
    let version = options.api_version.map(|version| {
        view! {
            <Fact name="API version">
                <code>{version}</code>
            </Fact>
        }
    });
    view! {
        {version}
        {(!said.is_empty()).then(|| view! { <Fact name="Echo">{said.join(", ")}</Fact> })}
    }
}

#[component]
fn ConnectionTest(provider: Provider) -> impl IntoView {
    let action = ServerAction::<TestProvider>::new();
    let pending = action.pending();
    let name = provider.name;
    let outcome = move || match action.value().get() {
        None => EitherOf3::A(()),
        Some(Ok(Ok(result))) => EitherOf3::B(view! { <Outcome result /> }),
        Some(Ok(Err(problem))) => EitherOf3::C(view! { <Failure error=AppError(Box::new(problem)) /> }),
        Some(Err(error)) => EitherOf3::C(view! { <Failure error /> }),
    };
    view! {
        <div class="test">
            <button
                class="btn with-scripts"
                type="button"
                disabled=pending
                aria-busy=move || pending.get().then_some("true")
                on:click=move |_| {
                    action.dispatch(TestProvider { name: name.clone() });
                }
            >
                {move || if pending.get() { "Testing…" } else { "Test connection" }}
            </button>
            <div role="status" class:dimmed=pending>
                {outcome}
            </div>
        </div>
    }
}

/// "It answers and takes the credential. HTTP 200 after 38 ms."
#[component]
fn Outcome(result: ProbeResult) -> impl IntoView {
    let after = latency(u64::from(result.milliseconds) * 1_000);
    let answered = match result.status {
        Some(status) => format!("HTTP {status} after {after}."),
        None => format!("After {after}."),
    };
    let (class, word) =
        if result.ok { ("badge good", "Connection works") } else { ("badge bad", "Connection fails") };
    view! {
        <p>
            <span class=class>{word}</span>
        </p>
        <p>{result.message} " " <span class="sub">{answered}</span></p>
    }
}
