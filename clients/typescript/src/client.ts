/** Callers of the API: a guest, a customer with a session, a staff program with a token. */

import createClient, { type Client, type Middleware } from "openapi-fetch";

import type { components, paths } from "./api.d.ts";

export type Api = Client<paths>;
export type ErrorCode = components["schemas"]["ErrorCode"];

const BASE = process.env["BASE"] ?? "http://127.0.0.1:8000";
const PASSWORD = "demo-pass-2026";

/** A refusal, as the API tells it. Programs switch on `code`. */
export class Refused extends Error {
  readonly code: ErrorCode;

  constructor({ code, error }: { code: ErrorCode; error: string }) {
    super(`${code}: ${error}`);
    this.code = code;
  }
}

/** What was answered. Throws Refused for an error. */
export async function answered<Data>(
  call: Promise<{ data?: Data; error?: { code: ErrorCode; error: string } | undefined }>,
): Promise<Data> {
  const { data, error } = await call;
  if (error !== undefined) throw new Refused(error);
  if (data === undefined) throw new Error("The answer has no content.");
  return data;
}

export function guest(): Api {
  return createClient<paths>({ baseUrl: BASE });
}

export async function customer(username = "customer"): Promise<Api> {
  const api = guest();
  api.use(session());
  await answered(api.POST("/api/login", { body: { username, password: PASSWORD } }));
  return api;
}

export async function staff(username: string): Promise<Api> {
  const api = guest();
  const { token } = await answered(api.POST("/api/staff/login", { body: { username, password: PASSWORD } }));
  return createClient<paths>({ baseUrl: BASE, headers: { Authorization: `Bearer ${token}` } });
}

/** What a browser does by itself: keeps cookies. And what a page adds: the CSRF header. */
function session(): Middleware {
  const cookies = new Map<string, string>();
  return {
    onRequest({ request }) {
      request.headers.set("Cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
      const token = cookies.get("csrftoken");
      if (token !== undefined && request.method !== "GET") request.headers.set("X-CSRFToken", token);
    },
    onResponse({ response }) {
      for (const cookie of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (name !== undefined && value !== undefined) cookies.set(name, value);
      }
    },
  };
}
