# Toolchain file: for arm64 (aarch64-linux-gnu) with Debian's cross compilers, on a machine of another architecture.
# The programs are run by an emulator of the processor, from Debian's qemu-user-static.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc-12)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++-12)
find_program(MESH_EMULATOR NAMES qemu-aarch64-static qemu-aarch64 REQUIRED)
set(CMAKE_CROSSCOMPILING_EMULATOR "${MESH_EMULATOR}")
