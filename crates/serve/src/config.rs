//! What a server allows, and where it may listen.

use crate::Error;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// What a server allows.
#[derive(Clone)]
pub struct Config {
    /// The longest body of a request, in bytes. Default: 8 MiB.
    pub max_body_bytes: usize,
    /// The most rows of a request. Default: 10,000.
    pub max_rows: usize,
    /// What a client must show, as `Authorization: Bearer TOKEN` (or as the password of a browser's
    /// dialogue). Without one the server listens on loopback only. Default: none.
    pub token: Option<String>,
    /// Further names that a request may call this server by, as they stand in `Host`: with the port where
    /// it is not 80 or 443. Loopback's names are always allowed. A server that listens elsewhere and
    /// names none takes any: its token is what keeps others out. Default: none.
    pub allowed_hosts: Vec<String>,
    /// The versions of models held in memory; the least recently used goes first. Default: 16.
    pub max_models: usize,
    /// The workers that answer requests, and the large requests computed at the same time. Default: 2.
    pub threads: usize,
    /// The connections open at a time; further ones wait until others have ended. Below the files that the
    /// system lets a program open, commonly 1,024. Default: 512.
    pub max_connections: usize,
    /// How long a request's head may take to arrive, and a connection may wait for one. Default: 30 seconds.
    pub head_timeout: Duration,
    /// How long a body may take to arrive, and a part of an answer to be taken. Default: 30 seconds.
    pub body_timeout: Duration,
    /// How long requests in flight may take when the server ends. Default: 10 seconds.
    pub drain: Duration,
    /// How often the registry is asked for what is new. Default: 1 second.
    pub refresh: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_body_bytes: 8 << 20,
            max_rows: 10_000,
            token: None,
            allowed_hosts: Vec::new(),
            max_models: 16,
            threads: 2,
            max_connections: 512,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            drain: Duration::from_secs(10),
            refresh: Duration::from_secs(1),
        }
    }
}

impl Config {
    /// Refuses an address that others can reach while there is no token.
    ///
    /// # Errors
    /// [`Error::Exposed`]; [`Error::Token`] for a token that is too short to be one.
    pub fn check(&self, address: SocketAddr) -> Result<(), Error> {
        match &self.token {
            None if !address.ip().to_canonical().is_loopback() => Err(Error::Exposed { address }),
            Some(token) if token.len() < 16 || token.chars().any(|c| c.is_control() || c.is_whitespace()) => {
                Err(Error::Token)
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("max_body_bytes", &self.max_body_bytes)
            .field("max_rows", &self.max_rows)
            .field("token", &self.token.as_ref().map(|_| "..."))
            .field("allowed_hosts", &self.allowed_hosts)
            .field("max_models", &self.max_models)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_others_reach_needs_a_token() {
        let [here, six, everywhere]: [SocketAddr; 3] =
            ["127.0.0.1:80", "[::1]:80", "0.0.0.0:80"].map(|a| a.parse().unwrap());
        let open = Config::default();
        assert!(open.check(here).is_ok() && open.check(six).is_ok());
        assert!(open.check(everywhere).unwrap_err().to_string().contains("token"));
        let closed = Config { token: Some("a-secret-of-many-letters".into()), ..Config::default() };
        assert!(closed.check(everywhere).is_ok());
        assert!(!format!("{closed:?}").contains("secret"));
        assert!(Config { token: Some("short".into()), ..Config::default() }.check(here).is_err());
    }
}
