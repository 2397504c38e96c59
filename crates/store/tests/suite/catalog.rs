//! Providers and models.

use crate::bed::{Bed, audit};
use model::catalog::{Model, Prices, Provider, ProviderKind, ProviderOptions, Target};
use model::change::{Change, Epoch};
use model::money::Usd;
use model::{ModelName, PageRequest, ProviderName};
use store::Tx;

fn provider(name: &str, from_configuration: bool) -> Provider {
    Provider {
        name: name.parse().unwrap(),
        kind: ProviderKind::OpenaiCompatible,
        base_url: "https://api.example.com/v1".to_owned(),
        sandbox: false,
        allow_private_addresses: true,
        options: ProviderOptions { chunks: 3, ..ProviderOptions::default() },
        has_credential: false,
        from_configuration,
    }
}

fn model(name: &str, from_configuration: bool) -> Model {
    let target = Target { provider: "one".parse().unwrap(), upstream_model: "m".to_owned(), weight: 2 };
    let prices = Prices { input_per_million_usd: Some(Usd::from_micros(150_000)), ..Prices::default() };
    Model {
        name: name.parse().unwrap(),
        targets: vec![target],
        labels: vec!["eu".parse().unwrap()],
        prices,
        max_output_tokens: Some(4_096),
        context_length: None,
        from_configuration,
    }
}

async fn commit(tx: Tx) -> Epoch {
    tx.commit(&audit("catalog.update"), &[Change::Catalog]).await.unwrap()
}

pub(crate) async fn providers_and_models(bed: &Bed) {
    let empty = bed.store.catalog().await.unwrap();
    assert!(empty.providers.is_empty() && empty.models.is_empty());
    assert_eq!(empty.epoch, Epoch(0));

    let mut tx = bed.begin().await;
    tx.upsert_provider(&provider("two", false), None).await.unwrap();
    tx.upsert_provider(&provider("one", false), Some(b"sealed\0bytes")).await.unwrap();
    tx.upsert_model(&model("meta-llama/Llama-3.1-8B", false)).await.unwrap();
    commit(tx).await;
    let catalog = bed.store.catalog().await.unwrap();
    assert_eq!(catalog.epoch, Epoch(1));
    assert_eq!(catalog.models, [model("meta-llama/Llama-3.1-8B", false)]);
    let [one, two] = &catalog.providers[..] else { panic!("two providers") };
    assert_eq!(one.provider, Provider { has_credential: true, ..provider("one", false) });
    assert_eq!(one.sealed_credential.as_deref(), Some(&b"sealed\0bytes"[..]));
    assert_eq!(two.provider, provider("two", false));
    assert_eq!(two.sealed_credential, None);

    let changed = Provider { kind: ProviderKind::Echo, sandbox: true, ..provider("one", true) };
    let cheaper = Model { prices: Prices::default(), ..model("meta-llama/Llama-3.1-8B", true) };
    let mut tx = bed.begin().await;
    tx.upsert_provider(&changed, None).await.unwrap();
    tx.upsert_model(&cheaper).await.unwrap();
    commit(tx).await;
    let catalog = bed.store.catalog().await.unwrap();
    assert_eq!(catalog.providers[0].provider, changed);
    assert_eq!(catalog.providers[0].sealed_credential, None);
    assert_eq!(catalog.models, [cheaper]);

    let names = |list: &[&str]| list.iter().map(|name| name.parse().unwrap()).collect::<Vec<ProviderName>>();
    let known = bed.store.provider_names(&names(&["two", "three", "one", "two"])).await.unwrap();
    assert_eq!(known, names(&["one", "two"]));
    assert_eq!(bed.store.provider_names(&[]).await.unwrap(), []);
}

pub(crate) async fn what_the_configuration_no_longer_names(bed: &Bed) {
    let mut tx = bed.begin().await;
    for (name, configured) in [("one", true), ("two", true), ("by-hand", false)] {
        tx.upsert_provider(&provider(name, configured), None).await.unwrap();
        tx.upsert_model(&model(name, configured)).await.unwrap();
    }
    commit(tx).await;
    let left = async || -> Vec<String> {
        let catalog = bed.store.catalog().await.unwrap();
        let providers = catalog.providers.iter().map(|stored| stored.provider.name.to_string());
        providers.chain(catalog.models.iter().map(|model| model.name.to_string())).collect()
    };
    let one: ProviderName = "one".parse().unwrap();
    let two: ModelName = "two".parse().unwrap();
    let mut tx = bed.begin().await;
    assert_eq!(tx.remove_configured_except(&[one], &[two]).await.unwrap(), 2);
    commit(tx).await;
    assert_eq!(left().await, ["by-hand", "one", "by-hand", "two"]);
    let mut tx = bed.begin().await;
    assert_eq!(tx.remove_configured_except(&[], &[]).await.unwrap(), 2);
    commit(tx).await;
    assert_eq!(left().await, ["by-hand", "by-hand"]);
}

pub(crate) async fn one_by_one(bed: &Bed) {
    let one: ProviderName = "one".parse().unwrap();
    let name: ModelName = "a/b".parse().unwrap();
    let mut tx = bed.begin().await;
    assert!(tx.provider(&one).await.unwrap().is_none() && tx.model(&name).await.unwrap().is_none());
    tx.upsert_provider(&provider("one", false), Some(b"sealed")).await.unwrap();
    tx.upsert_provider(&provider("One", true), None).await.unwrap();
    tx.upsert_model(&model("a/b", false)).await.unwrap();
    tx.upsert_model(&model("configured", true)).await.unwrap();
    let seen = tx.provider(&one).await.unwrap().unwrap();
    assert_eq!(seen.sealed_credential.as_deref(), Some(&b"sealed"[..]));
    assert_eq!(tx.models_using(&one).await.unwrap().len(), 2);
    let known = tx.provider_names(std::slice::from_ref(&one)).await.unwrap();
    assert_eq!(known, std::slice::from_ref(&one));
    commit(tx).await;
    assert_eq!(bed.store.provider(&one).await.unwrap().unwrap().provider.name, one);
    assert_eq!(bed.store.model(&name).await.unwrap(), Some(model("a/b", false)));
    let users: Vec<_> = bed.store.models_using(&one).await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(users, ["a/b", "configured"]);
    assert_eq!(bed.store.models_using(&"One".parse().unwrap()).await.unwrap(), [], "case matters");

    let mut tx = bed.begin().await;
    assert!(!tx.delete_provider(&"One".parse().unwrap()).await.unwrap(), "the configuration's");
    assert!(!tx.delete_model(&"configured".parse().unwrap()).await.unwrap(), "the configuration's");
    assert!(tx.delete_provider(&one).await.unwrap() && !tx.delete_provider(&one).await.unwrap());
    assert!(tx.delete_model(&name).await.unwrap() && !tx.delete_model(&name).await.unwrap());
    commit(tx).await;
    assert!(bed.store.provider(&one).await.unwrap().is_none());
    assert_eq!(bed.store.model(&name).await.unwrap(), None);
}

pub(crate) async fn lists_by_name(bed: &Bed) {
    let mut tx = bed.begin().await;
    for name in ["b", "B", "a_1", "a-1"] {
        let at = Provider { base_url: format!("https://{name}.Example/v1"), ..provider(name, false) };
        tx.upsert_provider(&at, Some(b"sealed")).await.unwrap();
        let labelled = Model { labels: vec![format!("L{name}").parse().unwrap()], ..model(name, false) };
        tx.upsert_model(&labelled).await.unwrap();
    }
    commit(tx).await;
    let names = async |q: Option<&str>| -> (Vec<String>, Vec<String>) {
        let (mut providers, mut models) = (Vec::new(), Vec::new());
        let mut page = PageRequest { cursor: None, limit: 3 };
        loop {
            let found = bed.store.list_providers(q, &page).await.unwrap();
            providers.extend(found.items.iter().map(|provider| provider.name.to_string()));
            page.cursor = found.next_cursor;
            if page.cursor.is_none() {
                assert_eq!(found.total.count, providers.len() as u64);
                break;
            }
        }
        loop {
            let found = bed.store.list_models(q, &page).await.unwrap();
            models.extend(found.items.iter().map(|model| model.name.to_string()));
            page.cursor = found.next_cursor;
            if page.cursor.is_none() {
                assert_eq!(found.total.count, models.len() as u64);
                break;
            }
        }
        (providers, models)
    };
    let both = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        (names.clone(), names)
    };
    assert_eq!(names(None).await, both(&["B", "a-1", "a_1", "b"]));
    assert_eq!(names(Some("b")).await, both(&["B", "b"]));
    assert_eq!(names(Some("A_1")).await, both(&["a_1"]));
    assert_eq!(names(Some("example")).await.0.len(), 4);
    assert_eq!(names(Some("la-1")).await, (Vec::new(), vec!["a-1".to_owned()]));
    assert_eq!(names(Some("%")).await, both(&[]));
    let first = PageRequest { cursor: None, limit: 1 };
    let cursor = bed.store.list_models(None, &first).await.unwrap().next_cursor;
    let foreign = bed.store.list_providers(None, &PageRequest { cursor, limit: 1 }).await;
    assert!(matches!(foreign, Err(store::Error::InvalidCursor)));
}
