//! The binary: configuration, wiring, telemetry, and the HTTP edges. No rule of the product lives here.

mod admin_api;
mod cli;
mod config;
mod http;
mod metrics;
mod sealing;
mod system;
mod telemetry;
mod wiring;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
