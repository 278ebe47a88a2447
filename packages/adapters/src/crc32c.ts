const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  // The Castagnoli polynomial, bits reversed.
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

/** CRC-32C (RFC 3720 §12.1, appendix B.4): finds what was damaged on the way, and nothing that somebody changed. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!
  return (crc ^ 0xffffffff) >>> 0
}
