//! SCIM clients, what they said of accounts, groups, and the provisioning log.

use crate::bed::{Bed, at, commit, first_page, user, user_id};
use model::scim::{
    ProvisionedResource, ProvisioningEntry, ProvisioningFilter, ProvisioningOperation, ProvisioningResult,
    ScimClient, ScimClientFilter,
};
use model::user::{UserSource, UserStatus};
use model::{PageRequest, ScimClientId, ScimGroupId, UserId};
use serde_json::json;
use store::{Provisioner, ScimGroup, ScimGroupKey, ScimUser, ScimUserKey};

fn client_id(n: u32) -> ScimClientId {
    format!("scim_{n:012}").parse().unwrap()
}

fn client(n: u32) -> ScimClient {
    ScimClient {
        id: client_id(n),
        name: format!("client {n}"),
        adopt_existing: n == 2,
        creator_id: (n == 2).then(|| user_id(1)),
        created_by: "master key".to_owned(),
        created_at: at(u64::from(n)),
        last_used_at: None,
        revoked_at: None,
        revoked_by: None,
        revoke_reason: None,
    }
}

fn provisioned(n: u32, client: u32) -> ScimUser {
    let attributes = json!({ "userName": format!("User{n}@Example.com"), "title": "T\u{0}" });
    ScimUser {
        user_id: user_id(n),
        client_id: client_id(client),
        external_id: Some(format!("ext-{n}")),
        user_name: format!("User{n}@Example.com"),
        attributes: attributes.as_object().unwrap().clone(),
        version: 1,
        created_at: at(u64::from(n)),
        updated_at: at(u64::from(n)),
        status: UserStatus::Active,
    }
}

fn group_id(n: u32) -> ScimGroupId {
    format!("grp_{n:016}").parse().unwrap()
}

fn group(n: u32) -> ScimGroup {
    ScimGroup {
        id: group_id(n),
        client_id: client_id(1),
        display_name: format!("Group {n}"),
        external_id: Some(format!("ext-{n}")),
        version: 1,
        created_at: at(u64::from(n)),
        updated_at: at(u64::from(n)),
    }
}

async fn filled(bed: &Bed) {
    for n in 1..=3 {
        bed.add_user(&user(n)).await;
    }
    let mut tx = bed.begin().await;
    for n in 1..=2 {
        tx.insert_scim_client(&client(n), &[u8::try_from(n).unwrap(); 32]).await.unwrap();
    }
    for n in 1..=3 {
        tx.save_scim_user(&provisioned(n, if n == 3 { 2 } else { 1 })).await.unwrap();
    }
    commit(tx).await;
}

pub(crate) async fn a_client_comes_back_and_is_revoked_once(bed: &Bed) {
    filled(bed).await;
    let store = &bed.store;
    let stored = store.scim_client(&client_id(2)).await.unwrap().unwrap();
    assert_eq!((&stored.client, stored.hash), (&client(2), [2; 32]));
    assert!(!format!("{stored:?}").contains("hash"));
    assert!(store.scim_client(&client_id(9)).await.unwrap().is_none());
    store.touch_scim_client(&client_id(1), at(50)).await.unwrap();
    assert_eq!(store.scim_client(&client_id(1)).await.unwrap().unwrap().client.last_used_at, Some(at(50)));
    assert_eq!(store.live_scim_clients_of(&user_id(1)).await.unwrap(), [client(2)]);
    let mut tx = bed.begin().await;
    assert_eq!(tx.live_scim_clients_of(&user_id(1)).await.unwrap(), [client_id(2)]);
    assert!(tx.revoke_scim_client(&client_id(2), at(60), "admin", "left").await.unwrap());
    assert!(!tx.revoke_scim_client(&client_id(2), at(61), "other", "again").await.unwrap());
    assert_eq!(tx.live_scim_clients_of(&user_id(1)).await.unwrap(), []);
    commit(tx).await;
    let list = async |include_revoked, page: &PageRequest| {
        let page = store.list_scim_clients(&ScimClientFilter { include_revoked }, page).await.unwrap();
        let ids = page.items.iter().map(|client| client.id.clone()).collect::<Vec<_>>();
        (ids, page.total.count, page.hidden.count, page.next_cursor)
    };
    assert_eq!(list(false, &first_page()).await, (vec![client_id(1)], 1, 1, None));
    let (first, _, _, cursor) = list(true, &PageRequest { cursor: None, limit: 1 }).await;
    assert_eq!(first, [client_id(2)]);
    assert_eq!(list(true, &PageRequest { cursor, limit: 1 }).await.0, [client_id(1)]);
}

pub(crate) async fn what_a_client_said_of_accounts(bed: &Bed) {
    filled(bed).await;
    let store = &bed.store;
    assert_eq!(store.scim_user(&client_id(1), &user_id(1)).await.unwrap(), Some(provisioned(1, 1)));
    assert_eq!(store.scim_user(&client_id(2), &user_id(1)).await.unwrap(), None, "another client's");
    let ids = async |key: ScimUserKey, window| {
        let found = store.scim_users(&client_id(1), &key, window).await.unwrap();
        found.into_iter().map(|user| user.user_id).collect::<Vec<UserId>>()
    };
    let any = ScimUserKey::default;
    assert_eq!(ids(any(), None).await, [user_id(1), user_id(2)]);
    assert_eq!(ids(any(), Some((1, 5))).await, [user_id(2)]);
    let named = ScimUserKey { user_name: Some(" USER2@example.com".to_owned()), ..any() };
    assert_eq!(ids(named, None).await, [user_id(2)]);
    let outside = ScimUserKey { external_id: Some("ext-1".to_owned()), ..any() };
    assert_eq!(ids(outside, None).await, [user_id(1)]);
    assert_eq!(ids(ScimUserKey { id: Some("'".to_owned()), ..any() }, None).await, [] as [UserId; 0]);
    assert_eq!(store.count_scim_users(&client_id(1)).await.unwrap(), 2);

    let mut tx = bed.begin().await;
    let by_name = tx.scim_user_named(&client_id(1), "user1@EXAMPLE.com", None).await.unwrap();
    assert_eq!(by_name, Some(user_id(1)));
    assert_eq!(
        tx.scim_user_named(&client_id(1), "user1@example.com", Some(&user_id(1))).await.unwrap(),
        None
    );
    assert_eq!(tx.scim_user_outside(&client_id(1), "ext-3", None).await.unwrap(), None);
    assert_eq!(tx.user_id_by_email("USER3@example.com").await.unwrap(), Some(user_id(3)));
    let of = |n, is_live, has_deleted| Provisioner { client_id: client_id(n), is_live, has_deleted };
    assert_eq!(tx.provisioner_of(&user_id(3)).await.unwrap(), Some(of(2, true, false)));
    tx.set_user_source(&user_id(1), UserSource::Scim).await.unwrap();
    tx.set_user_status(&user_id(1), UserStatus::Inactive).await.unwrap();
    tx.forget_scim_user(&user_id(2), at(9)).await.unwrap();
    assert_eq!(tx.provisioner_of(&user_id(2)).await.unwrap(), Some(of(1, true, true)));
    commit(tx).await;
    assert_eq!(ids(any(), None).await, [user_id(1)]);
    assert_eq!(store.user(&user_id(1)).await.unwrap().unwrap().source, UserSource::Scim);
    let inactive = store.scim_user(&client_id(1), &user_id(1)).await.unwrap().unwrap();
    assert_eq!(inactive.status, UserStatus::Inactive);
    // What was deleted stands in nobody's way, and can be said anew, by another client too.
    let mut tx = bed.begin().await;
    tx.save_scim_user(&provisioned(2, 2)).await.unwrap();
    commit(tx).await;
    assert_eq!(store.scim_user(&client_id(2), &user_id(2)).await.unwrap(), Some(provisioned(2, 2)));
}

pub(crate) async fn who_is_in_which_group(bed: &Bed) {
    filled(bed).await;
    let store = &bed.store;
    let mut tx = bed.begin().await;
    tx.save_scim_group(&group(1)).await.unwrap();
    tx.save_scim_group(&group(2)).await.unwrap();
    let members = [user_id(1), user_id(2)];
    tx.add_scim_group_members(&group_id(1), &members).await.unwrap();
    tx.add_scim_group_members(&group_id(1), &members).await.unwrap();
    tx.add_scim_group_members(&group_id(2), &members[..1]).await.unwrap();
    let all = [user_id(1), user_id(3), user_id(9)];
    assert_eq!(tx.scim_users_among(&client_id(1), &all).await.unwrap(), [user_id(1)]);
    let same =
        ScimGroup { id: group_id(9), display_name: "GROUP 1".to_owned(), external_id: None, ..group(1) };
    assert_eq!(tx.scim_group_like(&same).await.unwrap(), Some(group_id(1)));
    assert_eq!(tx.scim_group_like(&group(1)).await.unwrap(), None, "itself");
    commit(tx).await;
    assert_eq!(store.scim_group(&client_id(1), &group_id(1)).await.unwrap(), Some(group(1)));
    assert_eq!(store.scim_group(&client_id(2), &group_id(1)).await.unwrap(), None);
    let of_group = store.scim_group_members(&group_id(1)).await.unwrap();
    assert_eq!(of_group, [user_id(1), user_id(2)]);
    let of_users = store.scim_groups_of(&members).await.unwrap();
    assert_eq!((of_users[&user_id(1)].len(), of_users[&user_id(2)].len()), (2, 1));
    let key = ScimGroupKey { display_name: Some("group 2".to_owned()), ..ScimGroupKey::default() };
    assert_eq!(store.scim_groups(&client_id(1), &key, None).await.unwrap(), [group(2)]);
    assert_eq!(store.count_scim_groups(&client_id(1)).await.unwrap(), 2);
    let mut tx = bed.begin().await;
    tx.remove_scim_group_members(&group_id(1), &members[..1]).await.unwrap();
    assert_eq!(tx.scim_group_members(&group_id(1)).await.unwrap().len(), 1);
    tx.forget_scim_user(&user_id(2), at(9)).await.unwrap();
    assert_eq!(tx.scim_group_members(&group_id(1)).await.unwrap().len(), 0);
    tx.delete_scim_group(&group_id(2)).await.unwrap();
    assert_eq!(tx.scim_groups_of(&members).await.unwrap().len(), 0);
    commit(tx).await;
}

pub(crate) async fn the_provisioning_log_is_paged_and_bounded(bed: &Bed) {
    filled(bed).await;
    let store = &bed.store;
    for n in 1..=5_u32 {
        let failed = n == 2;
        let entry = ProvisioningEntry {
            id: format!("prv_{n:016}").parse().unwrap(),
            at: at(u64::from(n)),
            client_id: client_id(if n == 5 { 2 } else { 1 }),
            client_name: String::new(),
            operation: ProvisioningOperation::Patch,
            resource: ProvisionedResource::User,
            resource_id: "usr_\u{0}".to_owned(),
            resource_name: String::new(),
            result: if failed { ProvisioningResult::Failure } else { ProvisioningResult::Success },
            status: if failed { 409 } else { 200 },
            detail: "d".to_owned(),
        };
        store.add_provisioning_entry(&entry).await.unwrap();
    }
    let log = async |filter: ProvisioningFilter, page: &PageRequest| {
        let page = store.provisioning_log(&filter, page).await.unwrap();
        let times = page.items.iter().map(|entry| entry.at).collect::<Vec<_>>();
        (times, page.next_cursor)
    };
    let all = ProvisioningFilter::default;
    let (first, cursor) = log(all(), &PageRequest { cursor: None, limit: 3 }).await;
    assert_eq!(first, [at(5), at(4), at(3)]);
    assert_eq!(log(all(), &PageRequest { cursor, limit: 3 }).await.0, [at(2), at(1)]);
    let failures = ProvisioningFilter { result: Some(ProvisioningResult::Failure), ..all() };
    assert_eq!(log(failures, &first_page()).await.0, [at(2)]);
    let of_client = ProvisioningFilter { client_id: Some(client_id(2)), ..all() };
    let page = store.provisioning_log(&of_client, &first_page()).await.unwrap();
    assert_eq!((page.items.len(), page.items[0].client_name.as_str()), (1, "client 2"));
    store.trim_provisioning_log(at(2), 100).await.unwrap();
    assert_eq!(log(all(), &first_page()).await.0, [at(5), at(4), at(3), at(2)]);
    store.trim_provisioning_log(at(0), 1).await.unwrap();
    assert_eq!(log(all(), &first_page()).await.0, [at(5), at(4)]);
}
