// A text as part of an address: deflated, in base64url.
import { InputError } from '../../errors.ts';

/** Characters of a shader at most: ten times what any is long. */
export const MAX_TEXT = 200_000;

export async function packText(text: string): Promise<string> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @throws InputError if it is none, or longer than {@link MAX_TEXT} */
export async function unpackText(packed: string): Promise<string> {
  const refuse = (why: string) => new InputError(`the text in the address ${why}`);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    throw refuse('cannot be read: part of it is missing, or it was changed');
  }
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  // Piece by piece: a few bytes may claim to be a gigabyte.
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw refuse('cannot be read: part of it is missing, or it was changed');
    });
    if (done) return text;
    text += decoder.decode(value, { stream: true });
    if (text.length > MAX_TEXT) throw refuse(`has more than ${MAX_TEXT.toLocaleString('en')} characters`);
  }
}
