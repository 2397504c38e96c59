//! Connecting to an upstream. The address is checked after the name was resolved, and the connection is made to the
//! very address that was checked: a name that resolves differently the next time gains nothing.

use super::address::Reach;
use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::rt::TokioIo;
use std::io;
use std::net::IpAddr;
use std::task::{Context, Poll};
use tokio::net::{TcpStream, lookup_host};
use tower::Service;

/// Makes plain TCP connections within its reach; TLS comes on top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connector {
    pub(super) reach: Reach,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = BoxFuture<'static, Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let reach = self.reach;
        Box::pin(async move { connect(&uri, reach).await.map(TokioIo::new) })
    }
}

async fn connect(uri: &Uri, reach: Reach) -> io::Result<TcpStream> {
    let host = uri.host().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in lookup_host((host, port)).await? {
        if !reach.permits(address.ip()) {
            last = refused();
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(stream) => {
                check(&stream, reach)?;
                // Without this, small writes to a peer that delays its acknowledgements wait for 40 ms.
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn check(stream: &TcpStream, reach: Reach) -> io::Result<()> {
    let address: IpAddr = stream.peer_addr()?.ip();
    if reach.permits(address) { Ok(()) } else { Err(refused()) }
}

fn refused() -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        "the host's address is private and the provider doesn't allow that",
    )
}
