//! `docs/asvs.md` is kept true: every test that it names is there and is run, and no row goes without an answer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How a row of the table answers when no test does.
const OTHERWISE: [&str; 3] = ["gap: ", "held by ", "not yet: "];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// The rows' cells: number, what is asked, how it is done, what proves it.
fn rows(document: &str) -> impl Iterator<Item = Vec<&str>> {
    document
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit())
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
}

/// The tests that a text names.
fn named(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('`').skip(1).step_by(2).filter_map(|span| span.split_once("::"))
}

/// Whether the test is there: in `crate/path.rs` as a function that a test attribute stands over or a suite's list calls,
/// in `end2end/tests/NN-name.spec.ts` by its title.
fn is_there(place: &str, test: &str) -> bool {
    if place.starts_with("end2end/") {
        let spec = read(&root().join(format!("{place}.spec.ts")));
        return spec.is_some_and(|spec| spec.contains(&format!("test(\"{test}\"")));
    }
    let file = [root(), root().join("crates")].map(|folder| folder.join(format!("{place}.rs")));
    let Some((path, source)) = file.iter().find_map(|path| Some((path, read(path)?))) else { return false };
    let Some((before, _)) = source.split_once(&format!("fn {test}(")) else { return false };
    let mut above = before.rsplit('\n').skip(1).map(str::trim).take_while(|line| line.starts_with("#["));
    let listed = |suite: String| suite.lines().any(|line| line.trim() == format!("{test},"));
    above.any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
        || read(&path.with_file_name("main.rs")).is_some_and(listed)
}

#[test]
fn every_named_test_exists() {
    let document = read(&root().join("docs/asvs.md")).unwrap();
    let all: BTreeSet<_> = named(&document).collect();
    assert!(all.len() > 100, "only {} tests are named", all.len());
    let missing: Vec<_> = all.iter().filter(|(place, test)| !is_there(place, test)).collect();
    assert!(missing.is_empty(), "docs/asvs.md names tests that aren't there: {missing:#?}");
}

#[test]
fn every_requirement_is_answered_once() {
    let document = read(&root().join("docs/asvs.md")).unwrap();
    let mut seen = BTreeSet::new();
    for row in rows(&document) {
        let [number, asked, done, proof] = row[..] else { panic!("a row has four cells: {row:?}") };
        assert!(seen.insert(number), "{number} is there twice");
        assert!(number.split('.').all(|part| part.parse::<u8>().is_ok()), "{number} is no number");
        let open = proof.starts_with("gap: ") || proof.starts_with("not yet: ");
        assert!(!asked.is_empty() && (open || !done.is_empty()), "{number} says nothing");
        let answered = named(proof).next().is_some() || OTHERWISE.iter().any(|word| proof.starts_with(word));
        assert!(answered, "{number} names no test, and says neither {OTHERWISE:?}");
    }
    assert!(seen.len() > 100, "only {} requirements are there", seen.len());
}

#[test]
fn what_is_not_there_is_found_missing() {
    assert!(is_there("model/tests/asvs", "what_is_not_there_is_found_missing"));
    // A function that is no test, a test of another file, a file and a title that aren't there.
    for (place, test) in [
        ("model/tests/asvs", "is_there"),
        ("model/tests/house", "what_is_not_there_is_found_missing"),
        ("model/tests/nowhere", "what_is_not_there_is_found_missing"),
        ("end2end/tests/01-first-run", "nobody wrote this"),
    ] {
        assert!(!is_there(place, test), "{place}::{test}");
    }
}
