//! Providers: the list, the drawer of one with its connection test, and the form.

pub mod detail;
pub mod draft;
pub mod form;
pub mod remove;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::filter::{FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::list::opened;
use crate::components::list_card::{ListCard, give_focus_back};
use crate::query::{Query, use_goto, use_query};
use crate::server_fns::catalog::{list_providers, read_provider};
use crate::viewer::{PROVIDERS_READ, PROVIDERS_WRITE, may, use_viewer};
use detail::ProviderDrawer;
use form::{FORM, ProviderEditor, ProviderForm};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
use model::ProviderName;
use remove::{RemoveProviderDialog, Removing};
use table::ProviderTable;

fn open_provider(query: &Query) -> Option<ProviderName> {
    query.get("provider").and_then(|name| name.parse().ok())
}

/// The list, the drawer of one provider, and the dialogs.
#[component]
pub fn ProvidersPage() -> impl IntoView {
    let query = use_query();
    let goto = use_goto();
    let viewer = use_viewer();
    // What is removed is gone from the list; its drawer must not be read again before it closes.
    let (removed, saved) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
    let list = Memo::new(move |_| query.with(|query| (query.get("q").map(ToOwned::to_owned), query.page())));
    let open = Memo::new(move |_| query.with(open_provider));
    let rows = Resource::new_blocking(
        move || (list.get(), removed.get(), saved.get()),
        |((q, page), ..)| list_providers(q, page),
    );
    let detail = opened(open, saved, read_provider);
    let editor = ProviderEditor::default();
    let removing = Removing::new();
    let pending = RwSignal::new(false);
    give_focus_back(open);
    let on_saved = move |name: ProviderName| {
        saved.update(|times| *times += 1);
        goto.push(|query| query.with("provider", Some(name.as_str())));
    };
    let on_removed = move |()| {
        removed.update(|times| *times += 1);
        goto.replace(Query::closed);
    };
    view! {
        <Title text="Providers" />
        <div class="head">
            <h1>"Providers"</h1>
            <p>"Where models are answered"</p>
            <Allowed permission=PROVIDERS_WRITE>
                <CreateButton label="Create provider" dialog=FORM on_open=move |()| editor.create() />
            </Allowed>
        </div>
        <Allowed permission=PROVIDERS_READ>
            <FilterBar label="Search providers" kept=&["tenant"]>
                <Search label="Search name or address" />
            </FilterBar>
        </Allowed>
        <div class="cols">
            <ListCard pending>
                <Transition fallback=|| () set_pending=pending>
                    {move || Suspend::new(async move {
                        match rows.await {
                            Ok(page) => {
                                let (q, request) = list.get_untracked();
                                let filtered = q.is_some();
                                let later = request.cursor.is_some();
                                Either::Left(view! { <ProviderTable page filtered later /> })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let may_write = may(viewer, PROVIDERS_WRITE).await;
                    match detail.await {
                        Ok(Some(detail)) => {
                            EitherOf3::A(view! { <ProviderDrawer detail may_write editor removing /> })
                        }
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
        <ProviderForm editor on_saved />
        <RemoveProviderDialog removing on_removed />
    }
}
