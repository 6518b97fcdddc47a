// The checksum of a record batch (CRC-32C, Castagnoli; RFC 3720, appendix B.4). Never looks at what it sums.

const reversedPolynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    sum = (sum & 1) === 1 ? (sum >>> 1) ^ reversedPolynomial : sum >>> 1;
  }
  return sum;
});

export function crc32c(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (let i = 0; i < bytes.length; i += 1) {
    sum = (table[(sum ^ (bytes[i] as number)) & 0xff] as number) ^ (sum >>> 8);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
