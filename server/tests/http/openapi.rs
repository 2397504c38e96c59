//! The Admin API's document: every route is in it as the server has it, and nothing else is.

use crate::client::Ask;
use crate::routes::{ROUTES, in_source};
use crate::support::{Place, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const BASE: &str = "/admin/api/v1";

/// The operations of the document, by method and path.
pub(crate) fn operations(document: &Value) -> BTreeMap<(String, String), &Value> {
    let paths = document["paths"].as_object().unwrap().iter();
    let each = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, operation)| ((method.to_uppercase(), path.clone()), operation))
    });
    each.collect()
}

/// The schema that this one is, by whatever name.
pub(crate) fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => schema,
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").map(text));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The document as it is printed.
fn printed() -> Value {
    serde_json::from_str(&Place::new().run_well(&["openapi"], "")).unwrap()
}

#[test]
fn every_route_is_in_the_document_and_the_other_way_round() {
    let document = printed();
    let described: BTreeSet<_> = operations(&document).into_keys().collect();
    let portal = in_source(include_str!("../../src/admin_api/portal.rs"));
    let routes = ROUTES.iter().map(|route| (route.method.to_string(), format!("{BASE}{}", route.path)));
    let expected: BTreeSet<_> = routes.chain(portal).collect();
    assert_eq!(described, expected, "describe the new route in admin_api/openapi/operations");
}

#[test]
fn the_permission_in_the_document_is_the_one_that_is_asked_for() {
    let document = printed();
    let described = operations(&document);
    for route in &ROUTES {
        let operation = described[&(route.method.to_string(), format!("{BASE}{}", route.path))];
        assert_eq!(operation["x-permission"], route.needs.to_string(), "{} {}", route.method, route.path);
    }
}

#[test]
fn the_document_is_sound() {
    let document = printed();
    assert_eq!(document["openapi"], "3.1.0");
    let ids: Vec<_> =
        operations(&document).values().map(|operation| text(&operation["operationId"])).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        assert!(schema.get("allOf").is_none(), "{name} should be one object");
        assert!(found.contains(&format!("#/components/schemas/{name}")), "{name} is used by nothing");
    }
    for ((method, path), operation) in operations(&document) {
        let Some(content) = operation["requestBody"]["content"].get("application/json") else { continue };
        let schema = resolved(&document, &content["schema"]);
        assert_eq!(schema["additionalProperties"], false, "{method} {path}");
        for field in content["example"].as_object().unwrap().keys() {
            assert!(schema["properties"].get(field).is_some(), "{method} {path}: {field}");
        }
    }
}

#[tokio::test]
async fn document_and_page_are_open_complete_and_load_nothing() {
    let place = Place::new();
    let server = place.serve().await;
    let document = server.get("/admin/api/openapi.json").ask().await;
    assert_eq!((document.status, document.header("content-type")), (200, "application/json"));
    assert_eq!(document.json(), printed());
    let page = server.get("/admin/api/docs").ask().await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert_eq!(policy, "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'");
    assert!(
        !page.text.contains("<script") && !page.text.contains("<style") && !page.text.contains(" style=")
    );
    for (_, operation) in operations(&document.json()) {
        let anchor = format!("id=\"{}\"", text(&operation["operationId"]));
        assert!(page.text.contains(&anchor), "{anchor}");
    }
    let style = server.get("/admin/api/docs.css").ask().await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
}
