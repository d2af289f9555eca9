use super::*;
use crate::http::server::{Serving, serve};
use axum::{
    Router,
    body::{Body, Bytes},
    routing::get,
};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_util::sync::CancellationToken;

fn limits() -> Limits {
    let (head, idle) = (Duration::from_millis(300), Duration::from_millis(600));
    Limits { max_connections: 8, max_per_address: 4, head, idle }
}

/// A server with a quick route, a slow one and one whose body takes longer than any idle time.
async fn start(limits: Limits) -> (SocketAddr, CancellationToken) {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(900)).await;
        "late"
    };
    let stream = || async {
        let piece = |number: u32| async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Some((Ok::<_, io::Error>(Bytes::from_static(b"tick ")), number + 1))
        };
        let pieces = futures_util::stream::unfold(0u32, move |number| async move {
            if number < 6 { piece(number).await } else { None }
        });
        Body::from_stream(pieces)
    };
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/slow", get(slow))
        .route("/stream", get(stream));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (address, stop) = (listener.local_addr().expect("an address"), CancellationToken::new());
    let serving = Serving { limits, tls: None, grace: Duration::from_secs(2) };
    tokio::spawn(serve(listener, router, serving, stop.clone()));
    (address, stop)
}

#[expect(clippy::disallowed_methods, reason = "this is the other side")]
async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("connected")
}

/// Everything until the other side ends the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut text));
    // A reset is an end, too.
    let _ = reading.await.expect("the connection ends");
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_head_that_is_dribbled_ends_the_connection_in_time() {
    let (address, _stop) = start(limits()).await;
    let mut stream = connect(address).await;
    let started = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.expect("written");
    // A byte now and then keeps many servers waiting for ever.
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if stream.write_all(b"x").await.is_err() {
            break;
        }
    }
    let _ = rest(&mut stream).await;
    assert!(started.elapsed() < Duration::from_secs(5), "it was let go at {:?}", started.elapsed());
}

#[tokio::test]
async fn a_silent_connection_ends_before_its_first_byte_and_after_its_last_answer() {
    let (address, _stop) = start(limits()).await;
    let mut silent = connect(address).await;
    assert_eq!(rest(&mut silent).await, "");
    let mut idle = connect(address).await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    assert!(rest(&mut idle).await.ends_with("hello"));
}

#[tokio::test]
async fn work_and_streams_that_take_longer_are_left_alone() {
    let (address, _stop) = start(limits()).await;
    for (path, expected) in [("/slow", "late"), ("/stream", "tick")] {
        let mut stream = connect(address).await;
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("written");
        let answer = rest(&mut stream).await;
        assert!(answer.contains(expected), "{path}: {answer}");
        assert!(path != "/stream" || answer.matches("tick").count() == 6, "{answer}");
    }
}

#[tokio::test]
async fn places_are_counted_and_given_back() {
    let (address, _stop) = start(Limits { max_connections: 2, ..limits() }).await;
    let (mut first, mut second) = (connect(address).await, connect(address).await);
    for stream in [&mut first, &mut second] {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
        let mut byte = [0];
        stream.read_exact(&mut byte).await.expect("an answer begins");
    }
    let mut third = connect(address).await;
    assert_eq!(rest(&mut third).await, "", "no place is left");
    drop((first, second));
    for _ in 0..100 {
        let mut again = connect(address).await;
        let _ = again.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        if rest(&mut again).await.ends_with("hello") {
            return;
        }
    }
    panic!("the places were not given back");
}

#[test]
fn one_address_cannot_take_every_place_but_a_proxy_on_this_machine_may() {
    let places = Arc::new(Places::default());
    let (stranger, own) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([127, 0, 0, 1]));
    let held: Vec<Place> = (0..4).filter_map(|_| places.take(stranger, &limits())).collect();
    assert_eq!(held.len(), 4);
    assert!(places.take(stranger, &limits()).is_none());
    let own: Vec<Place> = (0..9).filter_map(|_| places.take(own, &limits())).collect();
    assert_eq!(own.len(), 4, "all eight places are taken");
    drop(held);
    assert!(places.take(stranger, &limits()).is_some());
}

#[tokio::test]
async fn what_is_under_way_ends_after_a_stop() {
    let (address, stop) = start(limits()).await;
    let mut stream = connect(address).await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.cancel();
    assert!(rest(&mut stream).await.ends_with("late"));
}
