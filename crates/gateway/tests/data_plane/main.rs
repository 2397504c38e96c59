//! The data plane over real sockets, with the store, the ledger and the upstreams played by the tests.

// `cfg(test)` tells clippy that helpers are tests, too: they may stop at the first surprise.
#[cfg(test)]
mod answers;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod cuts;
#[cfg(test)]
mod echo;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod key_sets;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod script;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod support;
#[cfg(test)]
mod upstreams;
