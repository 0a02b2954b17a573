//! The description of the API for other programs: made from the table of routes and the types, committed, and compared
//! by a test. What is served is what is committed, so that nothing of what makes it is part of the library that people install.

use axum::response::IntoResponse;
use http::header;
use octohooks_core::hook::HookConfig;
use octohooks_core::problem::Problem;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::caller::Need;
use crate::routes::{ROUTES, Route};

const COMMITTED: &str = include_str!("../openapi.json");

pub(crate) async fn serve() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], COMMITTED)
}

/// The `OpenAPI` 3.1 document, made anew.
pub fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/api/")) {
        let operations = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(operations) = operations.as_object_mut() {
            operations.insert(route.method.as_str().to_lowercase(), operation(route));
        }
    }
    let mut generator = SchemaSettings::openapi3().into_generator();
    generator.subschema_for::<HookConfig>();
    generator.subschema_for::<Problem>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "OctoPrint-Webhooks",
            "version": octohooks_engine::engine::VERSION,
            "description": "Hooks, tests, and deliveries. In OctoPrint it stands under /plugin/webhooks.",
            "license": {"name": "AGPL-3.0-or-later"},
        },
        "paths": paths,
        "components": {"schemas": generator.take_definitions(true)},
    })
}

fn operation(route: &Route) -> Value {
    let right = match route.need {
        Need::View => "view",
        Need::Manage => "manage",
        Need::ManageFresh => "manage, with fresh credentials",
    };
    let parameters: Vec<_> = route
        .path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    json!({
        "summary": route.summary,
        "description": format!("Needs the right: {right}."),
        "parameters": parameters,
        "responses": {
            "2XX": {"description": "As asked."},
            "4XX": {"description": "{\"error\": {\"code\", \"message\", \"problems\"}}"},
        },
    })
}
