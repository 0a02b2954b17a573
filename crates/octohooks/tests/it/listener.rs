//! A running `octohooks listen`, and a client that sends it bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Long enough for a slow computer; only a defect takes that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program, ended when this goes.
pub(crate) struct Listener {
    child: Child,
    address: SocketAddr,
    lines: Receiver<String>,
}

/// What the program said and how it ended.
pub(crate) struct Ending {
    pub(crate) output: String,
    pub(crate) status: ExitStatus,
}

impl Listener {
    /// Starts it on a port of its own, and reads the address from the first line.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_octohooks"))
            .args(["listen", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let first = lines.recv_timeout(PATIENCE).unwrap();
        let (_, address) = first.split_once("http://").unwrap();
        let address = address.split('/').next().unwrap().parse().unwrap();
        Self { child, address, lines }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends a request, and gives the whole answer.
    pub(crate) fn send(&self, head: &str, body: &[u8]) -> String {
        let length = body.len();
        let head = format!("{head}\r\nHost: printer\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        self.send_bytes(&[head.as_bytes(), body].concat())
    }

    /// Sends any bytes, and gives what comes back until the connection ends.
    pub(crate) fn send_bytes(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        answer(stream)
    }

    /// The next line of the output.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    /// Asks the process to end, as a service manager does.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for the end: everything behind the first line, and how it ended.
    pub(crate) fn end(mut self) -> Ending {
        let mut output = String::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            output.push_str(&line);
            output.push('\n');
        }
        Ending { output, status: self.child.wait().unwrap() }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // It has usually ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn answer(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}
