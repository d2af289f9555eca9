//! Connections that hold a place must use it: a request's head comes within its time however it is dribbled, an idle connection ends, and a
//! client that reads nothing is let go. So nobody fills the box with a few hundred slow connections.

use axum_server::accept::Accept;
use std::{
    collections::HashMap,
    future::Future,
    io,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};
use tower::Service;

/// What a connection may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub max_connections: usize,
    /// From one address; this machine's own counts none, as a proxy may stand there.
    pub max_per_address: usize,
    /// From a request's first byte (or the connection's beginning) to the end of its head.
    pub head: Duration,
    /// Between two requests, and for a client that reads nothing.
    pub idle: Duration,
}

/// Lets connections in.
#[derive(Clone)]
pub struct Guard {
    limits: Limits,
    places: Arc<Places>,
}

/// Who is connected.
#[derive(Debug, Default)]
struct Places(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place; free again when it is dropped.
struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    fn take(self: &Arc<Self>, address: IpAddr, limits: &Limits) -> Option<Place> {
        let mut taken = lock(&self.0);
        let of_this = taken.by_address.get(&address).copied().unwrap_or_default();
        let too_many = of_this >= limits.max_per_address && !address.to_canonical().is_loopback();
        if taken.all >= limits.max_connections || too_many {
            return None;
        }
        taken.all += 1;
        taken.by_address.insert(address, of_this + 1);
        Some(Place { places: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.places.0);
        taken.all -= 1;
        if let Some(count) = taken.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whoever panicked left whole values behind: they are counters.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Guard {
    pub fn new(limits: Limits) -> Self {
        Self { limits, places: Arc::default() }
    }
}

impl<S> Accept<TcpStream, S> for Guard {
    type Stream = Guarded<TcpStream>;
    type Service = Watched<S>;
    type Future = std::future::Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        std::future::ready(self.admit(stream, service))
    }
}

impl Guard {
    fn admit<S>(&self, stream: TcpStream, service: S) -> io::Result<(Guarded<TcpStream>, Watched<S>)> {
        let address = stream.peer_addr()?.ip();
        let Some(place) = self.places.take(address, &self.limits) else {
            tracing::debug!("a connection was refused: all places are taken");
            return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "all places are taken"));
        };
        stream.set_nodelay(true)?;
        let phase = Arc::new(Mutex::new(Phase::Head { since: Instant::now() }));
        let guarded = Guarded {
            stream,
            limits: self.limits,
            phase: phase.clone(),
            reading: Box::pin(tokio::time::sleep(self.limits.head)),
            writing: None,
            _place: Some(place),
        };
        Ok((guarded, Watched { service, phase }))
    }
}

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// Nothing has come yet, or a part of a request's head.
    Head { since: Instant },
    /// A request is worked on: its own limits hold.
    Working,
    /// A response went out, or still does; `since` moves on with every byte written.
    Answered { since: Instant },
}

impl Phase {
    /// When the connection ends unless something comes.
    fn deadline(self, limits: &Limits) -> Option<Instant> {
        match self {
            Self::Head { since } => Some(since + limits.head),
            Self::Working => None,
            Self::Answered { since } => Some(since + limits.idle),
        }
    }
}

/// A connection that ends when its time is over.
pub struct Guarded<T> {
    stream: T,
    limits: Limits,
    phase: Arc<Mutex<Phase>>,
    reading: Pin<Box<Sleep>>,
    writing: Option<Pin<Box<Sleep>>>,
    _place: Option<Place>,
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the other side was too slow")
}

impl<T: AsyncRead + Unpin> AsyncRead for Guarded<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        let phase = {
            let mut phase = lock(&this.phase);
            let came = buffer.filled().len() > before;
            if let (Phase::Answered { .. }, true) = (*phase, came) {
                *phase = Phase::Head { since: Instant::now() };
            }
            *phase
        };
        let Some(deadline) = phase.deadline(&this.limits) else { return read };
        if Instant::now() >= deadline {
            return Poll::Ready(Err(too_slow()));
        }
        if read.is_pending() {
            this.reading.as_mut().reset(deadline);
            if this.reading.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(too_slow()));
            }
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> Guarded<T> {
    /// A write that went on is progress; one that waits too long is the end.
    fn progress<R>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.writing = None;
            if let Phase::Answered { since } = &mut *lock(&self.phase) {
                *since = Instant::now();
            }
            return written;
        }
        let idle = self.limits.idle;
        let timer = self.writing.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Err(too_slow()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Guarded<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.progress(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, pieces);
        this.progress(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A service that says when a request is worked on.
#[derive(Clone)]
pub struct Watched<S> {
    service: S,
    phase: Arc<Mutex<Phase>>,
}

/// The end of a request, however it ends.
struct Working(Arc<Mutex<Phase>>);

impl Drop for Working {
    fn drop(&mut self) {
        *lock(&self.0) = Phase::Answered { since: Instant::now() };
    }
}

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        *lock(&self.phase) = Phase::Working;
        let working = Working(self.phase.clone());
        let answering = self.service.call(request);
        Box::pin(async move {
            let answer = answering.await;
            drop(working);
            answer
        })
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
