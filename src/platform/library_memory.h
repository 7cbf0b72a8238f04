#pragma once

namespace mesh {
inline namespace platform {

// Records the failed allocations of OpenSSL, which does not report them reliably. Call it before OpenSSL is used.
void watch_openssl_memory();

// Initializes libcurl and records its failed allocations, because CURLE_OUT_OF_MEMORY also means a line that is too long for
// a buffer. Returns false if libcurl cannot be used.
bool initialize_curl();

// Returns whether an allocation of either library has failed in this thread since the last call.
bool take_allocation_failure();

}  // namespace platform
}  // namespace mesh
