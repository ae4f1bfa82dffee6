/** What an API call throws: the server's own words where it has some. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;

  constructor(status: number, code: string, message: string, hint: string | null = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

type Body = { error?: { code?: string; message?: string; hint?: string | null } };

/** The error of an answer that is no success; `body` is whatever came with it. */
export function errorOf(status: number, body: unknown): ApiError {
  const error = (body as Body | null | undefined)?.error;
  return new ApiError(status, error?.code ?? `http_${status}`, error?.message ?? `HTTP ${status}`, error?.hint ?? null);
}

/** Asking again cannot help: the request itself is at fault. */
export function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
}

export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}
