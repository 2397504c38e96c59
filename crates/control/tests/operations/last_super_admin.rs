//! The last Active `super_admin` can't vanish, however many try at once, on either database.

use crate::support::Bench;
use control::{Actor, roles, users};
use model::role::{BuiltInRole, RoleOfUser};
use model::user::{UserChange, UserStatus};
use tokio::task::JoinSet;

/// How many try at once.
const ATTEMPTS: usize = 50;

async fn one_of_two_stays(bench: &Bench) {
    let first = bench.admin().await;
    let second = bench.account("second@example.com", BuiltInRole::SuperAdmin).await;
    let both = [first, second];
    let mut attempts = JoinSet::new();
    for nth in 0..ATTEMPTS {
        let (control, actor) = (bench.control.clone(), both[nth % 2].clone());
        let target = both[(nth / 2) % 2].user().unwrap().id.clone();
        attempts.spawn(async move {
            if nth % 3 == 0 {
                let change = RoleOfUser { role: BuiltInRole::User.into(), reason: None };
                roles::set_role(&control, &actor, &target, change).await.is_ok()
            } else {
                let change = UserChange { status: UserStatus::Inactive, reason: None };
                users::set_status(&control, &actor, &target, change).await.is_ok()
            }
        });
    }
    let done = attempts.join_all().await.into_iter().filter(|done| *done).count();
    assert!(done >= 1, "somebody was first");
    let mut tx = bench.control.store().begin().await.unwrap();
    assert_eq!(tx.count_active_super_admins().await.unwrap(), 1);
    drop(tx);
    for actor in &both {
        // Nor one by one, by a hand that may do everything.
        let id = &actor.user().unwrap().id;
        let change = UserChange { status: UserStatus::Inactive, reason: None };
        let hand = Actor::command_line();
        drop(users::set_status(&bench.control, &hand, id, change).await);
        let change = RoleOfUser { role: BuiltInRole::User.into(), reason: None };
        drop(roles::set_role(&bench.control, &hand, id, change).await);
    }
    let mut tx = bench.control.store().begin().await.unwrap();
    assert_eq!(tx.count_active_super_admins().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_sqlite() {
    one_of_two_stays(&Bench::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_postgres() {
    let Some(bench) = Bench::postgres().await else { return };
    one_of_two_stays(&bench).await;
    bench.control.store().close().await;
}
