#include "platform/library_memory.h"

#include <curl/curl.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace mesh {
inline namespace platform {
namespace {

// Global, because the libraries' callbacks take no user data.
thread_local bool has_failed = false;

void* checked(void* memory) {
  if (memory == nullptr) has_failed = true;
  return memory;
}
void* allocate(std::size_t size) { return checked(std::malloc(size)); }
void* allocate_zeros(std::size_t count, std::size_t size) { return checked(std::calloc(count, size)); }
void* reallocate(void* memory, std::size_t size) {
  void* moved = std::realloc(memory, size);
  return size == 0 ? moved : checked(moved);
}
char* duplicate(const char* text) { return static_cast<char*>(checked(::strdup(text))); }

void* allocate_for_openssl(std::size_t size, const char*, int) { return allocate(size); }
void* reallocate_for_openssl(void* memory, std::size_t size, const char*, int) { return reallocate(memory, size); }
void free_for_openssl(void* memory, const char*, int) { std::free(memory); }

}  // namespace

void watch_openssl_memory() { CRYPTO_set_mem_functions(allocate_for_openssl, reallocate_for_openssl, free_for_openssl); }

bool initialize_curl() {
  return curl_global_init_mem(CURL_GLOBAL_ALL, allocate, std::free, reallocate, duplicate, allocate_zeros) == CURLE_OK;
}

bool take_allocation_failure() { return std::exchange(has_failed, false); }

}  // namespace platform
}  // namespace mesh
