//! Second factors and recovery codes.

use crate::bed::{Bed, at, commit, user, user_id};
use store::{Error, SecondFactor};

fn factor(last_step: i64) -> SecondFactor {
    SecondFactor { sealed_secret: vec![7; 90], enrolled_at: at(1), last_step }
}

pub(crate) async fn one_for_an_account_and_users_show_it(bed: &Bed) {
    let store = &bed.store;
    bed.add_user(&user(1)).await;
    bed.add_user(&user(2)).await;
    assert_eq!(store.second_factor(&user_id(1)).await.unwrap(), None);
    let mut tx = bed.begin().await;
    tx.insert_second_factor(&user_id(1), &factor(5)).await.unwrap();
    let again = tx.insert_second_factor(&user_id(1), &factor(6)).await;
    assert!(matches!(again, Err(Error::Conflict { what: "second_factor" })), "{again:?}");
    commit(tx).await;
    assert_eq!(store.second_factor(&user_id(1)).await.unwrap(), Some(factor(5)));
    let shown = |n| async move { store.standing(&user_id(n)).await.unwrap().unwrap().user.second_factor };
    assert!(shown(1).await && !shown(2).await);

    let mut tx = bed.begin().await;
    tx.set_recovery_codes(&user_id(1), &[[1; 32]]).await.unwrap();
    assert!(tx.delete_second_factor(&user_id(1)).await.unwrap());
    assert!(!tx.delete_second_factor(&user_id(1)).await.unwrap());
    commit(tx).await;
    assert_eq!(store.recovery_codes_left(&user_id(1)).await.unwrap(), 0, "they went with it");
    assert!(!shown(1).await);
}

pub(crate) async fn a_step_and_a_recovery_code_are_taken_once(bed: &Bed) {
    let store = &bed.store;
    bed.add_user(&user(1)).await;
    bed.add_user(&user(2)).await;
    let mut tx = bed.begin().await;
    for n in [1, 2] {
        tx.insert_second_factor(&user_id(n), &factor(5)).await.unwrap();
    }
    tx.set_recovery_codes(&user_id(1), &[[1; 32], [2; 32], [3; 32]]).await.unwrap();
    commit(tx).await;

    let mut tx = bed.begin().await;
    assert!(!tx.take_step(&user_id(1), 5).await.unwrap());
    assert!(tx.take_step(&user_id(1), 7).await.unwrap());
    for taken in [5, 6, 7] {
        assert!(!tx.take_step(&user_id(1), taken).await.unwrap(), "{taken}");
    }
    assert!(tx.take_step(&user_id(2), 6).await.unwrap(), "each account for itself");
    assert!(!tx.take_step(&user_id(3), 9).await.unwrap());

    assert!(tx.take_recovery_code(&user_id(1), &[2; 32], at(9)).await.unwrap());
    assert!(!tx.take_recovery_code(&user_id(1), &[2; 32], at(9)).await.unwrap());
    assert!(!tx.take_recovery_code(&user_id(1), &[9; 32], at(9)).await.unwrap());
    assert!(!tx.take_recovery_code(&user_id(2), &[1; 32], at(9)).await.unwrap(), "somebody else's");
    assert_eq!(tx.recovery_codes_left(&user_id(1)).await.unwrap(), 2);
    commit(tx).await;
    assert_eq!(store.second_factor(&user_id(1)).await.unwrap(), Some(factor(7)));
    assert_eq!(store.recovery_codes_left(&user_id(1)).await.unwrap(), 2);

    let mut tx = bed.begin().await;
    tx.set_recovery_codes(&user_id(1), &[[2; 32], [4; 32]]).await.unwrap();
    assert!(!tx.take_recovery_code(&user_id(1), &[1; 32], at(9)).await.unwrap(), "an old one");
    assert!(tx.take_recovery_code(&user_id(1), &[4; 32], at(9)).await.unwrap());
    commit(tx).await;
}
