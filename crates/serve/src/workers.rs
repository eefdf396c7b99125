//! The workers: threads with a runtime each, and the connections dealt out among them.
//!
//! A connection stays with the worker that it was given to, so that a request is read, answered and written
//! by one thread and wakes no other. What takes long goes to the worker's pool of blocking threads and
//! stops nobody.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// A connection on its way to its worker, and its place among those that may be open.
type Dealt = (std::net::TcpStream, OwnedSemaphorePermit);

/// Threads that wait for connections.
pub(crate) struct Workers {
    to: Vec<UnboundedSender<Dealt>>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts `count` workers. `serve` makes of a worker's number what serves its connections; `overdue`
    /// makes what is done when no connection is waited for any more.
    ///
    /// # Errors
    /// When the system gives no thread or no runtime.
    pub(crate) fn start<S, C, O>(count: usize, serve: impl Fn(usize) -> S, overdue: impl Fn() -> O) -> io::Result<Self>
    where
        S: Fn(TcpStream) -> C + Send + 'static,
        C: Future<Output = ()> + Send + 'static,
        O: Future<Output = ()> + Send + 'static,
    {
        let mut workers = Self { to: Vec::new(), threads: Vec::new() };
        for number in 0..count.max(1) {
            let (to, from) = unbounded_channel();
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            let (serve, overdue) = (serve(number), overdue());
            let thread = std::thread::Builder::new().name(format!("worker {number}"));
            let work = move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = work(from, serve) => {}
                        () = overdue => {}
                    }
                });
                // What still computes is not waited for: its client has gone, or the drain is over.
                runtime.shutdown_background();
            };
            workers.threads.push(thread.spawn(work)?);
            workers.to.push(to);
        }
        Ok(workers)
    }

    /// Deals out the connections of a listener, in turn; for ever. At most `most` are open at a time: further
    /// ones wait in the system's queue until others have ended.
    pub(crate) async fn deal(&self, listener: TcpListener, most: usize) {
        let places = Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS)));
        let mut turn = 0;
        // Nobody closes the places.
        while let Ok(place) = places.clone().acquire_owned().await {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // A client that left while it waited is none of ours; anything else (no more files may be
                    // opened) passes when something ends.
                    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    continue;
                }
            };
            // Answers are written whole; waiting for more to send only delays them.
            let _ = stream.set_nodelay(true);
            if let Ok(stream) = stream.into_std() {
                let _ = self.to[turn].send((stream, place));
                turn = (turn + 1) % self.to.len();
            }
        }
    }

    /// Waits for all workers to end.
    pub(crate) fn join(self) {
        drop(self.to);
        for thread in self.threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// Serves what is dealt; when nobody deals any more, what is open is served to its end.
async fn work<C>(mut from: UnboundedReceiver<Dealt>, serve: impl Fn(TcpStream) -> C)
where
    C: Future<Output = ()> + Send + 'static,
{
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            dealt = from.recv() => {
                let Some((stream, place)) = dealt else { break };
                let Ok(stream) = TcpStream::from_std(stream) else { continue };
                let connection = serve(stream);
                open.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Some(_) = open.join_next() => {}
        }
    }
    while open.join_next().await.is_some() {}
}
