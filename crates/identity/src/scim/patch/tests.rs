use super::patch;
use crate::scim::schema::{GROUPS, Schema, USERS};
use crate::scim::{ENTERPRISE_USER, ScimError, ScimType};
use serde_json::{Value, json};

fn patched(schema: &'static Schema, before: Value, operations: Value) -> Result<Value, ScimError> {
    let before = before.as_object().unwrap().clone();
    patch(schema, &before, &json!({ "Operations": operations })).map(Value::Object)
}

#[track_caller]
fn user(before: Value, operations: Value, after: Value) {
    assert_eq!(patched(&USERS, before, operations).unwrap(), after);
}

#[test]
fn what_okta_sends() {
    let before = json!({ "userName": "a", "active": true });
    user(
        before.clone(),
        json!([{ "op": "replace", "value": { "active": false } }]),
        json!({ "userName": "a", "active": false }),
    );
    let group = json!({ "displayName": "Eng", "members": [{ "value": "1" }, { "value": "2" }] });
    let group = |operations| patched(&GROUPS, group.clone(), operations).unwrap();
    assert_eq!(
        group(json!([{ "op": "replace", "value": { "id": "grp_x", "displayName": "Ops" } }]))["displayName"],
        "Ops"
    );
    let removed = group(json!([{ "op": "remove", "path": "members[value eq \"1\"]" }]));
    assert_eq!(removed["members"], json!([{ "value": "2" }]));
    let added = group(
        json!([{ "op": "add", "path": "members", "value": [{ "value": "2" }, { "value": "3", "display": "c" }] }]),
    );
    assert_eq!(added["members"], json!([{ "value": "1" }, { "value": "2" }, { "value": "3" }]));
    let replaced = group(json!([{ "op": "replace", "path": "members", "value": [{ "value": "9" }] }]));
    assert_eq!(replaced["members"], json!([{ "value": "9" }]));
    assert_eq!(group(json!([{ "op": "replace", "path": "members", "value": [] }])).get("members"), None);
}

#[test]
fn what_entra_sends() {
    let before = json!({ "userName": "a", "active": true });
    user(
        before.clone(),
        json!([
            { "op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@b" },
            { "op": "Replace", "path": "active", "value": "False" },
            { "op": "Add", "path": "name.familyName", "value": "F" },
            { "op": "Add", "path": format!("{ENTERPRISE_USER}:department"), "value": "D" },
            { "op": "Add", "path": format!("{ENTERPRISE_USER}:manager"), "value": "7" },
        ]),
        json!({
            "userName": "a", "active": false, "name": { "familyName": "F" },
            "emails": [{ "type": "work", "value": "a@b" }],
            ENTERPRISE_USER: { "department": "D", "manager": { "value": "7" } },
        }),
    );
    user(
        before.clone(),
        json!([{ "op": "Replace", "value": {
            "displayName": "A", "name.givenName": "G", "emails[type eq \"work\"].value": "a@b",
            format!("{ENTERPRISE_USER}:department"): "D", "id": "9", "unknown": 1, "schemas": ["x"],
        } }]),
        json!({
            "userName": "a", "active": true, "displayName": "A", "name": { "givenName": "G" },
            "emails": [{ "type": "work", "value": "a@b" }], ENTERPRISE_USER: { "department": "D" },
        }),
    );
    user(
        before,
        json!([{ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "r" }]),
        json!({ "userName": "a", "active": true, "roles": [{ "primary": true, "value": "r" }] }),
    );
    let group = json!({ "displayName": "Eng", "members": [{ "value": "1" }, { "value": "2" }] });
    let remove = json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "1" }] }]);
    assert_eq!(patched(&GROUPS, group, remove).unwrap()["members"], json!([{ "value": "2" }]));
}

#[test]
fn parts_values_and_all_of_it() {
    let before = json!({
        "userName": "a", "title": "T", "name": { "familyName": "F", "givenName": "G" },
        "emails": [{ "value": "w@b", "type": "work", "primary": true }, { "value": "h@b", "type": "home" }],
        ENTERPRISE_USER: { "department": "D" },
    });
    let after = |operations: Value| patched(&USERS, before.clone(), operations).unwrap();
    // Those parts that aren't named stay.
    assert_eq!(
        after(json!([{ "op": "replace", "path": "name", "value": { "givenName": "H" } }]))["name"],
        json!({ "familyName": "F", "givenName": "H" })
    );
    assert_eq!(
        after(json!([{ "op": "replace", "value": { "name": { "familyName": null } } }]))["name"],
        json!({ "givenName": "G" })
    );
    for gone in [
        json!({ "op": "remove", "path": "title" }),
        json!({ "op": "replace", "path": "title", "value": null }),
    ] {
        assert_eq!(after(json!([gone])).get("title"), None);
    }
    assert_eq!(after(json!([{ "op": "remove", "path": "name" }])).get("name"), None);
    assert_eq!(after(json!([{ "op": "remove", "path": ENTERPRISE_USER }])).get(ENTERPRISE_USER), None);
    let extended = after(json!([{ "op": "add", "value": { ENTERPRISE_USER: { "division": "V" } } }]));
    assert_eq!(extended[ENTERPRISE_USER], json!({ "department": "D", "division": "V" }));
    // There is one primary value at most.
    let added =
        after(json!([{ "op": "add", "path": "emails", "value": [{ "value": "n@b", "primary": true }] }]));
    assert_eq!(added["emails"][0]["primary"], false);
    assert_eq!(added["emails"][2], json!({ "value": "n@b", "primary": true }));
    let switched =
        after(json!([{ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true }]));
    assert_eq!(
        (&switched["emails"][0]["primary"], &switched["emails"][1]["primary"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        after(json!([{ "op": "remove", "path": "emails[type eq \"work\"].primary" }]))["emails"][0],
        json!({ "value": "w@b", "type": "work" })
    );
    assert_eq!(
        after(json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }]))["emails"],
        json!([{ "value": "h@b", "type": "home" }])
    );
    assert_eq!(after(json!([{ "op": "remove", "path": "emails[type eq \"fax\"]" }])), before);
    assert_eq!(
        after(json!([{ "op": "replace", "path": "emails[type eq \"home\"]", "value": { "value": "x@b" } }]))
            ["emails"][1],
        json!({ "value": "x@b", "type": "home" })
    );
    assert_eq!(
        after(json!([{ "op": "replace", "path": "emails.display", "value": "E" }]))["emails"][1]["display"],
        "E"
    );
    assert_eq!(after(json!([])), before);
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let before = json!({ "userName": "a", "emails": [{ "value": "w@b", "type": "work" }] });
    for (operation, kind) in [
        (json!({ "op": "move", "path": "title", "value": "x" }), ScimType::InvalidSyntax),
        (json!({ "path": "title", "value": "x" }), ScimType::InvalidSyntax),
        (json!("add"), ScimType::InvalidSyntax),
        (json!({ "op": "add", "path": "nothing", "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "add", "path": 7, "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "add", "path": "emails[type eq", "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "add", "path": "emails[type eq 1 or].value", "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "add", "path": "userName[type eq 1]", "value": "x" }), ScimType::InvalidPath),
        (
            json!({ "op": "add", "path": "emails[type eq \"work\"].nothing", "value": "x" }),
            ScimType::InvalidPath,
        ),
        (json!({ "op": "remove" }), ScimType::NoTarget),
        (
            json!({ "op": "replace", "path": "emails[type eq \"fax\"]", "value": { "value": "x" } }),
            ScimType::NoTarget,
        ),
        (
            json!({ "op": "replace", "path": "emails[type co \"fax\"].value", "value": "x" }),
            ScimType::NoTarget,
        ),
        (json!({ "op": "replace", "path": "id", "value": "x" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "meta.created", "value": "x" }), ScimType::Mutability),
        (json!({ "op": "add", "path": "groups", "value": [{ "value": "x" }] }), ScimType::Mutability),
        (json!({ "op": "add", "path": "active", "value": "perhaps" }), ScimType::InvalidValue),
        (json!({ "op": "add", "path": "active" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "value": "x" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "value": { "active": 7 } }), ScimType::InvalidValue),
    ] {
        let first = json!({ "op": "add", "path": "title", "value": "T" });
        let refused = patched(&USERS, before.clone(), json!([first, operation])).unwrap_err();
        assert_eq!((refused.status, refused.scim_type), (400, Some(kind)), "{operation}: {refused}");
    }
    let many = vec![json!({ "op": "remove", "path": "title" }); 1_001];
    assert_eq!(patched(&USERS, before.clone(), json!(many)).unwrap_err().status, 413);
    for body in [json!({}), json!([]), json!({ "Operations": {} })] {
        let refused = patch(&USERS, before.as_object().unwrap(), &body).unwrap_err();
        assert_eq!(refused.scim_type, Some(ScimType::InvalidSyntax));
    }
}
