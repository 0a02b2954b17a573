//! The class `Engine`. JSON and plain values in and out, so that the other side could be another process one day.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use octohooks_api::{Caller, pages, router};
use octohooks_core::event::{Context, Printer};
use octohooks_core::observation::Sight;
use octohooks_engine::roster::Wants;
use octohooks_engine::{Engine as Native, Options, Shot, ThumbnailAt};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tower::ServiceExt;

use crate::from_python::Copied;
use crate::guard::{failure, guard};

/// Longer events have no name.
const LONGEST_NAME: usize = 1024;

/// A running engine.
#[pyclass(frozen, module = "octohooks")]
pub(crate) struct Engine {
    native: Arc<Native>,
    router: axum::Router,
}

/// What an API request gives: status, headers, body.
type Answer<'py> = (u16, Vec<(String, String)>, Bound<'py, PyBytes>);

/// What one camera gave: a JPEG, how the camera is mounted (flips, then a quarter turn), or why there is none.
type OneShot = (Option<Vec<u8>>, bool, bool, bool, Option<String>);

#[pymethods]
impl Engine {
    /// Starts the engine; `options` is JSON.
    #[new]
    fn new(py: Python<'_>, options: &str) -> PyResult<Self> {
        guard(|| {
            let options: Options = serde_json::from_str(options)
                .map_err(|error| failure(format!("The engine's options are not right: {error}.")))?;
            py.detach(|| {
                let native = Arc::new(Native::start(options).map_err(|error| failure(error.to_string()))?);
                Ok(Self { router: router(Arc::clone(&native)), native })
            })
        })
    }

    /// 0: nobody wants this event; 1: its name and payload are enough; 2: with context.
    fn wants(&self, event: &str) -> PyResult<u8> {
        guard(|| {
            Ok(match self.native.wants(event) {
                Wants::Nothing => 0,
                Wants::Sight => 1,
                Wants::WithContext => 2,
            })
        })
    }

    /// Whether any hook listens to progress.
    fn wants_progress(&self) -> PyResult<bool> {
        guard(|| Ok(self.native.wants_progress()))
    }

    /// Takes an event of OctoPrint's bus. Copies what it is given and returns at once.
    fn observe_event(&self, name: &str, payload: &Bound<'_, PyAny>, context: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(|| {
            let name = name[..name.floor_char_boundary(LONGEST_NAME)].to_owned();
            let payload = Copied::of(payload);
            let context = Copied::of(context);
            let read = move || (Sight::BusEvent { name, payload: payload.read() }, context_of(&context));
            self.native.observe_unread(false, read);
            Ok(())
        })
    }

    /// Takes the news that a job's progress has changed; it is in the context.
    fn observe_progress(&self, context: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(|| {
            self.observe(Sight::Progress, context);
            Ok(())
        })
    }

    /// Takes a line from the printer that may say that it waits for a person.
    fn observe_line(&self, line: &str, context: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(|| {
            self.observe(Sight::SerialLine(line.chars().take(LONGEST_NAME).collect()), context);
            Ok(())
        })
    }

    /// Takes the news that the printer has told its temperatures; they are in the context.
    fn observe_temperatures(&self, context: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(|| {
            self.observe(Sight::Temperatures, context);
            Ok(())
        })
    }

    /// Whether any hook waits for lines of the terminal.
    fn wants_lines(&self) -> PyResult<bool> {
        guard(|| Ok(self.native.wants_lines()))
    }

    /// Whether any hook has to know which layer is printed.
    fn wants_layers(&self) -> PyResult<bool> {
        guard(|| Ok(self.native.wants_layers()))
    }

    /// Which of these lines some hook waits for.
    fn matching_lines(&self, py: Python<'_>, lines: Vec<String>) -> PyResult<Vec<String>> {
        guard(|| Ok(py.detach(|| self.native.matching_lines(lines))))
    }

    /// Takes a line that some hook waits for.
    fn observe_terminal_line(&self, line: &str, context: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(|| {
            self.observe(Sight::TerminalLine(line.chars().take(LONGEST_NAME).collect()), context);
            Ok(())
        })
    }

    /// Reads the layers of a file, for which a notice asked.
    fn read_layers(&self, py: Python<'_>, origin: &str, path: &str, file: &str) -> PyResult<()> {
        guard(|| {
            py.detach(|| self.native.read_layers(origin, path, Path::new(file)))
                .map_err(|error| failure(format!("The layers of {path} could not be read: {error}.")))
        })
    }

    /// Takes an instruction of the print that may say something.
    fn observe_gcode(&self, line: &str, context: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(|| {
            self.observe(Sight::GcodeLine(line.chars().take(LONGEST_NAME).collect()), context);
            Ok(())
        })
    }

    /// The printer has a new name or look.
    fn set_printer(&self, printer: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(|| {
            let printer: Printer = serde_json::from_value(Copied::of(printer).read())
                .map_err(|error| failure(format!("The printer is not described as it should be: {error}.")))?;
            self.native.set_printer(printer);
            Ok(())
        })
    }

    /// The next notice as JSON; `None` when none came in time.
    fn next_notice(&self, py: Python<'_>, timeout_ms: u64) -> PyResult<Option<String>> {
        guard(|| {
            let notice = py.detach(|| self.native.next_notice(Duration::from_millis(timeout_ms)));
            let json = notice.map(|notice| serde_json::to_string(&notice)).transpose();
            json.map_err(|error| failure(format!("A notice could not be written: {error}.")))
        })
    }

    /// What is known of a file; `None` when nothing is.
    fn answer_metadata(&self, ticket: &str, metadata: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(|| {
            self.native.answer_metadata(ticket, Copied::of(metadata).read());
            Ok(())
        })
    }

    /// Pictures, or why there are none, a sentence each; and what else is to be said of them. Takes as long as it takes to
    /// resize them.
    #[pyo3(signature = (ticket, shots, note))]
    fn answer_pictures(&self, py: Python<'_>, ticket: &str, shots: Vec<OneShot>, note: Option<String>) -> PyResult<()> {
        guard(|| {
            let shot = |(jpeg, flip_h, flip_v, rotate_90, error): OneShot| {
                let reason = || error.unwrap_or_else(|| "There is no camera that can take a picture.".to_owned());
                Shot { jpeg: jpeg.ok_or_else(reason), flip_h, flip_v, rotate_90 }
            };
            let shots = shots.into_iter().map(shot).collect();
            py.detach(|| self.native.answer_pictures(ticket, shots, note));
            Ok(())
        })
    }

    /// The thumbnail of a file, or where the file lies on the disk, or why there is neither.
    #[pyo3(signature = (ticket, picture, file, error))]
    fn answer_thumbnail(
        &self,
        py: Python<'_>,
        ticket: &str,
        picture: Option<Vec<u8>>,
        file: Option<PathBuf>,
        error: Option<String>,
    ) -> PyResult<()> {
        guard(|| {
            let thumbnail = match (picture, file) {
                (Some(picture), _) => Ok(ThumbnailAt::Picture(picture)),
                (None, Some(file)) => Ok(ThumbnailAt::File(file)),
                (None, None) => Err(error.unwrap_or_else(|| "There is no thumbnail.".to_owned())),
            };
            py.detach(|| self.native.answer_thumbnail(ticket, thumbnail));
            Ok(())
        })
    }

    /// Where the file of a timelapse lies; `None` when there is none that may be sent.
    #[pyo3(signature = (ticket, file))]
    fn answer_movie(&self, py: Python<'_>, ticket: &str, file: Option<&str>) -> PyResult<()> {
        guard(|| {
            py.detach(|| self.native.answer_movie(ticket, file.map(Path::new)));
            Ok(())
        })
    }

    /// A request to the API or for a page, with the rights of the person behind it.
    #[expect(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "the parts of a request, as Python gives them"
    )]
    fn request<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        path: &str,
        query: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        rights: Vec<String>,
    ) -> PyResult<Answer<'py>> {
        guard(|| {
            let caller = Caller::with_rights(rights.iter().map(String::as_str));
            let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
            let mut request = http::Request::builder().method(method).uri(target).extension(caller);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let request = request
                .body(Body::from(body))
                .map_err(|error| failure(format!("The request is not right: {error}.")))?;
            let (status, headers, body) = py.detach(|| {
                self.native.block_on(async {
                    // A router cannot fail; its error has no value.
                    let Ok(response) = self.router.clone().oneshot(request).await;
                    let (parts, body) = response.into_parts();
                    let body = body.collect().await.map(http_body_util::Collected::to_bytes);
                    let headers = parts.headers.iter().map(|(name, value)| {
                        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                    });
                    (parts.status.as_u16(), headers.collect::<Vec<_>>(), body.unwrap_or_default())
                })
            });
            Ok((status, headers, PyBytes::new(py, &body)))
        })
    }

    /// What keeps hooks from being sent, or events from being safe, a sentence each; empty while all is well.
    fn troubles(&self) -> PyResult<Vec<String>> {
        guard(|| Ok(self.native.troubles()))
    }

    /// Where the pages begin, relative to the blueprint's URL.
    #[expect(clippy::unused_self, reason = "asked of the engine, which serves the pages")]
    fn page_entry(&self) -> PyResult<String> {
        guard(|| Ok(pages::entry()))
    }

    /// Stops the engine and waits at most so long for it to end. A second call does nothing.
    fn stop(&self, py: Python<'_>, deadline_ms: u64) -> PyResult<()> {
        guard(|| {
            py.detach(|| self.native.stop(Duration::from_millis(deadline_ms)));
            Ok(())
        })
    }
}

impl Engine {
    /// Hands over a sight and a copy of its context, which the engine's own thread reads.
    fn observe(&self, sight: Sight, context: &Bound<'_, PyAny>) {
        let context = Copied::of(context);
        self.native.observe_unread(sight.passes_by(), move || (sight, context_of(&context)));
    }
}

fn context_of(context: &Copied) -> Context {
    Context(context.read_object())
}
