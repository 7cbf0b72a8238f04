// Selects ISA-L's implementations for this processor.
#include <stdint.h>

struct inflate_state;
struct isal_gzip_header;
typedef int Decode(struct inflate_state*, uint8_t*);
typedef uint32_t Checksum(uint32_t, const uint8_t*, uint64_t);

Decode decode_huffman_code_block_stateless, decode_huffman_code_block_stateless_base;
Checksum crc32_gzip_refl, crc32_gzip_refl_base;

#if defined(__x86_64__)

Decode decode_huffman_code_block_stateless_01, decode_huffman_code_block_stateless_04;
Checksum crc32_gzip_refl_by8;

static Decode* best_decode(void) {
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return decode_huffman_code_block_stateless_04;
  if (__builtin_cpu_supports("sse4.2")) return decode_huffman_code_block_stateless_01;
  return decode_huffman_code_block_stateless_base;
}

static Checksum* best_checksum(void) {
  const int is_supported = __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("pclmul");
  return is_supported ? crc32_gzip_refl_by8 : crc32_gzip_refl_base;
}

#elif defined(__aarch64__)

#include <sys/auxv.h>

Decode decode_huffman_code_block_stateless_aarch64;
Checksum crc32_gzip_refl_crc_ext;

static Decode* best_decode(void) { return decode_huffman_code_block_stateless_aarch64; }

static Checksum* best_checksum(void) {
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0 ? crc32_gzip_refl_crc_ext : crc32_gzip_refl_base;
}

#endif

int decode_huffman_code_block_stateless(struct inflate_state* state, uint8_t* start_out) {
  return best_decode()(state, start_out);
}

uint32_t crc32_gzip_refl(uint32_t init, const uint8_t* bytes, uint64_t count) { return best_checksum()(init, bytes, count); }

// These belong to ISA-L's compression, which is not built. Its decompression calls them for the zlib format, and for a gzip
// header that was not read with isal_read_gzip_header().
uint32_t isal_adler32_bam1(uint32_t init, const uint8_t* bytes, uint64_t count) {
  (void)init, (void)bytes, (void)count;
  __builtin_trap();
}

void isal_gzip_header_init(struct isal_gzip_header* header) {
  (void)header;
  __builtin_trap();
}
