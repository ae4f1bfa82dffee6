export type Position = { line: number; column: number };

/** What an API call throws: the server's own words where it has some. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  /** Where in the question; counted from one. */
  readonly position: Position | null;

  constructor(
    status: number,
    code: string,
    message: string,
    hint: string | null = null,
    position: Position | null = null,
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.position = position;
  }
}

type Body = { error?: { code?: string; message?: string; hint?: string | null; position?: Position | null } };

/** The error of an answer that is no success; `body` is whatever came with it. */
export function errorOf(status: number, body: unknown): ApiError {
  const error = (body as Body | null | undefined)?.error;
  const code = error?.code ?? `http_${status}`;
  const message = error?.message ?? `HTTP ${status}`;
  return new ApiError(status, code, message, error?.hint ?? null, error?.position ?? null);
}

/** Asking again cannot help: the request itself is at fault. */
export function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
}

export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}
