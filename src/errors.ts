/**
 * Something the caller gave is wrong: a file, a number, an option. The message is one line that says what was
 * wrong and what is accepted; the command line prints it as it stands and exits with 2.
 */
export class InputError extends Error {
  override name = 'InputError';

  /** @param message may name what came from outside: it is made printable */
  constructor(message: string) {
    super(printable(message));
  }
}

/** The device under an engine failed: nothing more comes from that engine, but another may go on. */
export class DeviceError extends Error {
  override name = 'DeviceError';
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Its first line: some browsers and drivers append a trace to their messages. */
export function firstLineOf(error: unknown): string {
  return messageOf(error).split('\n')[0];
}

/** Characters of a message that are shown at most: a file may name a tensor as long as itself. */
const SHOWN = 600;

/**
 * Text that may have come from outside, as a terminal or a page may show it: on one line, no longer than some
 * lines of a terminal, and characters that would steer the terminal or turn the text around as `\u{1b}`.
 */
export function printable(text: string): string {
  const half = SHOWN / 2;
  return withoutSteering(text.length <= SHOWN ? text : `${text.slice(0, half)} … ${text.slice(-half)}`);
}

/** The text with what would steer a terminal made visible. */
export function withoutSteering(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (steering) => {
    return `\\u{${steering.codePointAt(0)!.toString(16)}}`;
  });
}
