// W3C WebDriver (https://www.w3.org/TR/webdriver2/) over HTTP: the one client of every server that speaks it,
// WebKitWebDriver, chromedriver, geckodriver, safaridriver and Selenium Grid.
import { InputError, messageOf } from '../../errors.ts';

/** What a session is asked for. */
export interface Capabilities {
  readonly browserName: string;
  readonly browserVersion?: string;
  readonly platformName?: string;
  readonly [extension: `${string}:${string}`]: unknown;
}

/** What a new session tells of its browser. */
export interface SessionInfo {
  readonly sessionId: string;
  readonly capabilities: Partial<Capabilities>;
}

/** A server that answered with an error, or did not answer. */
export class WebDriverError extends Error {
  override name = 'WebDriverError';
}

/** Without an answer for so long, a server or its browser is taken for dead. */
const COMMAND_SECONDS = 60;

export class WebDriverServer {
  /** Without a slash at its end and without a password: what messages may name. */
  readonly url: string;
  private readonly headers: Record<string, string>;

  /**
   * @param address `http(s)://…`, with a name and a password in it where the server wants them
   * @throws InputError if it is none
   */
  constructor(address: string) {
    if (!/^https?:\/\/./.test(address) || !URL.canParse(address))
      throw new InputError(`${address}: expected http://… or https://… of a WebDriver server`);
    const url = new URL(address);
    const { username, password } = url;
    const secret = [username, password].map(decodeURIComponent).join(':');
    url.username = '';
    url.password = '';
    this.url = url.href.replace(/\/$/, '');
    this.headers = {
      'Content-Type': 'application/json; charset=utf-8', // Selenium Grid wants the character set
      ...(username !== '' && { Authorization: `Basic ${Buffer.from(secret).toString('base64')}` }),
    };
  }

  /**
   * Starts a browser. A Grid may keep one waiting for a slot.
   * @param firstMatch the server takes the first that it can start
   * @param signal ends the waiting. A Grid answers after a time limit of its own, longer than any command's.
   */
  async newSession(firstMatch: readonly Capabilities[], signal?: AbortSignal): Promise<WebDriverSession> {
    const body = { capabilities: { alwaysMatch: { pageLoadStrategy: 'normal' }, firstMatch } };
    const info = await this.command<SessionInfo>('POST', '/session', body, signal ?? null);
    return new WebDriverSession(this, info);
  }

  /** A session that another process may have opened. */
  session(sessionId: string): WebDriverSession {
    return new WebDriverSession(this, { sessionId, capabilities: {} });
  }

  /**
   * The `value` of an answer.
   * @throws WebDriverError as the server words it
   */
  async command<T>(method: string, path: string, body?: unknown, signal?: AbortSignal | null): Promise<T> {
    const { ok, status, json } = await this.request(method, path, body, signal);
    const { value } = (json ?? { value: null }) as { value: unknown };
    if (ok) return value as T;
    const { error, message } = (value ?? {}) as { error?: string; message?: string };
    throw new WebDriverError(message || error || `status ${status}, not a WebDriver server`);
  }

  /**
   * An answer of any form.
   * @param signal ends the waiting; left out, it ends after a minute, and with null never
   * @throws WebDriverError if there is none
   */
  async request(
    method: string,
    path: string,
    body?: unknown,
    signal: AbortSignal | null = AbortSignal.timeout(1000 * COMMAND_SECONDS),
  ): Promise<{ ok: boolean; status: number; json: unknown }> {
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: this.headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
      });
      const json: unknown = await response.json().catch(() => undefined);
      return { ok: response.ok, status: response.status, json };
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError')
        throw new WebDriverError(`no answer within ${COMMAND_SECONDS} seconds`);
      // "fetch failed" has its reason within.
      const cause = error instanceof Error ? error.cause : undefined;
      throw new WebDriverError(messageOf(cause instanceof Error && cause.message !== '' ? cause : error));
    }
  }
}

export class WebDriverSession {
  readonly id: string;
  readonly capabilities: Partial<Capabilities>;
  private readonly path: string;

  constructor(
    private readonly server: WebDriverServer,
    { sessionId, capabilities }: SessionInfo,
  ) {
    this.id = sessionId;
    this.capabilities = capabilities;
    this.path = `/session/${encodeURIComponent(sessionId)}`;
  }

  /** Opens an address; settles when the page has loaded. */
  async open(url: string): Promise<void> {
    await this.server.command('POST', `${this.path}/url`, { url });
  }

  /** What a script returns, as JSON has it. @param script the body of a function */
  execute<T>(script: string, ...args: readonly unknown[]): Promise<T> {
    return this.server.command<T>('POST', `${this.path}/execute/sync`, { script, args });
  }

  /** Ends the browser; one that is gone already is well. */
  async close(): Promise<void> {
    await this.server.command('DELETE', this.path).catch(() => {});
  }
}
