// SHA-256 as text, in Node and in browsers.

/** In hexadecimal. @throws TypeError on a page that is not secure, where browsers have no `crypto.subtle` */
export async function sha256Of(bytes: BufferSource): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
