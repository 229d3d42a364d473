// The part of pngjs that is used.
declare module 'pngjs' {
  export const PNG: {
    readonly sync: {
      /** RGBA, 8 bits each, row-major. */
      read(bytes: Uint8Array): { width: number; height: number; data: Uint8Array };
      write(image: { width: number; height: number; data: Uint8Array }): Uint8Array;
    };
  };
}
