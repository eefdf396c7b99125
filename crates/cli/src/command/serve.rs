//! `arkwright serve`: every registered model over HTTP, and the pages.

use crate::failure::Failure;
use crate::place::Place;
use crate::show::tell;
use arkwright_serve::{Config, Server};
use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Serves until Ctrl-C.
pub fn serve(listen: &str, token: Option<String>, place: &Place) -> Result<ExitCode, Failure> {
    let address = address(listen)?;
    // A store that cannot be written to is served as it is.
    let store = place.store().or_else(|_| place.store_to_read())?;
    let threads = place.threads();
    let config = Config { token, threads, ..Config::default() };
    let log = Arc::new(tell);
    let server = Server::new(config).with_store(store.as_ref().clone(), place.registry.clone()).with_log(log);
    // Accepts connections and asks the store for what is new; the server has threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stop = place.stop.clone();
    let quiet = place.global.quiet;
    let served = runtime.block_on(async move {
        let listener = server.bind(address).await?;
        if !quiet && let Ok(address) = listener.local_addr() {
            tell(&format!("serving http://{address} (Ctrl-C ends it)"));
        }
        let asked = async move {
            while !stop.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        server.serve(listener, asked).await
    });
    served.map_err(|e| Failure::failed(e.to_string(), None))?;
    Ok(ExitCode::SUCCESS)
}

fn address(listen: &str) -> Result<SocketAddr, Failure> {
    let mut found = listen.to_socket_addrs().map_err(|e| {
        Failure::usage(format!("`{listen}` is no address to listen on: {e}"), "--listen 127.0.0.1:8080")
    })?;
    found
        .next()
        .ok_or_else(|| Failure::usage(format!("`{listen}` is no address to listen on"), "--listen 127.0.0.1:8080"))
}
