//! What `deploy/` says to the program: its configuration is one that the program takes, and `gatehouse health` tells what
//! a container's health check needs.

use crate::support::{Place, free_port};
use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The variables of the program that a file sets, whatever its syntax: `NAME: value` or `NAME=value`, some in a line.
fn variables(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("GATEHOUSE__") {
        let rest = &text[at..];
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_uppercase()).unwrap();
        let (name, rest) = rest.split_at(end);
        let Some(value) = rest.strip_prefix('=').or_else(|| rest.strip_prefix(": ")) else { continue };
        let value = value.split('\n').next().unwrap();
        // In the environment file of a comment it is left out: what is secret.
        if !value.contains('…') {
            let value = if value.contains("${") { value } else { value.split(' ').next().unwrap() };
            found.push((name.to_owned(), value.to_owned()));
        }
    }
    found
}

/// As compose does: `${NAME:?…}` and `${NAME:-default}`.
fn filled(value: &str) -> String {
    let Some((before, rest)) = value.split_once("${") else { return value.to_owned() };
    let (inside, after) = rest.split_once('}').unwrap();
    let value = inside.split_once(":-").map_or("a1b2c3d4e5f6a7b8", |(_, default)| default);
    format!("{before}{value}{after}")
}

#[test]
fn its_configuration_and_variables_are_valid() {
    let yaml = read("gatehouse.yaml");
    let plain = Place::first_run().configured(&yaml).run_well(&["config", "check"], "");
    assert!(plain.contains("gpt-4o-mini") && plain.contains("http://localhost:8080"), "{plain}");
    let public = Place::first_run().with("GATEHOUSE_BASE_URL", "https://gw.example.com").configured(&yaml);
    assert!(public.run_well(&["config", "check"], "").contains("https://gw.example.com"));

    for (name, count) in
        [("compose.yaml", 3), ("Containerfile", 2), ("gatehouse.service", 1), ("gatehouse-backup.service", 1)]
    {
        let variables = variables(&read(name));
        assert_eq!(variables.len(), count, "{name}: {variables:?}");
        let mut place = Place::first_run();
        for (variable, value) in &variables {
            place = place.with(variable, &filled(value));
        }
        place.configured(&yaml).run_well(&["config", "check"], "");
    }
}

#[test]
fn stopping_waits_longer_than_draining() {
    for (name, words) in
        [("compose.yaml", "stop_grace_period: 45s"), ("gatehouse.service", "TimeoutStopSec=45")]
    {
        assert!(read(name).contains(words), "{name}");
    }
    assert!(read("gatehouse.yaml").contains("drain_seconds: 30"));
}

#[tokio::test]
async fn health_says_whether_it_may_take_traffic() {
    let listen = format!("0.0.0.0:{}", free_port());
    let place = Place::new().with("GATEHOUSE__SERVER__LISTEN", &listen);
    let output = place.run(&["health"], "");
    assert!(!output.status.success(), "nobody is there");
    assert!(String::from_utf8_lossy(&output.stderr).contains("doesn't answer"));
    let server = place.serve().await;
    assert_eq!(place.run_well(&["health"], ""), "ready");
    server.kill();
    assert!(!place.run(&["health"], "").status.success());
}
