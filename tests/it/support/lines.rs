//! Talking to a server line by line, as its protocol's text stands in the standards.

use super::PATIENCE;
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Instant,
};

/// A line-by-line talk with a server.
pub struct Lines {
    reader: BufReader<TcpStream>,
}

impl Lines {
    pub fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server answers");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Self { reader: BufReader::new(stream) }
    }

    pub fn say(&mut self, text: &str) {
        self.reader.get_mut().write_all(format!("{text}\r\n").as_bytes()).expect("said");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("the server answered in time");
        assert!(!line.is_empty(), "the server closed the connection");
        line.trim_end().to_owned()
    }

    pub fn until(&mut self, mut wanted: impl FnMut(&str) -> bool) {
        let end = Instant::now() + PATIENCE * 3;
        loop {
            let line = self.line();
            if wanted(&line) {
                return;
            }
            assert!(Instant::now() < end, "what was waited for did not come; last: {line}");
        }
    }

    /// Reads one answer, which may have several lines (`250-…`).
    pub fn expect(&mut self, begins: &str) {
        loop {
            let line = self.line();
            assert!(line.starts_with(begins), "{line}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return;
            }
        }
    }
}
