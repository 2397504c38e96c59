//! What the server knows of the words in the palette: people, keys, models, those that the viewer may see.

use super::entries::Entry;
use crate::query::Query;
use crate::server_fns::catalog::list_models;
use crate::server_fns::keys::{list_keys, list_own_keys};
use crate::server_fns::users::list_users;
use crate::viewer::{KEYS_READ, MODELS_READ, USERS_READ, Viewer};
use model::PageRequest;
use model::key::{KeyFilter, KeySort};
use model::user::{UserFilter, UserSort};

/// Lines of each kind.
const LINES: u16 = 5;

/// The first of each kind. What can't be read is left out: its own page says why.
pub(super) async fn find_everywhere(viewer: Viewer, typed: String) -> Vec<Entry> {
    let page = || PageRequest { cursor: None, limit: LINES };
    let q = Some(typed.trim().to_owned());
    let mut entries = Vec::new();
    if viewer.may(USERS_READ) {
        let filter = UserFilter { q: q.clone(), ..UserFilter::default() };
        if let Ok(found) = list_users(filter, UserSort::default(), page()).await {
            entries.extend(found.data.items.into_iter().map(|user| {
                let href = Query::default().with("user", Some(user.id.as_str())).href("/admin/users");
                Entry::go("Users", &user.name, &user.email, href)
            }));
        }
    }
    let filter = KeyFilter { q: q.clone(), ..KeyFilter::default() };
    let (found, path) = if viewer.may(KEYS_READ) {
        (list_keys(filter, KeySort::default(), page()).await, "/admin/api-keys")
    } else {
        (list_own_keys(filter, KeySort::default(), page()).await, "/console/settings/api-keys")
    };
    if let Ok(found) = found {
        entries.extend(found.data.items.into_iter().map(|key| {
            let href = Query::default().with("key", Some(key.id.as_str())).href(path);
            let owner = key.owner_email.as_deref().unwrap_or(key.tenant_id.as_str());
            Entry::go("API keys", &key.name, owner, href)
        }));
    }
    if viewer.may(MODELS_READ)
        && let Ok(found) = list_models(q, page()).await
    {
        entries.extend(found.items.into_iter().map(|model| {
            let href = Query::default().with("model", Some(model.model.name.as_str())).href("/admin/models");
            Entry::go("Models", model.model.name.as_str(), "", href)
        }));
    }
    entries
}
