//! Who belongs to which tenant.

use crate::bed::{Bed, at, commit, key, key_id, slug, user, user_id};
use model::PageRequest;
use model::key::{ApiKey, KeyOwner};
use model::membership::MembershipFilter;
use model::role::{Assignment, BuiltInRole, Reach, RoleName};
use model::user::User;

pub(crate) async fn joining_listing_and_leaving(bed: &Bed) {
    for tenant in ["alpha", "beta"] {
        bed.add_tenant(tenant).await;
    }
    let held = Assignment { tenant_id: Some(slug("alpha")), role: "user_admin".parse().unwrap() };
    bed.add_user(&User { tenant_ids: vec![slug("alpha")], assignments: vec![held], ..user(1) }).await;
    bed.add_user(&User { tenant_ids: vec![slug("alpha"), slug("beta")], ..user(2) }).await;
    let mut tx = bed.begin().await;
    assert!(tx.add_member(&user_id(1), &slug("beta"), at(7)).await.unwrap());
    assert!(!tx.add_member(&user_id(1), &slug("beta"), at(8)).await.unwrap());
    commit(tx).await;

    let list = async |filter: MembershipFilter, reach: Reach| -> Vec<(String, String)> {
        let (mut seen, mut page) = (Vec::new(), PageRequest { cursor: None, limit: 1 });
        loop {
            let found = bed.store.list_memberships(&filter, &page, &reach).await.unwrap();
            for item in found.items {
                seen.push((item.tenant_id.to_string(), item.user_id.as_str()[19..].to_owned()));
            }
            let Some(next) = found.next_cursor else { return seen };
            page.cursor = Some(next);
        }
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(tenant, user)| ((*tenant).to_owned(), (*user).to_owned())).collect()
    };
    let all = pairs(&[("alpha", "1"), ("alpha", "2"), ("beta", "1"), ("beta", "2")]);
    assert_eq!(list(MembershipFilter::default(), Reach::Everywhere).await, all);
    assert_eq!(list(MembershipFilter::default(), Reach::of([slug("beta")])).await, all[2..]);
    assert_eq!(list(MembershipFilter::default(), Reach::Nowhere).await, []);
    let of_one = MembershipFilter { user_id: Some(user_id(1)), tenant_id: None };
    assert_eq!(list(of_one.clone(), Reach::of([slug("alpha")])).await, pairs(&[("alpha", "1")]));
    let in_beta = MembershipFilter { user_id: None, tenant_id: Some(slug("beta")) };
    assert_eq!(list(in_beta, Reach::of([slug("alpha")])).await, []);
    let page = PageRequest::default();
    let one = bed.store.list_memberships(&of_one, &page, &Reach::of([slug("alpha")])).await.unwrap();
    assert_eq!((one.items[0].user_name.as_str(), one.items[0].tenant_name.as_str()), ("User 1", "ALPHA"));
    assert_eq!(one.items[0].roles, [RoleName::from(BuiltInRole::UserAdmin)]);
    assert_eq!(one.total.count, 1);

    let owned = |n, tenant| {
        let owner = KeyOwner::User(user_id(1));
        ApiKey { owner, tenant_id: slug(tenant), ..key(n) }
    };
    for key in [owned(1, "alpha"), owned(2, "beta"), owned(3, "alpha")] {
        bed.add_key(&key).await;
    }
    let mut tx = bed.begin().await;
    assert!(tx.revoke_key(&key_id(3), at(1), "cli", "over").await.unwrap());
    let alpha = slug("alpha");
    assert_eq!(tx.unrevoked_keys_of(&user_id(1), Some(&alpha)).await.unwrap(), [key_id(1)]);
    assert_eq!(tx.unrevoked_keys_of(&user_id(1), None).await.unwrap(), [key_id(1), key_id(2)]);
    assert!(tx.remove_member(&user_id(1), &alpha).await.unwrap());
    assert!(!tx.remove_member(&user_id(1), &alpha).await.unwrap());
    commit(tx).await;
    assert_eq!(list(MembershipFilter::default(), Reach::Everywhere).await, all[1..]);
}
