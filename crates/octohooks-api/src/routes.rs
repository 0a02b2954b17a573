//! The table of routes: method, path, and what the caller needs. The router is made of it, deny by default.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use http::Method;
use octohooks_engine::Engine;

use crate::caller::{Caller, Need, Refusal};
use crate::error::ApiError;
use crate::{conditions, deliveries, hooks, moving, observe, openapi, pages, rehearse, services, signing_key};

/// One route.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, parameters in braces.
    pub path: &'static str,
    /// What the caller needs.
    pub need: Need,
    /// What it does, a sentence.
    pub summary: &'static str,
    handler: fn() -> MethodRouter<Arc<Engine>>,
}

const fn route(
    method: Method,
    path: &'static str,
    need: Need,
    handler: fn() -> MethodRouter<Arc<Engine>>,
    summary: &'static str,
) -> Route {
    Route { method, path, need, summary, handler }
}

/// All routes.
pub const ROUTES: &[Route] = &[
    route(Method::GET, "/api/v1/status", Need::View, || get(observe::status), "How the engine is."),
    route(
        Method::GET,
        "/api/v1/metrics",
        Need::View,
        || get(observe::metrics),
        "What is counted, as OpenMetrics for Prometheus.",
    ),
    route(
        Method::GET,
        "/api/v1/catalogue",
        Need::View,
        || get(observe::catalogue),
        "What can be chosen from: events, variables, and a new hook.",
    ),
    route(
        Method::GET,
        "/api/v1/deliveries",
        Need::View,
        || get(deliveries::list),
        "The latest deliveries, newest first.",
    ),
    route(Method::GET, "/api/v1/openapi.json", Need::View, || get(openapi::serve), "This description."),
    route(Method::GET, "/api/v1/hooks", Need::View, || get(hooks::list), "All hooks, without what may be secret."),
    route(Method::POST, "/api/v1/hooks", Need::ManageFresh, || post(hooks::create), "Makes a hook."),
    route(
        Method::POST,
        "/api/v1/hooks/import",
        Need::ManageFresh,
        || post(hooks::import),
        "Makes a hook of an exported file.",
    ),
    route(
        Method::POST,
        "/api/v1/hooks/import/look",
        Need::ManageFresh,
        || post(moving::look),
        "What a file of hooks holds, and what of it is here already; an encrypted one needs its passphrase. Saves nothing.",
    ),
    route(
        Method::POST,
        "/api/v1/hooks/import/take",
        Need::ManageFresh,
        || post(moving::take),
        "Makes hooks of those in a file that are wanted.",
    ),
    route(
        Method::POST,
        "/api/v1/hooks/export",
        Need::ManageFresh,
        || post(moving::export),
        "Hooks as one file: without their secrets, or with them, encrypted under a passphrase.",
    ),
    route(Method::PUT, "/api/v1/hooks/order", Need::ManageFresh, || put(hooks::reorder), "Puts the hooks in an order."),
    route(
        Method::GET,
        "/api/v1/hooks/{id}",
        Need::ManageFresh,
        || get(hooks::read),
        "One hook, whole but for write-only fields.",
    ),
    route(
        Method::PUT,
        "/api/v1/hooks/{id}",
        Need::ManageFresh,
        || put(hooks::replace),
        "Replaces a hook; If-Match guards against changes made elsewhere.",
    ),
    route(Method::DELETE, "/api/v1/hooks/{id}", Need::ManageFresh, || delete(hooks::remove), "Deletes a hook."),
    route(
        Method::POST,
        "/api/v1/hooks/{id}/restore",
        Need::ManageFresh,
        || post(hooks::restore),
        "Brings a deleted hook back.",
    ),
    route(Method::POST, "/api/v1/hooks/{id}/duplicate", Need::ManageFresh, || post(hooks::duplicate), "Copies a hook."),
    route(
        Method::PUT,
        "/api/v1/hooks/{id}/enabled",
        Need::ManageFresh,
        || put(hooks::set_enabled),
        "Switches a hook on or off.",
    ),
    route(
        Method::PUT,
        "/api/v1/hooks/{id}/paused",
        Need::ManageFresh,
        || put(hooks::set_paused),
        "Pauses a hook, what it is told waits meanwhile; or resumes it.",
    ),
    route(
        Method::POST,
        "/api/v1/hooks/{id}/try",
        Need::Manage,
        || post(hooks::try_now),
        "Tries what waits for a hook at once.",
    ),
    route(
        Method::GET,
        "/api/v1/deliveries/{id}",
        Need::ManageFresh,
        || get(deliveries::read),
        "One delivery with each of its attempts, and the request as it was sent, secrets covered.",
    ),
    route(
        Method::DELETE,
        "/api/v1/deliveries/{id}",
        Need::Manage,
        || delete(deliveries::remove),
        "Drops a delivery that waits.",
    ),
    route(
        Method::POST,
        "/api/v1/deliveries/{id}/resend",
        Need::Manage,
        || post(deliveries::resend),
        "Sends a delivery again that has ended, under its own id.",
    ),
    route(
        Method::POST,
        "/api/v1/deliveries/resend",
        Need::ManageFresh,
        || post(deliveries::resend_all),
        "Sends again what has ended and is named by ids, or found by hook, event, state, since, until, and text; at most 500, the newest; what was given up where no state is named.",
    ),
    route(
        Method::POST,
        "/api/v1/deliveries/drop",
        Need::ManageFresh,
        || post(deliveries::drop_all),
        "Drops what waits and is named by ids, or found by hook, event, state, since, until, and text; at most 500, the newest.",
    ),
    route(
        Method::GET,
        "/api/v1/hooks/{id}/export",
        Need::ManageFresh,
        || get(hooks::export),
        "A hook as a file without its secrets.",
    ),
    route(
        Method::GET,
        "/api/v1/services",
        Need::View,
        || get(services::list),
        "The services that a hook can be made for, with what each asks for.",
    ),
    route(
        Method::POST,
        "/api/v1/services/recognise",
        Need::Manage,
        || post(services::recognise),
        "Which service a pasted address is of, and the answers that it holds.",
    ),
    route(
        Method::POST,
        "/api/v1/services/{key}/draft",
        Need::Manage,
        || post(services::draft),
        "A draft of a hook for a service, made of the answers to its questions, or what is wrong with them.",
    ),
    route(
        Method::POST,
        "/api/v1/signing-key",
        Need::ManageFresh,
        || post(signing_key::create),
        "Makes a key to sign with, and shows it this once; it is saved with a hook or not at all.",
    ),
    route(
        Method::POST,
        "/api/v1/check",
        Need::Manage,
        || post(rehearse::check),
        "What is wrong with a hook as it stands in an editor.",
    ),
    route(
        Method::POST,
        "/api/v1/conditions/try",
        Need::Manage,
        || post(conditions::try_out),
        "What the conditions of a hook in an editor make of the latest events, and of an example of each event.",
    ),
    route(
        Method::POST,
        "/api/v1/preview",
        Need::ManageFresh,
        || post(rehearse::preview),
        "The request that would be sent for an event, made up or kept, secrets covered.",
    ),
    route(
        Method::POST,
        "/api/v1/values",
        Need::ManageFresh,
        || post(rehearse::values),
        "What the variables of a hook stand for in an event, without secrets; long ones in short.",
    ),
    route(
        Method::GET,
        "/api/v1/events",
        Need::Manage,
        || get(rehearse::events),
        "The latest events that are kept, newest first, to preview or test with.",
    ),
    route(
        Method::POST,
        "/api/v1/test",
        Need::ManageFresh,
        || post(rehearse::test),
        "Sends an event at once, made up or kept; it leaves no trace among the deliveries.",
    ),
    route(Method::GET, "/api/v1/test/{id}", Need::ManageFresh, || get(rehearse::test_state), "How a test stands."),
    route(Method::GET, "/pages/{hash}/{*file}", Need::View, || get(pages::serve), "A file of the pages."),
];

/// The router over an engine. Each request has to carry a [`Caller`] in its extensions; without one it is refused.
pub fn router(engine: Arc<Engine>) -> Router {
    let routes = ROUTES.iter().fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    routes.route_layer(from_fn(authorise)).fallback(nothing_here).with_state(engine)
}

/// Refuses whoever has not what the table says; a route that is not in the table is not there.
async fn authorise(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let caller = request.extensions().get::<Caller>().copied().unwrap_or_default();
    let found = ROUTES.iter().find(|route| route.method == method && path.as_deref() == Some(route.path));
    match found.map(|route| caller.check(route.need)) {
        Some(Ok(())) => next.run(request).await,
        Some(Err(refusal)) => ApiError::from(refusal).into_response(),
        // A method that a path does not have: the router says so, but only to those who may see the path at all.
        None if caller.check(Need::View).is_ok() => next.run(request).await,
        None => ApiError::from(Refusal::Forbidden).into_response(),
    }
}

async fn nothing_here() -> ApiError {
    ApiError::not_found("There is nothing at this address.")
}
