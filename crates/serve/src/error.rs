//! Why a server does not start.

use std::net::SocketAddr;

/// Why a server does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Others could reach the address, and nothing would keep them out.
    #[error(
        "{address} can be reached from other machines, and no token is set: \
         set one, or listen on 127.0.0.1"
    )]
    Exposed {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The token is no token.
    #[error("a token has at least 16 characters, and no spaces among them")]
    Token,
    /// A model cannot be called that.
    #[error("`{0}` cannot name a model: small letters, digits, `_` and `-` can")]
    Name(String),
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's own word.
        source: std::io::Error,
    },
    /// The store did not answer when the server started.
    #[error("the store cannot be read: {0}")]
    Store(String),
    /// Reading from or writing to the network failed.
    #[error("the network failed: {0}")]
    Network(#[from] std::io::Error),
}
