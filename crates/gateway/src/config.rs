//! What the gateway is told at start.

use model::ip_range::IpRange;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Settings of the data plane. Start from [`GatewayConfig::default`] and set what differs.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// Address and port; port 0 takes a free one (see [`crate::Gateway::local_addr`]).
    pub listen: SocketAddr,
    /// Proxies whose word on a client's address is believed.
    pub trusted_proxies: Vec<IpRange>,
    /// Data-plane threads; 0: one for each core.
    pub threads: usize,
    /// Largest request body in bytes.
    pub max_body_bytes: usize,
    /// Largest plain (not streamed) answer of an upstream in bytes.
    pub max_answer_bytes: usize,
    /// Where the usage spool lives; made when it isn't there.
    pub spool_dir: PathBuf,
    /// How old the last confirmation of the change feed may be before requests are refused.
    pub state_bound: Duration,
    /// Most keys kept compiled in memory.
    pub directory_capacity: usize,
    /// Output tokens reserved when a request names no maximum.
    pub default_output_tokens: u64,
    /// How long a client may take to send its headers, and how long an idle connection is kept.
    pub header_timeout: Duration,
    /// How long a client may take to send its body, also one that is handed to the control side.
    pub body_timeout: Duration,
    /// How long a client may take nothing of its answer before the connection is reset.
    pub write_timeout: Duration,
    /// How long connecting to an upstream may take.
    pub connect_timeout: Duration,
    /// How long an upstream may take to begin its answer.
    pub answer_timeout: Duration,
    /// How long an upstream may be silent within an answer.
    pub idle_timeout: Duration,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            trusted_proxies: Vec::new(),
            threads: 0,
            max_body_bytes: 10 * 1024 * 1024,
            max_answer_bytes: 32 * 1024 * 1024,
            spool_dir: PathBuf::from("data/spool"),
            state_bound: Duration::from_secs(10),
            directory_capacity: 100_000,
            default_output_tokens: 1_024,
            header_timeout: Duration::from_mins(1),
            body_timeout: Duration::from_mins(1),
            write_timeout: Duration::from_mins(1),
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_mins(10),
            idle_timeout: Duration::from_mins(5),
        }
    }
}
