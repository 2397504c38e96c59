//! What the server owns, nobody sets: every field of an answer that its request doesn't know is refused by name, in
//! every write, alone and with all the others.

use crate::client::Ask;
use crate::openapi::{operations, resolved};
use crate::routes::{ROUTES, Route, targets};
use crate::support::Place;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const BASE: &str = "/admin/api/v1";

/// The fields of a record that this write answers or changes, each with a value that the record could have.
fn fields_of_the_record(document: &Value, route: &Route) -> BTreeMap<String, Value> {
    let all = operations(document);
    let path = format!("{BASE}{}", route.path);
    // The record itself is what reading answers: here, above, or for one of the list.
    let readable = [path.clone(), path.rsplit_once('/').unwrap().0.to_owned()]
        .into_iter()
        .chain(["id", "name"].map(|word| format!("{path}/{{{word}}}")));
    let reads = readable.filter_map(|path| all.get(&("GET".to_owned(), path)).copied());
    let writes = all.get(&(route.method.to_string(), path.clone())).copied();
    let mut fields = BTreeMap::new();
    for operation in reads.chain(writes) {
        for status in ["200", "201"] {
            let content = &operation["responses"][status]["content"]["application/json"];
            if let Some(example) = content["example"].as_object() {
                fields.extend(example.clone());
            }
        }
    }
    // Words of lists and answers around a record.
    for word in ["items", "next_cursor", "total", "hidden"] {
        fields.remove(word);
    }
    fields
}

fn fields_of_the_request(document: &Value, route: &Route) -> Option<BTreeSet<String>> {
    let path = format!("{BASE}{}", route.path);
    let operation = operations(document)[&(route.method.to_string(), path)];
    let content = operation["requestBody"]["content"].get("application/json")?;
    let properties = resolved(document, &content["schema"])["properties"].as_object().unwrap();
    Some(properties.keys().cloned().collect())
}

#[tokio::test]
async fn a_field_that_the_server_owns_is_refused_by_name_in_every_write() {
    let place = Place::new();
    let server = place.serve().await;
    let targets = targets(&place, &server).await;
    let document = server.get("/admin/api/openapi.json").ask().await.json();
    let (mut writes, mut fields) = (0, 0);
    for route in ROUTES.iter().filter(|route| route.method != Method::GET) {
        let Some(known) = fields_of_the_request(&document, route) else { continue };
        let mut owned = fields_of_the_record(&document, route);
        owned.retain(|field, _| !known.contains(field));
        let case = format!("{} {}", route.method, route.path);
        if route.path == "/role-mappings" {
            // Replaced whole, it has nothing that the server owns: what every other record has is refused all the same.
            owned.insert("id".to_owned(), json!("role_mapping"));
        }
        assert!(!owned.is_empty(), "{case}: what does the server own here?");
        let before = place.counts().await;
        let send = async |extra: &[(&String, &Value)]| {
            let mut body = route.body("owned", &targets.user).unwrap_or_else(|| json!({}));
            for (field, value) in extra {
                body[field.as_str()] = (*value).clone();
            }
            route.request(&server, targets.of(route)).master().json(&body).ask().await
        };
        for (field, value) in &owned {
            assert_eq!(send(&[(field, value)]).await.wrong_fields(), [field.as_str()], "{case}: {field}");
        }
        let refused = send(&owned.iter().collect::<Vec<_>>()).await.wrong_fields();
        assert!(refused.iter().all(|field| owned.contains_key(field)), "{case}: {refused:?}");
        assert_eq!(place.counts().await, before, "{case}");
        writes += 1;
        fields += owned.len();
    }
    assert!(writes >= 25 && fields >= 200, "{writes} writes, {fields} fields");
}
