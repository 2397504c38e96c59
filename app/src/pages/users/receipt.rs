//! The receipt of an offboarding: on the page, on paper, and as a file.

use crate::browser::print;
use crate::components::dialog::DialogHandle;
use crate::query::encoded;
use leptos::prelude::*;
use model::key::KeyView;
use model::offboard::{Offboarded, Regrant};
use std::fmt::Write as _;

/// The receipt.
#[component]
pub fn Receipt(
    /// What was done.
    done: Offboarded,
    /// Why, as it was typed.
    reason: String,
    /// The dialog around it.
    dialog: DialogHandle,
) -> impl IntoView {
    let text = as_text(&done, reason.trim());
    let file =
        format!("offboarded-{}.txt", done.user.email.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    let href = format!("data:text/plain;charset=utf-8,{}", encoded(&text));
    let shown = shown_keys(&done.shown_keys);
    view! {
        <p class="told" role="status">
            {done.user.name.clone()}
            " is offboarded. "
            {done.receipt.sentence()}
            "."
        </p>
        <pre class="receipt" tabindex="0">
            {text}
        </pre>
        {(!shown.is_empty())
            .then(|| view! { <p class="note">"They saw the secret of keys that still work: rotate or revoke them, they are listed above."</p> })}
        <div class="actions">
            <a class="btn" href=href download=file>
                "Download receipt"
            </a>
            <button class="btn" type="button" on:click=move |_| print()>
                "Print"
            </button>
            <button class="btn primary" type="button" on:click=move |_| dialog.close()>
                "Done"
            </button>
        </div>
    }
}

/// What could give somebody access again, if anything could.
pub fn regrant_list(regrants: &[Regrant]) -> impl IntoView + use<> {
    let rows = regrants.iter().map(|regrant| view! { <li>{regrant.sentence()}</li> }).collect_view();
    (!regrants.is_empty()).then(|| {
        view! {
            <h3>"What could give them access again"</h3>
            <ul class="plain-list">{rows}</ul>
        }
    })
}

fn shown_keys(keys: &[KeyView]) -> Vec<String> {
    keys.iter().map(|key| format!("{} ({}, in {})", key.name, key.id, key.tenant_name)).collect()
}

/// The receipt as a file.
fn as_text(done: &Offboarded, reason: &str) -> String {
    let mut out = String::from("Offboarding receipt\n\n");
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "{name:<24}{value}");
    };
    line("Name", &done.user.name);
    line("Email", &done.user.email);
    line("Account", done.user.id.as_str());
    line("Status", done.user.status.label());
    line("Reason", if reason.is_empty() { "none given" } else { reason });
    line("Keys revoked", &done.keys_revoked.len().to_string());
    for key in &done.keys_revoked {
        line("", &key.to_string());
    }
    line("Management keys revoked", &done.management_keys_revoked.len().to_string());
    for key in &done.management_keys_revoked {
        line("", key.as_str());
    }
    line("SCIM clients revoked", &done.scim_clients_revoked.len().to_string());
    for client in &done.scim_clients_revoked {
        line("", client.as_str());
    }
    line("Sessions ended", &done.sessions_ended.to_string());
    line("Links ended", &done.links_ended.to_string());
    line("In flight", &done.receipt.sentence());
    let shown = shown_keys(&done.shown_keys);
    line(
        "Secrets they saw",
        if shown.is_empty() { "none that still works" } else { "rotate or revoke these" },
    );
    for key in &shown {
        line("", key);
    }
    line("Access again through", if done.regrants.is_empty() { "nothing known" } else { "" });
    for regrant in &done.regrants {
        line("", regrant.sentence());
    }
    out
}
