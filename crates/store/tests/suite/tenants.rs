//! Tenants.

use crate::bed::{Bed, commit, first_page, slug, tenant, user, user_id};
use model::Total;
use model::role::Reach;
use model::tenant::{Tenant, TenantStatus};
use model::user::User;
use store::Error;

pub(crate) async fn the_default_tenant_is_there(bed: &Bed) {
    let default = bed.store.tenant(&slug("default")).await.unwrap().unwrap();
    assert_eq!(default.name, "Default");
    assert_eq!(default.status, TenantStatus::Active);
    assert!(default.created_at.to_string().starts_with("20"), "{}", default.created_at);
    assert_eq!(bed.store.tenant(&slug("other")).await.unwrap(), None);
    // Opening it again changes nothing.
    let again = store::Store::open(bed.url()).await.unwrap();
    assert_eq!(again.tenant(&slug("default")).await.unwrap(), Some(default));
    again.close().await;
}

pub(crate) async fn a_slug_is_never_free_again(bed: &Bed) {
    bed.add_tenant("team-alpha").await;
    assert_eq!(bed.store.tenant(&slug("team-alpha")).await.unwrap(), Some(tenant("team-alpha")));
    for deleted in [false, true] {
        if deleted {
            bed.raw("DELETE FROM tenants WHERE id = 'team-alpha'").await.unwrap();
        }
        let mut tx = bed.begin().await;
        assert!(matches!(tx.insert_tenant(&tenant("team-alpha")).await, Err(Error::Conflict { what: "id" })));
    }
    let mut tx = bed.begin().await;
    assert!(matches!(tx.insert_tenant(&tenant("default")).await, Err(Error::Conflict { what: "id" })));
    tx.insert_tenant(&tenant("team-beta")).await.unwrap();
    commit(tx).await;
}

pub(crate) async fn lists_by_slug(bed: &Bed) {
    bed.add_tenant("zeta").await;
    bed.add_tenant("alpha-1").await;
    let slugs = async |q: Option<&str>| -> Vec<String> {
        let page = bed.store.list_tenants(q, &first_page(), &Reach::Everywhere).await.unwrap();
        assert_eq!(page.total, Total { count: page.items.len() as u64, capped: false });
        page.items.iter().map(|tenant| tenant.id.to_string()).collect()
    };
    assert_eq!(slugs(None).await, ["alpha-1", "default", "zeta"]);
    assert_eq!(slugs(Some("z")).await, ["zeta"]);
    assert_eq!(slugs(Some("A-1")).await, ["alpha-1"]);
    assert_eq!(slugs(Some("ETA")).await, ["zeta"]);

    bed.add_user(&User { tenant_ids: vec![slug("zeta"), slug("alpha-1")], ..user(1) }).await;
    let of = bed.store.tenants_of(&user_id(1)).await.unwrap();
    assert_eq!(of, [tenant("alpha-1"), tenant("zeta")]);
    assert_eq!(bed.store.tenants_of(&user_id(2)).await.unwrap(), []);
}

pub(crate) async fn a_tenant_changes(bed: &Bed) {
    bed.add_tenant("team-alpha").await;
    let changed = Tenant {
        name: "Ärger".to_owned(),
        status: TenantStatus::Suspended,
        suspension_locked: true,
        self_service_tags: vec!["cost-center".to_owned(), "team".to_owned()],
        ..tenant("team-alpha")
    };
    let mut tx = bed.begin().await;
    assert!(tx.update_tenant(&Tenant { created_at: crate::bed::at(9), ..changed.clone() }).await.unwrap());
    assert_eq!(tx.tenant(&slug("team-alpha")).await.unwrap(), Some(changed.clone()));
    assert_eq!(tx.tenant(&slug("nowhere")).await.unwrap(), None);
    assert!(!tx.update_tenant(&tenant("nowhere")).await.unwrap());
    commit(tx).await;
    assert_eq!(bed.store.tenant(&slug("team-alpha")).await.unwrap(), Some(changed.clone()));
    let found = bed.store.list_tenants(Some("ÄRG"), &first_page(), &Reach::Everywhere).await.unwrap();
    assert_eq!(found.items, [changed], "the search goes by the new name");
}
