/** Deflate makes no more than this of a byte (RFC 1951: 258 bytes of two bits). */
export const MAX_EXPANSION = 1032;
