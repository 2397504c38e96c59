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
    /// Most connections of one address at a time, trusted proxies excepted; an IPv6 network of 64 bits counts as one.
    pub connections_per_address: usize,
    /// Data-plane threads; 0: one for each core.
    pub threads: usize,
    /// Largest request body in bytes.
    pub max_body_bytes: usize,
    /// Bytes that the large bodies of all running requests can have together; at least one of the largest.
    pub body_memory_bytes: usize,
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
    /// How long a client may take from connecting to the end of its first request's headers.
    pub first_request_timeout: Duration,
    /// How long a client may take to send its headers, and how long an idle connection is kept.
    pub header_timeout: Duration,
    /// How long a client may take to send its body, also one that is handed to the control side.
    pub body_timeout: Duration,
    /// How long a call's body may stand still while it is sent.
    pub body_idle_timeout: Duration,
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
            connections_per_address: 1_024,
            threads: 0,
            max_body_bytes: 10 * 1024 * 1024,
            body_memory_bytes: 256 * 1024 * 1024,
            max_answer_bytes: 32 * 1024 * 1024,
            spool_dir: PathBuf::from("data/spool"),
            state_bound: Duration::from_secs(10),
            directory_capacity: 100_000,
            default_output_tokens: 1_024,
            first_request_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_mins(1),
            body_timeout: Duration::from_mins(1),
            body_idle_timeout: Duration::from_secs(15),
            write_timeout: Duration::from_mins(1),
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_mins(10),
            idle_timeout: Duration::from_mins(5),
        }
    }
}
