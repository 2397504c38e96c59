//! The store's suite: each case runs on SQLite and on PostgreSQL.
//!
//! SQLite has a test for each case. PostgreSQL has one test for all: they share a server, which takes a second to start,
//! and each gets a database of its own.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the cases are tests, called by the tests below: they may stop at the first surprise"
)]

mod access_rules;
mod audit;
mod backup;
mod bed;
mod catalog;
mod feed;
mod idempotency;
mod identity_providers;
mod key_scan;
mod key_secrets;
mod keys;
mod management_keys;
mod memberships;
mod migration;
mod paging;
mod reach;
mod roles;
mod second_factors;
mod seeded;
mod signing_in;
mod tenants;
mod transactions;
mod usage;
mod users;

use bed::Bed;

macro_rules! suite {
    ($($module:ident { $($case:ident),* $(,)? })*) => {
        mod sqlite {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    crate::$module::$case(&crate::Bed::sqlite().await).await;
                })*
            })*
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn postgres() {
            // Keeps the server running from the first case to the last.
            let Some(_server) = testdb::Database::postgres() else { return };
            $($(
                println!("case: {}::{}", stringify!($module), stringify!($case));
                let bed = Bed::postgres().await;
                $module::$case(&bed).await;
                bed.store.close().await;
            )*)*
        }
    };
}

suite! {
    users {
        a_user_comes_back_as_written,
        a_taken_email_is_a_conflict,
        writing_to_a_user_that_is_not_there,
        only_active_super_admins_count,
        an_account_is_switched_off_and_on,
        what_changes_of_an_account,
        activity_of_both_records_in_order,
        filters_and_search,
    }
    tenants {
        the_default_tenant_is_there,
        a_slug_is_never_free_again,
        lists_by_slug,
        a_tenant_changes,
    }
    roles {
        a_role_comes_back_and_changes,
        who_has_a_role,
        the_standing_of_an_account,
        leaving_takes_the_roles_of_a_tenant,
    }
    memberships {
        joining_listing_and_leaving,
    }
    reach {
        nothing_beyond_it_is_listed,
        a_role_that_is_in_no_table_gives_nothing,
    }
    idempotency {
        a_replay_finds_what_was_done,
        an_answer_is_kept_beside_what_was_done,
        a_request_is_remembered_for_a_day,
        twenty_times_the_same_request_at_once,
    }
    keys {
        a_key_comes_back_as_written,
        revoking_is_for_good,
        keys_of_inactive_owners_follow_their_status,
        a_key_changes_while_it_is_active,
        the_policy_has_all_that_decides,
        a_second_standard_key_is_a_conflict,
        fifty_standard_keys_at_once,
        an_unknown_tenant_or_owner_is_a_conflict,
        badges_and_hidden_ones,
        filters,
        search,
        wildcards_are_plain_characters,
        counts_stop_at_a_thousand,
        counts_for_the_dashboard,
    }
    management_keys {
        a_management_key_comes_back_and_is_revoked_once,
        who_was_shown_a_secret_that_works,
    }
    key_secrets {
        rotating_keeps_one_old_secret_for_its_grace,
        each_secret_has_its_own_last_use,
    }
    paging {
        keys_in_every_order,
        users_in_every_order,
        tenants_by_slug,
        usage_newest_first,
        foreign_cursors_are_refused,
    }
    transactions {
        a_dropped_one_leaves_nothing,
        audit_rows_stay_as_they_are,
        without_an_audit_row_nothing_happens,
        text_that_postgres_refuses,
    }
    feed {
        epochs_are_gap_free_and_in_order,
        changes_come_in_order,
        nodes,
        one_node_at_a_time,
    }
    migration {
        tables_in_use_are_not_brought_up_to_date,
        older_tables_are_brought_up_to_date,
    }
    signing_in {
        sessions,
        sessions_of_a_user,
        login_buckets,
        failures_at_once_are_all_counted,
        a_link_works_once,
        twenty_at_one_link,
    }
    identity_providers {
        a_provider_comes_back_as_written,
        an_identity_is_issuer_and_subject,
        an_attempt_is_taken_once,
        a_provider_ends_its_own_sessions,
        passwords_are_switched,
    }
    second_factors {
        one_for_an_account_and_users_show_it,
        a_step_and_a_recovery_code_are_taken_once,
    }
    access_rules {
        rules_come_back_and_change,
        filters_and_search_of_rules,
        all_rules_at_one_moment,
    }
    audit {
        an_untouched_log_is_intact,
        a_log_that_grows_meanwhile_is_no_finding,
        a_changed_field_is_found,
        missing_rows_are_found,
        rows_in_another_order_are_found,
        rows_put_in_are_found,
        a_newest_row_written_anew_with_its_hash_is_found,
        rows_from_before_the_chain,
        every_filter_in_both_orders,
        only_rows_in_reach,
        a_search_that_fits_many_users_shows_all_of_theirs,
        the_whole_log_and_foreign_cursors,
    }
    backup {
        everything_comes_back,
        every_table_is_in_it_or_left_out_by_name,
        it_is_of_one_moment_while_rows_are_written,
        what_is_not_whole_is_refused_and_nothing_remains,
        only_into_an_empty_database_that_nobody_serves,
        other_versions_are_told_apart,
    }
    key_scan {
        every_key_once_and_whether_it_works,
    }
    catalog {
        providers_and_models,
        one_by_one,
        lists_by_name,
        what_the_configuration_no_longer_names,
    }
    seeded {
        what_is_seeded_is_as_if_it_had_been_issued,
        key_lists_show_what_the_rows_say,
        user_lists_show_what_the_rows_say,
        searches_follow_changes,
    }
    usage {
        appending_twice_is_once,
        last_use_only_grows,
        last_use_is_to_within_a_minute,
        totals_and_days,
        thousands_of_rows,
        rebuilding_counters,
        usage_of_one_person,
    }
}

#[tokio::test]
async fn a_database_in_memory_is_refused() {
    for url in ["sqlite::memory:", "sqlite://:memory:", "mysql://localhost/x", "nonsense"] {
        assert!(matches!(store::Store::open(url).await, Err(store::Error::Unavailable(_))), "{url}");
    }
}
