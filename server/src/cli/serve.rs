//! `gatehouse serve`: everything started in order, and stopped in the other.

use super::config_check::{in_clear, unused};
use super::prompt::say;
use super::{Failure, control_over};
use crate::config::{Config, ProviderConfig};
use crate::http::{BaseUrl, Http, Readiness, Site, Turns};
use crate::system::{OsEntropy, SystemClock};
use crate::wiring::{
    LocalNode, NodeBroadcast, StoreLedger, StorePolicies, follow, load_access_rules, load_catalog,
    seed_counters,
};
use crate::{http, metrics, telemetry};
use control::Control;
use control::catalog::ConfiguredProvider;
use control::sign_in::{FirstRun, SeedAdmin, prepare};
use gateway::{Deps, Fallback, Gateway, GatewayConfig};
use identity::password::Password;
use model::catalog::{Model, Prices, Provider, ProviderKind, Target};
use model::change::Epoch;
use model::id::UserId;
use model::time::Entropy;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use store::{NodeLock, Store};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(super) fn run(runtime: &Runtime, config: Config) -> Result<(), Failure> {
    telemetry::start(&config.log)?;
    for line in unused(&config).into_iter().chain(in_clear(&config)?) {
        tracing::warn!("{line}");
    }
    runtime.block_on(serve(runtime, config))
}

/// Runs on the main thread, whose priority the data plane's threads inherit. The database's inherit that of the
/// runtime's threads, so it is opened there.
async fn serve(runtime: &Runtime, mut config: Config) -> Result<(), Failure> {
    if config.server.listen.port() == 0 {
        config.server.listen = free_port(config.server.listen)?;
    }
    let listen = config.server.listen;
    let base_url = base_url(&config)?;
    let config = Arc::new(config);
    let Opened { control, node, lock, first_run, epoch } = runtime.spawn(open(Arc::clone(&config))).await??;

    let site = Arc::new(Site::load());
    let readiness = Readiness::default();
    let router = http::router(Http {
        control: control.clone(),
        base_url: base_url.clone(),
        site,
        master_key: config.master_key.clone(),
        trusted_proxies: config.server.trusted_proxies.clone().into(),
        pages_enabled: config.identity.enabled,
        readiness: readiness.clone(),
        turns: Turns::default(),
    });
    let gateway = start_gateway(runtime, &config, &control, router).await?;
    runtime.spawn(make_current(gateway.clone(), control.clone(), node.clone(), epoch)).await??;
    readiness.set(true);

    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    tasks.spawn(follow(node.clone(), lock, control.clone(), readiness.clone(), stop.clone()));
    if let Some(address) = config.metrics.listen {
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(|error| format!("metrics.listen {address}: {error}"))?;
        let server = axum::serve(listener, metrics::router(gateway.clone()))
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        tasks.spawn(server.into_future());
    }
    announce(&base_url, listen, &first_run)?;

    wait_for_signal().await?;
    tracing::info!(seconds = config.server.drain_seconds, "draining: running requests may end");
    readiness.set(false);
    gateway.drain(Duration::from_secs(config.server.drain_seconds)).await;
    control.drain().await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    control.store().remove_node(node.id()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// The database, taken by this node and with everything in it that serving needs.
struct Opened {
    control: Control,
    node: Arc<LocalNode>,
    lock: NodeLock,
    first_run: FirstRun,
    /// The change feed's position at which all this was read.
    epoch: Epoch,
}

async fn open(config: Arc<Config>) -> Result<Opened, Failure> {
    let id = node_id();
    let (store, lock) = Store::open_to_serve(&config.database_url(), &id).await?;
    let node = LocalNode::new(id, store.clone());
    let control = control_over(&config, store, NodeBroadcast::over(node.clone()))?;
    let first_run = prepare_data(&control, &config).await?;
    let epoch = control.store().epoch().await?;
    Ok(Opened { control, node, lock, first_run, epoch })
}

/// Gives the gateway what the database knows, and what has changed since `epoch`.
async fn make_current(
    gateway: Arc<Gateway>,
    control: Control,
    node: Arc<LocalNode>,
    epoch: Epoch,
) -> Result<(), Failure> {
    load_catalog(&gateway, &control).await?;
    load_access_rules(&gateway, &control).await?;
    seed_counters(&gateway, control.store(), control.now()).await?;
    node.serve(gateway, control, epoch).await;
    node.catch_up().await?;
    Ok(())
}

/// First account, configured providers and models.
async fn prepare_data(control: &Control, config: &Config) -> Result<FirstRun, Failure> {
    let seed = config.identity.admin_email.as_ref().zip(config.identity.admin_password.as_ref());
    let seed = seed.map(|(email, password)| SeedAdmin {
        email: email.clone(),
        password: Password::new(password.expose().to_owned()),
    });
    let first_run = prepare(control, seed).await.map_err(|error| super::explain(&error))?;
    let (providers, models) = configured_catalog(config);
    control::catalog::configure(control, providers, models).await.map_err(|error| super::explain(&error))?;
    Ok(first_run)
}

async fn start_gateway(
    runtime: &Runtime,
    config: &Config,
    control: &Control,
    router: axum::Router,
) -> Result<Arc<Gateway>, Failure> {
    let settings = GatewayConfig {
        listen: config.server.listen,
        trusted_proxies: config.server.trusted_proxies.clone(),
        threads: config.server.threads.map_or(0, usize::from),
        max_body_bytes: usize::try_from(config.limits.max_body_bytes)?,
        body_memory_bytes: usize::try_from(config.limits.body_memory_bytes)?,
        connections_per_address: usize::try_from(config.limits.connections_per_address)?,
        spool_dir: config.server.data_dir.join("spool"),
        state_bound: Duration::from_secs(u64::from(config.limits.state_bound_seconds)),
        directory_capacity: usize::try_from(config.limits.directory_capacity)?,
        ..GatewayConfig::default()
    };
    let deps = Deps {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        policies: Arc::new(StorePolicies {
            store: control.store().clone(),
            runtime: runtime.handle().clone(),
        }),
        sink: Arc::new(StoreLedger(control.store().clone())),
        fallback: Fallback::new(runtime.handle().clone(), router),
    };
    Ok(Arc::new(Gateway::start(settings, deps).await?))
}

/// What the file configures, and the built-in `echo`.
fn configured_catalog(config: &Config) -> (Vec<ConfiguredProvider>, Vec<Model>) {
    let mut providers: Vec<_> = config.providers.iter().map(configured_provider).collect();
    let mut models: Vec<_> = config
        .models
        .iter()
        .map(|model| Model { from_configuration: true, ..model.to_new().into_model() })
        .collect();
    let names = ("echo".parse(), "echo".parse());
    if let (true, (Ok(provider), Ok(model))) = (config.echo.enabled, names) {
        let echo = Provider {
            name: provider,
            kind: ProviderKind::Echo,
            base_url: String::new(),
            sandbox: true,
            allow_private_addresses: false,
            options: config.echo.options.clone(),
            has_credential: false,
            from_configuration: true,
        };
        models.push(Model {
            name: model,
            targets: vec![Target {
                provider: echo.name.clone(),
                upstream_model: "echo".to_owned(),
                weight: 1,
            }],
            labels: Vec::new(),
            prices: Prices::default(),
            max_output_tokens: None,
            context_length: None,
            from_configuration: true,
        });
        providers.push(ConfiguredProvider { provider: echo, credential: None });
    }
    (providers, models)
}

fn configured_provider(config: &ProviderConfig) -> ConfiguredProvider {
    ConfiguredProvider {
        provider: Provider {
            name: config.name.clone(),
            kind: config.kind,
            base_url: match (config.base_url.as_str(), config.kind.usual_base_url()) {
                ("", Some(usual)) => usual.to_owned(),
                (given, _) => given.trim_end_matches('/').to_owned(),
            },
            sandbox: config.sandbox,
            allow_private_addresses: config.allow_private_addresses,
            options: config.options.clone(),
            has_credential: config.api_key.is_some(),
            from_configuration: true,
        },
        credential: config.api_key.as_ref().map(|key| key.expose().to_owned().into()),
    }
}

fn base_url(config: &Config) -> Result<BaseUrl, Failure> {
    let text = match &config.server.base_url {
        Some(text) => text.clone(),
        None => format!("http://localhost:{}", config.server.listen.port()),
    };
    BaseUrl::parse(&text).ok_or_else(|| "server.base_url: must be http:// or https:// with a host".into())
}

/// The address is part of links and of the origin check, so it must be known before anything starts.
fn free_port(listen: SocketAddr) -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind(listen)?.local_addr()?)
}

/// A random id, new at each start: an acknowledgement of an earlier life must not count for this one.
fn node_id() -> String {
    let id = UserId::generate(|bytes| OsEntropy.fill(bytes));
    format!("node_{}", id.as_str().trim_start_matches("usr_"))
}

/// The two lines that a newcomer needs. The set-up link goes to the terminal only, never to the log.
fn announce(base: &BaseUrl, listen: SocketAddr, first_run: &FirstRun) -> Result<(), Failure> {
    let base_text = base.as_str();
    match first_run {
        FirstRun::Done => {}
        FirstRun::Seeded(user) => say(&format!("Created the admin {} from the configuration.", user.email))?,
        FirstRun::Setup(token) => {
            say(
                "No account exists yet. Open this link to create the first admin (works once, for 24 hours):",
            )?;
            say(&format!("  {base_text}/setup?token={}", token.expose()))?;
        }
    }
    if !base.keeps_cookies() {
        say("Sign-in needs https (or a loopback address): set server.base_url to an https:// address.")?;
    }
    say(&format!("Gatehouse is serving at {base_text} (listening on {listen})."))
}

async fn wait_for_signal() -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
