//! The one place that writes: arrivals in, output and saved pictures out, and the decision when it is enough.

use std::io::{self, Write};
use std::net::SocketAddr;

use anyhow::Context;
use serde_json::json;
use tokio::sync::oneshot;

use super::Options;
use super::arrive::{Arrival, Webhook};
use super::content::Content;
use super::json_line::json_line;
use super::show::Page;
use super::visible::Palette;

/// Whether to go on listening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    GoOn,
    End,
}

/// Counts, saves, and shows.
pub(super) struct Desk<'options> {
    options: &'options Options,
    palette: Palette,
    received: u64,
}

impl<'options> Desk<'options> {
    /// Makes the folder for the pictures.
    pub(super) fn new(options: &'options Options) -> anyhow::Result<Self> {
        if let Some(folder) = &options.save {
            std::fs::create_dir_all(folder).with_context(|| format!("make the folder {}", folder.display()))?;
        }
        Ok(Self { options, palette: Palette::of_stdout(), received: 0 })
    }

    /// Says where webhooks are received.
    pub(super) fn open(&self, address: SocketAddr) -> anyhow::Result<Next> {
        let url = format!("http://{address}/");
        if self.options.json {
            return write(|out| writeln!(out, "{}", json!({ "listening": url })));
        }
        let hint = self.palette.faint("Ctrl-C ends it.");
        write(|out| writeln!(out, "Listening on {}  {hint}\n", self.palette.strong(&url)))
    }

    /// Shows an arrival, and lets it be answered.
    pub(super) fn take(&mut self, arrival: Arrival) -> anyhow::Result<Next> {
        match arrival {
            Arrival::Webhook(webhook, shown) => self.webhook(&webhook, shown),
            Arrival::NotHttp(from) => {
                // Standard error, so that scripts do not stumble over it; if that is gone, it does not matter.
                let message = format!("{from} sent something that is not HTTP. Does its URL begin with https://?");
                drop(writeln!(io::stderr().lock(), "{message} Here it has to be http://."));
                Ok(Next::GoOn)
            }
        }
    }

    fn webhook(&mut self, webhook: &Webhook, shown: oneshot::Sender<()>) -> anyhow::Result<Next> {
        let body = webhook.body.as_deref().unwrap_or_default();
        let mut content = Content::of(&webhook.content_type(), body);
        if let Some(folder) = &self.options.save {
            for (name, picture) in content.pictures_mut() {
                picture.save(folder, &webhook.at, &name)?;
            }
        }
        // One that was refused has a number as well, but does not count towards the end.
        let number = self.received + 1;
        let next = if self.options.json {
            write(|out| writeln!(out, "{}", json_line(webhook, &content)))?
        } else {
            write(|out| Page { out, palette: self.palette }.webhook(number, webhook, &content))?
        };
        if webhook.body.is_ok() {
            self.received = number;
        }
        // Its sender may have gone; what it sent is shown all the same.
        shown.send(()).unwrap_or_default();
        let is_enough = self.options.count.is_some_and(|count| self.received >= count.get());
        Ok(if is_enough { Next::End } else { next })
    }
}

/// Writes to standard output at once. Nobody who reads it any more is a reason to end, and not an error.
fn write(write: impl FnOnce(&mut io::BufWriter<io::StdoutLock<'_>>) -> io::Result<()>) -> anyhow::Result<Next> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Ok(()) => Ok(Next::GoOn),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Next::End),
        Err(error) => Err(error).context("write to standard output"),
    }
}
