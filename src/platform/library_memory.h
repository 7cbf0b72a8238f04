#pragma once

namespace mesh {

// Watches the memory that OpenSSL asks for, which does not tell reliably that it was refused any. Call it before OpenSSL is
// used.
void watch_openssl_memory();

// Initializes libcurl, and watches the memory that it asks for: its code for a lack of memory stands for a line that
// outgrows its buffers too. Returns false if libcurl cannot be used.
bool initialize_curl();

// Returns whether either library was refused memory in this thread since the last call.
bool take_memory_refusal();

}  // namespace mesh
