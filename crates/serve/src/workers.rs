//! The workers: threads with a runtime each, and the connections dealt out among them.
//!
//! A connection stays with the worker that it was given to, so that a request is read, answered and written
//! by one thread and wakes no other. What takes long goes to the worker's pool of blocking threads and
//! stops nobody.

use axum::serve::Listener;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A connection, on its way to its worker.
type Dealt = (std::net::TcpStream, SocketAddr);

/// Threads that wait for connections.
pub(crate) struct Workers {
    to: Vec<UnboundedSender<Dealt>>,
    threads: Vec<JoinHandle<io::Result<()>>>,
}

impl Workers {
    /// Starts `count` workers, each of which runs what `serve` makes of its listener.
    ///
    /// # Errors
    /// When the system gives no thread or no runtime.
    pub(crate) fn start<F>(count: usize, address: SocketAddr, serve: impl Fn(Dealer) -> F) -> io::Result<Self>
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let mut workers = Self { to: Vec::new(), threads: Vec::new() };
        for number in 0..count.max(1) {
            let (to, from) = unbounded_channel();
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            let served = serve(Dealer { from, address });
            let thread = std::thread::Builder::new().name(format!("worker {number}"));
            let work = move || {
                let ended = runtime.block_on(served);
                // What still computes is not waited for: its client has gone, or the drain is over.
                runtime.shutdown_background();
                ended
            };
            workers.threads.push(thread.spawn(work)?);
            workers.to.push(to);
        }
        Ok(workers)
    }

    /// Deals out the connections of a listener, in turn; for ever.
    pub(crate) async fn deal(&self, mut listener: TcpListener) {
        let mut turn = 0;
        loop {
            let (stream, from) = Listener::accept(&mut listener).await;
            // Answers are written whole; waiting for more to send only delays them.
            let _ = stream.set_nodelay(true);
            if let Ok(stream) = stream.into_std() {
                let _ = self.to[turn].send((stream, from));
                turn = (turn + 1) % self.to.len();
            }
        }
    }

    /// Waits for all workers to end; tells the first error.
    pub(crate) fn join(self) -> io::Result<()> {
        drop(self.to);
        self.threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }
}

/// A worker's listener: what was dealt to it.
pub(crate) struct Dealer {
    from: UnboundedReceiver<Dealt>,
    address: SocketAddr,
}

impl Listener for Dealer {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.from.recv().await {
                Some((stream, from)) => {
                    if let Ok(stream) = TcpStream::from_std(stream) {
                        return (stream, from);
                    }
                }
                // Nobody deals any more: what is open is served to its end.
                None => std::future::pending().await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
