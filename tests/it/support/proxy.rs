//! A wire that can be cut: passes bytes on between a client and a server.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What becomes of what the server says after it took a mail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Everything passes.
    Faithful,
    /// The connection breaks in the moment the mail's text has ended and the server has it.
    CutsAfterText,
    /// The server's word on the mail never arrives.
    SwallowsTheAnswer,
}

/// The wire. Connections in both directions end when it is cut; new ones work again at once.
pub struct Proxy {
    pub port: u16,
    open: Arc<Mutex<Vec<TcpStream>>>,
    refusing: Arc<AtomicBool>,
}

impl Proxy {
    pub fn to(port: u16, habit: Habit) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let proxy = Self {
            port: listener.local_addr().expect("bound").port(),
            open: Arc::default(),
            refusing: Arc::default(),
        };
        let (open, refusing) = (proxy.open.clone(), proxy.refusing.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if refusing.load(Ordering::SeqCst) {
                    let _ = client.shutdown(Shutdown::Both);
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let keep = |stream: &TcpStream| stream.try_clone().expect("a second handle");
                open.lock().expect("no panic").extend([keep(&client), keep(&server)]);
                let ended = Arc::new(AtomicBool::new(false));
                let (text_ended, text_over) = (ended.clone(), ended);
                let (to_server, to_client) = ((keep(&client), keep(&server)), (server, client));
                thread::spawn(move || {
                    pump(to_server.0, to_server.1, |bytes| {
                        if habit != Habit::Faithful && bytes.ends_with(b"\r\n.\r\n") {
                            text_ended.store(true, Ordering::SeqCst);
                        }
                        Pass::On
                    })
                });
                thread::spawn(move || {
                    pump(to_client.0, to_client.1, |_| match (text_over.load(Ordering::SeqCst), habit) {
                        (true, Habit::CutsAfterText) => Pass::Cut,
                        (true, Habit::SwallowsTheAnswer) => Pass::Nothing,
                        _ => Pass::On,
                    })
                });
            }
        });
        proxy
    }

    /// Ends every connection; while `refusing`, new ones are ended at once.
    pub fn cut(&self, refusing: bool) {
        self.refusing.store(refusing, Ordering::SeqCst);
        for stream in self.open.lock().expect("no panic").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

enum Pass {
    On,
    Nothing,
    Cut,
}

fn pump(mut from: TcpStream, mut to: TcpStream, mut judge: impl FnMut(&[u8]) -> Pass) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 {
            break;
        }
        match judge(&buffer[..count]) {
            Pass::On => {
                if to.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            Pass::Nothing => {}
            Pass::Cut => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
