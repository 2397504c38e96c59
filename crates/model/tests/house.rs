//! The plan of the house, proven over `cargo metadata`: who may import whom, and what must never be below whom.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use std::collections::{BTreeMap, BTreeSet};

/// Which workspace crate may name which. A crate that isn't here may not be in the workspace.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("app", &["control", "model"]),
    ("bundle", &[]),
    ("control", &["store", "identity", "model"]),
    ("dialect", &[]),
    ("frontend", &["app"]),
    ("gateway", &["dialect", "identity", "model"]),
    ("identity", &["model"]),
    ("load", &[]),
    ("model", &[]),
    ("server", &["app", "control", "gateway", "identity", "store", "model"]),
    ("store", &["model"]),
    ("testdb", &[]),
    ("testidp", &[]),
];

/// What must not be reachable from a crate, and why.
const NEVER_BELOW: &[(&str, &[&str], &str)] = &[
    ("dialect", &["tokio", "http", "hyper"], "it translates bytes and does no I/O"),
    ("gateway", &["leptos", "sqlx", "sqlx-core"], "the data path knows no pages and waits for no database"),
    ("model", &["sqlx", "sqlx-core", "tokio", "axum", "leptos"], "the vocabulary is shared with the browser"),
    ("identity", &["sqlx", "sqlx-core", "leptos", "axum"], "protocols do no SQL and no HTTP"),
];

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).other_options(["--offline".to_owned()]).exec().unwrap()
}

/// Every package's normal and build dependencies.
fn edges(metadata: &Metadata) -> BTreeMap<&PackageId, Vec<&PackageId>> {
    let nodes = &metadata.resolve.as_ref().unwrap().nodes;
    nodes
        .iter()
        .map(|node| {
            let used = node
                .deps
                .iter()
                .filter(|dep| dep.dep_kinds.iter().any(|info| info.kind != DependencyKind::Development));
            (&node.id, used.map(|dep| &dep.pkg).collect())
        })
        .collect()
}

#[test]
fn workspace_crates_import_only_what_they_may() {
    let metadata = metadata();
    let edges = edges(&metadata);
    let own: BTreeSet<_> = metadata.workspace_members.iter().collect();
    for id in &own {
        let name = metadata[*id].name.as_str();
        let allowed = MAY_IMPORT.iter().find(|(crate_name, _)| *crate_name == name).unwrap_or_else(|| {
            panic!("{name} has no place in the plan: add it to MAY_IMPORT and docs/architecture.md")
        });
        for dependency in edges[*id].iter().filter(|dependency| own.contains(*dependency)) {
            let imported = metadata[*dependency].name.as_str();
            assert!(allowed.1.contains(&imported), "{name} may not import {imported}");
        }
    }
}

#[test]
fn nothing_forbidden_is_below_a_crate() {
    let metadata = metadata();
    let edges = edges(&metadata);
    for (name, forbidden, reason) in NEVER_BELOW {
        let start = metadata.workspace_members.iter().find(|id| metadata[*id].name == *name).unwrap();
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            for next in &edges[id] {
                if seen.insert(*next) {
                    open.push(*next);
                }
            }
        }
        let names: BTreeSet<_> = seen.iter().map(|id| metadata[*id].name.as_str()).collect();
        for bad in *forbidden {
            assert!(!names.contains(bad), "{bad} is below {name}, but {reason}");
        }
    }
}
