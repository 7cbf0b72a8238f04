#include "buildpack/cli/cli.h"

// The assembler includes the file byte for byte. MESH_RUN_CHECK is its path.
asm(".section .rodata.mesh_run_check, \"a\", %progbits\n"
    "mesh_run_check_begin:\n"
    ".incbin \"" MESH_RUN_CHECK
    "\"\n"
    "mesh_run_check_end:\n"
    ".previous\n");

extern "C" {
extern const char mesh_run_check_begin[];  // NOLINT(readability-identifier-naming): a symbol of the assembler's
extern const char mesh_run_check_end[];    // NOLINT(readability-identifier-naming)
}

namespace mesh::buildpack::cli {

std::string_view run_check() { return {mesh_run_check_begin, mesh_run_check_end}; }

}  // namespace mesh::buildpack::cli
