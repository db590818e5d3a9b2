//! A wire that tells how long the first connection to a service took: from its beginning to the
//! first reply.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinHandle,
};

type First = Arc<Mutex<Option<(Instant, Option<Instant>)>>>;

/// It closes when this is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    first: First,
    server: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port before `target`.
    pub(crate) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let first = First::default();
        let server = tokio::spawn(serve(listener, target, Arc::clone(&first)));
        Self { address, first, server }
    }

    /// How long the first connection took to its first reply; nothing if there was none.
    pub(crate) fn connecting(&self) -> Duration {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        match *first {
            Some((begun, Some(replied))) => replied.duration_since(begun),
            _ => Duration::ZERO,
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, target: SocketAddr, first: First) {
    while let Ok((client, _)) = listener.accept().await {
        first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((Instant::now(), None));
        let Ok(server) = TcpStream::connect(target).await else { return };
        // Small packets go at once, as they would without a wire between.
        let _ignored = (client.set_nodelay(true), server.set_nodelay(true));
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::spawn(pass(from_client, to_server, None));
        tokio::spawn(pass(from_server, to_client, Some(Arc::clone(&first))));
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, first: Option<First>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
        if let Some(first) = &first
            && let Some((_, replied)) = &mut *first.lock().unwrap_or_else(PoisonError::into_inner)
        {
            replied.get_or_insert_with(Instant::now);
        }
    }
}
