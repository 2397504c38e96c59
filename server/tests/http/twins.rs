//! What people can do on pages, programs can do by the Admin API, and the other way round: each operation that changes
//! something is called by a server function and by a route, found in their sources, and both ask for the same permission.

use crate::routes::ROUTES;
use crate::server_functions::permissions;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Operations that only pages need, and why.
const PAGES_ONLY: [(&str, &str); 2] = [
    ("keys::revoke_many", "`keys::revoke` for some of a list, at most 25; a program calls that for each"),
    (
        "sso::set_password_sign_in",
        "off takes a session that came through a provider, which programs don't have",
    ),
];

/// What server functions read by operations of their own.
const READS: [&str; 9] = [
    "audit::detail",
    "audit::verify_part",
    "models::overview",
    "providers::names",
    "providers::overview",
    "roles::assignable",
    "roles::preview",
    "sso::received_claims",
    "usage::dashboard",
];

/// Who calls an operation, and what it asks them for.
type Callers = BTreeMap<String, BTreeSet<(String, String)>>;

/// The operations of `control` that a function's source calls: `module::operation(&caller.control, …)`.
fn called<'a>(source: &'a str, given: &'static str) -> impl Iterator<Item = String> + 'a {
    source.match_indices(given).map(|(at, _)| {
        let path = source[..at].rsplit(|c: char| !(c.is_alphanumeric() || "_:".contains(c))).next().unwrap();
        let parts: Vec<_> = path.rsplit("::").take(2).collect();
        // The same with an idempotency key, which pages have no use for.
        format!("{}::{}", parts[1], parts[0].trim_end_matches("_once"))
    })
}

fn folder(path: &str) -> impl Iterator<Item = (String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).map(|path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    })
}

/// The body of each function of the Admin API, by `module::function`.
fn handlers() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (module, source) in folder("src/admin_api") {
        for function in source.split("async fn ").skip(1) {
            let name = function.split(['(', '<']).next().unwrap();
            let body = function.split("\n}\n").next().unwrap();
            found.insert(format!("{module}::{name}"), body.to_owned());
        }
    }
    found
}

/// Operations by the routes with one of these methods.
fn by_routes(methods: &[&str]) -> Callers {
    let handlers = handlers();
    let source = include_str!("../../src/admin_api/mod.rs");
    let mut callers = Callers::new();
    for route in ROUTES.iter().filter(|route| methods.contains(&route.method.as_str())) {
        let registered = source.split(".route(").find(|text| text.contains(&format!("\"{}\"", route.path)));
        let registered = registered.unwrap().split("\n        .").next().unwrap();
        let method = format!("{}(", route.method.as_str().to_lowercase());
        let begins = |(at, _): &(usize, &str)| !registered[..*at].ends_with(|c: char| c.is_alphanumeric());
        let (at, _) = registered.match_indices(&method).find(begins).unwrap();
        let handler = registered[at + method.len()..].split(')').next().unwrap().trim();
        let called: Vec<_> = called(&handlers[handler], "(&caller.control").collect();
        assert!(!called.is_empty() || route.method == "GET", "{handler} calls no operation");
        for operation in called {
            let route_needs = (format!("{} {}", route.method, route.path), route.needs.to_string());
            callers.entry(operation).or_default().insert(route_needs);
        }
    }
    callers
}

/// Operations by the server functions that need a permission.
fn by_server_functions() -> Callers {
    let needs = permissions();
    let mut callers = Callers::new();
    for (_, source) in folder("../app/src/server_fns") {
        for function in source.split("endpoint = \"").skip(1) {
            let endpoint = function.split('"').next().unwrap();
            let body = function.split("\n}\n").next().unwrap();
            let Some(needed) = needs.get(endpoint) else { continue };
            for operation in called(body, "(&edge.control") {
                callers.entry(operation).or_default().insert((endpoint.to_owned(), needed.to_string()));
            }
        }
    }
    callers
}

#[test]
fn what_a_route_changes_a_page_can_change_with_the_same_permission() {
    let pages = by_server_functions();
    let routes = by_routes(&["POST", "PUT", "PATCH", "DELETE"]);
    assert!(routes.len() >= 30, "{:?}", routes.keys());
    for (operation, callers) in routes {
        let Some(twins) = pages.get(&operation) else { panic!("no server function calls {operation}") };
        let needed: BTreeSet<_> = callers.iter().chain(twins).map(|(_, permission)| permission).collect();
        assert_eq!(needed.len(), 1, "{operation}: {callers:?} and {twins:?}");
    }
}

#[test]
fn what_a_page_changes_a_route_can_change() {
    let changes = by_routes(&["POST", "PUT", "PATCH", "DELETE"]);
    let reads = by_routes(&["GET"]);
    for (operation, callers) in by_server_functions() {
        let known = changes.contains_key(&operation) || reads.contains_key(&operation);
        let listed = READS.contains(&operation.as_str());
        let alone = PAGES_ONLY.iter().any(|(name, _)| *name == operation);
        assert!(known || listed || alone, "no route calls {operation}, which {callers:?} call");
    }
}
