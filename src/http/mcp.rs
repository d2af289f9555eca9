//! `/mcp`: the Model Context Protocol over streamable HTTP. A token proves who asks; a signed-in person's cookie opens nothing here.

use super::{operator::Program, state::HttpState};
use crate::{mcp::McpServer, tools::Caller};
use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};

/// Serves one request for the identity its token stands for.
pub async fn serve(Program(actor): Program, State(state): State<HttpState>, request: Request) -> Response {
    let caller = Caller::program(&actor.name, actor.role);
    let server = McpServer::new(state.mcp.clone(), caller).over_http(state.server.max_body_bytes);
    server.handle(request).await.map(Body::new)
}
