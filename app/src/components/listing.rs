//! The state of a page about a list: what it asks for, which row's drawer is open, and when either is read anew.

use crate::browser::focus_row;
use crate::error::AppError;
use crate::query::{Goto, Query, use_goto};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::str::FromStr;

/// What the list asks for (`L`) and whose drawer is open (`I`), both as read from the address.
pub struct Listing<L: Send + Sync + 'static, I: Send + Sync + 'static> {
    /// What the list asks for.
    pub asked: Memo<L>,
    /// Whose drawer is open.
    pub open: Memo<Option<I>>,
    /// Counts on when rows have changed or were added: the list and the open drawer are read anew.
    pub renewed: RwSignal<u32>,
    /// Counts on when a row is gone: the list is read anew, its drawer must not be before it closes.
    removed: RwSignal<u32>,
    drawer: &'static str,
    goto: Goto,
}

impl<L: Send + Sync, I: Send + Sync> Clone for Listing<L, I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: Send + Sync, I: Send + Sync> Copy for Listing<L, I> {}

impl<L, I> Listing<L, I>
where
    L: Clone + PartialEq + Send + Sync + 'static,
    I: Clone + PartialEq + FromStr + ToString + Send + Sync + 'static,
{
    /// For the page that is open. `drawer` is the part of its address that opens a drawer, `asked` reads what the list
    /// asks for.
    pub fn new(drawer: &'static str, asked: impl Fn(&Query) -> L + Send + Sync + 'static) -> Self {
        let goto = use_goto();
        let query = goto.query();
        let open = Memo::new(move |_| query.with(|query| query.get(drawer).and_then(|id| id.parse().ok())));
        give_focus_back(open);
        Self {
            asked: Memo::new(move |_| query.with(&asked)),
            open,
            renewed: RwSignal::new(0),
            removed: RwSignal::new(0),
            drawer,
            goto,
        }
    }

    /// The list's rows.
    pub fn rows<T, R>(self, read: impl Fn(L) -> R + Send + Sync + 'static) -> Resource<Result<T, AppError>>
    where
        T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
        R: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        Resource::new_blocking(
            move || (self.asked.get(), self.renewed.get(), self.removed.get()),
            move |(asked, ..)| read(asked),
        )
    }

    /// What the open drawer shows; `None` while none is open. Made by the page: what is made inside of another resource
    /// isn't found again in the browser.
    pub fn detail<T, R>(
        self,
        read: impl Fn(I) -> R + Copy + Send + Sync + 'static,
    ) -> Resource<Result<Option<T>, AppError>>
    where
        T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
        R: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        Resource::new_blocking(
            move || (self.open.get(), self.renewed.get()),
            move |(id, _)| async move {
                match id {
                    Some(id) => read(id).await.map(Some),
                    None => Ok(None),
                }
            },
        )
    }

    /// Something has changed: reads the list and the open drawer anew.
    pub fn renew(self) {
        self.renewed.update(|times| *times += 1);
    }

    /// A row was made or changed: reads anew, and shows it.
    pub fn saved(self, id: &I) {
        self.renew();
        self.goto.push(|query| query.with(self.drawer, Some(&id.to_string())));
    }

    /// The row whose drawer is open is gone.
    pub fn removed(self) {
        self.removed_to(Query::closed);
    }

    /// The same with more to change in the address.
    pub fn removed_to(self, change: impl FnOnce(&Query) -> Query) {
        self.removed.update(|times| *times += 1);
        self.goto.replace(change);
    }
}

/// The focus goes back to the row when its drawer closes.
fn give_focus_back<I: ToString + PartialEq + Send + Sync + 'static>(open: Memo<Option<I>>) {
    Effect::new(move |before: Option<Option<String>>| {
        let now = open.with(|open| open.as_ref().map(ToString::to_string));
        if let (Some(Some(id)), None) = (before, &now) {
            focus_row(&id);
        }
        now
    });
}
