//! Models: the list with the state of their targets, the drawer of one with who may call it, and the form.

pub mod callers;
pub mod detail;
pub mod draft;
pub mod form;
pub mod health;
pub mod remove;
pub mod table;
pub mod targets;

use crate::components::allowed::Allowed;
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::filter::{FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::list::opened;
use crate::components::list_card::{ListCard, give_focus_back};
use crate::query::{Query, use_goto, use_query};
use crate::server_fns::catalog::{list_models, provider_names, read_model};
use crate::viewer::{MODELS_READ, MODELS_WRITE, may, use_viewer};
use callers::callers_of;
use detail::ModelDrawer;
use form::{FORM, ModelEditor, ModelForm};
use health::watch;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
use model::ModelName;
use remove::{RemoveModelDialog, Removing};
use table::ModelTable;

fn open_model(query: &Query) -> Option<ModelName> {
    query.get("model").and_then(|name| name.parse().ok())
}

/// The list, the drawer of one model, and the dialogs.
#[component]
pub fn ModelsPage() -> impl IntoView {
    let query = use_query();
    let goto = use_goto();
    let viewer = use_viewer();
    // What is removed is gone from the list; its drawer must not be read again before it closes.
    let (removed, saved) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
    let list = Memo::new(move |_| query.with(|query| (query.get("q").map(ToOwned::to_owned), query.page())));
    let open = Memo::new(move |_| query.with(open_model));
    let rows = Resource::new_blocking(
        move || (list.get(), removed.get(), saved.get()),
        |((q, page), ..)| list_models(q, page),
    );
    let detail = opened(open, saved, read_model);
    let callers = callers_of(open);
    let providers = Resource::new_blocking(|| (), |()| provider_names());
    let health = watch(list);
    let editor = ModelEditor::new();
    let removing = Removing::new();
    let pending = RwSignal::new(false);
    give_focus_back(open);
    let on_saved = move |name: ModelName| {
        saved.update(|times| *times += 1);
        goto.push(|query| query.with("model", Some(name.as_str())));
    };
    let on_removed = move |()| {
        removed.update(|times| *times += 1);
        goto.replace(Query::closed);
    };
    view! {
        <Title text="Models" />
        <div class="head">
            <h1>"Models"</h1>
            <p>"The names that clients send as " <code>"model"</code></p>
            <Allowed permission=MODELS_WRITE>
                <CreateButton label="Create model" dialog=FORM on_open=move |()| editor.create() />
            </Allowed>
        </div>
        <Allowed permission=MODELS_READ>
            <FilterBar label="Search models" kept=&["tenant"]>
                <Search label="Search name or label" />
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
                                Either::Left(view! { <ModelTable page filtered later health /> })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let may_write = may(viewer, MODELS_WRITE).await;
                    match detail.await {
                        Ok(Some(detail)) => {
                            EitherOf3::A(view! { <ModelDrawer detail may_write callers health editor removing /> })
                        }
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
        <Allowed permission=MODELS_WRITE>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let providers = providers.await.unwrap_or_default();
                    view! { <ModelForm editor providers on_saved /> }
                })}
            </Suspense>
        </Allowed>
        <RemoveModelDialog removing on_removed />
    }
}
