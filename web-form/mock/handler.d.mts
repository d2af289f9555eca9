import type { IncomingMessage, ServerResponse } from "node:http";

/** Answers the requests of the web channel's contract; resolves to false for any other request. */
export function createMock(): (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
