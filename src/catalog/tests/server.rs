//! A small web server for the tests: plays the hub, a Python index and an npm registry, and breaks when told to.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server does with a path.
#[derive(Clone, Default)]
pub struct Route {
    pub body: Vec<u8>,
    pub headers: Vec<(&'static str, String)>,
    pub content_type: &'static str,
    /// Send so many bytes of each of the first answers and break off: one entry an answer.
    pub cuts: Vec<usize>,
    /// Send so much, then nothing, and keep the connection.
    pub stall_after: Option<usize>,
    /// Answer every request with the whole body, whatever range was asked for.
    pub ignores_ranges: bool,
    /// Redirect to this path.
    pub redirect: Option<String>,
    pub status: Option<u16>,
}

impl Route {
    pub fn bytes(body: &[u8]) -> Self {
        Self { body: body.to_vec(), content_type: "application/octet-stream", ..Self::default() }
    }

    pub fn html(text: String) -> Self {
        Self { body: text.into_bytes(), content_type: "text/html", ..Self::default() }
    }
}

/// A request as it came: path, where the asked range begins, authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub path: String,
    pub from: usize,
    pub authorization: Option<String>,
}

struct State {
    routes: HashMap<String, Route>,
    requests: Vec<Request>,
    stalled: Vec<TcpStream>,
}

pub struct Server {
    pub address: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("a bound port"));
        let state =
            Arc::new(Mutex::new(State { routes: HashMap::new(), requests: Vec::new(), stalled: Vec::new() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    let _ = answer(stream, &shared);
                });
            }
        });
        Self { address, state }
    }

    pub fn set(&self, path: &str, route: Route) {
        self.state.lock().expect("no panic inside").routes.insert(path.to_owned(), route);
    }

    /// The requests so far for paths that contain `part`.
    pub fn requests(&self, part: &str) -> Vec<Request> {
        let state = self.state.lock().expect("no panic inside");
        state.requests.iter().filter(|request| request.path.contains(part)).cloned().collect()
    }

    /// A page of a Python index with one wheel, and the wheel itself.
    pub fn wheel(&self, package: &str, version: &str, wheel: &[u8]) -> String {
        let file = format!("{}-{version}-py3-none-any.whl", package.replace('-', "_"));
        let path = format!("/files/{file}");
        let hash = sha256(wheel);
        let page = format!("<h1>Links</h1><a href=\"../..{path}#sha256={hash}\">{file}</a>");
        self.set(&format!("/simple/{package}/"), Route::html(page));
        self.set(&path, Route::bytes(wheel));
        path
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)).map(str::to_owned) else {
        return Ok(());
    };
    let value = |name: &str| {
        head.iter().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    };
    let range = value("range");
    let from: usize = range
        .as_deref()
        .and_then(|range| range.strip_prefix("bytes=")?.split('-').next()?.parse().ok())
        .unwrap_or_default();
    let (route, cut) = {
        let mut state = state.lock().expect("no panic inside");
        state.requests.push(Request { path: path.clone(), from, authorization: value("authorization") });
        match state.routes.get_mut(&path) {
            None => (None, None),
            Some(route) => {
                let cut = (!route.cuts.is_empty()).then(|| route.cuts.remove(0));
                (Some(route.clone()), cut)
            }
        }
    };
    let Some(route) = route else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let mut headers = format!("Connection: close\r\nContent-Type: {}\r\n", route.content_type);
    for (name, value) in &route.headers {
        headers.push_str(&[name, ": ", value, "\r\n"].concat());
    }
    if let Some(target) = &route.redirect {
        return write!(
            stream,
            "HTTP/1.1 302 Found\r\n{headers}Location: {target}\r\nContent-Length: 0\r\n\r\n"
        );
    }
    let total = route.body.len();
    let ranged = range.is_some() && !route.ignores_ranges;
    if ranged && from >= total {
        return write!(
            stream,
            "HTTP/1.1 416 Range Not Satisfiable\r\n{headers}Content-Range: bytes */{total}\r\nContent-Length: 0\r\n\r\n"
        );
    }
    let body = if ranged { &route.body[from..] } else { &route.body[..] };
    if ranged {
        headers
            .push_str(&["Content-Range: bytes ", &format!("{from}-{}/{total}", total - 1), "\r\n"].concat());
    }
    let status = route.status.unwrap_or(if ranged { 206 } else { 200 });
    write!(stream, "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len())?;
    let sent = route.stall_after.or(cut).map_or(body.len(), |cut| cut.min(body.len()));
    stream.write_all(&body[..sent])?;
    stream.flush()?;
    if route.stall_after.is_some() {
        state.lock().expect("no panic inside").stalled.push(stream);
    }
    Ok(())
}

pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// A zip with one member, as a wheel is.
pub fn wheel_with(member: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file(member, options).expect("a member");
    zip.write_all(content).expect("memory does not fill up");
    zip.finish().expect("a whole zip").into_inner()
}

/// A gzipped tar with one member, as an npm package is.
pub fn tarball_with(member: &str, content: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, member, content).expect("a member");
    tar.into_inner().and_then(flate2::write::GzEncoder::finish).expect("a whole tarball")
}
