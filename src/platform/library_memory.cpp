#include "platform/library_memory.h"

#include <curl/curl.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace mesh {
namespace {

// The libraries' callbacks carry nothing of ours.
thread_local bool was_refused = false;

void* noting(void* memory) {
  if (memory == nullptr) was_refused = true;
  return memory;
}
void* allocate(std::size_t size) { return noting(std::malloc(size)); }
void* allocate_zeros(std::size_t count, std::size_t size) { return noting(std::calloc(count, size)); }
void* reallocate(void* memory, std::size_t size) {
  void* moved = std::realloc(memory, size);
  return size == 0 ? moved : noting(moved);
}
char* duplicate(const char* text) { return static_cast<char*>(noting(::strdup(text))); }

void* allocate_for_openssl(std::size_t size, const char*, int) { return allocate(size); }
void* reallocate_for_openssl(void* memory, std::size_t size, const char*, int) { return reallocate(memory, size); }
void free_for_openssl(void* memory, const char*, int) { std::free(memory); }

}  // namespace

void watch_openssl_memory() { CRYPTO_set_mem_functions(allocate_for_openssl, reallocate_for_openssl, free_for_openssl); }

bool initialize_curl() {
  return curl_global_init_mem(CURL_GLOBAL_ALL, allocate, std::free, reallocate, duplicate, allocate_zeros) == CURLE_OK;
}

bool take_memory_refusal() { return std::exchange(was_refused, false); }

}  // namespace mesh
