// mesh-check: a buildpack's exec.d program. The launcher runs it before each process of the app and takes variables from its
// file descriptor 3, where it writes none. Whatever happens it exits with 0, for anything else keeps the app from starting.
//
// It uses no C library: it starts at the kernel's entry point and makes its three system calls itself.

#include "buildpack/run_check/checks.h"

namespace {

#if defined(__x86_64__)

constexpr long kWrite = 1;
constexpr long kSignalAction = 13;
constexpr long kExit = 231;
constexpr long kPoll = 271;

long system_call(long number, long a, long b, long c, long d, long e) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}

__asm__(
    ".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call mesh_check_main\n"
    "  hlt\n");

#elif defined(__aarch64__)

constexpr long kWrite = 64;
constexpr long kSignalAction = 134;
constexpr long kExit = 94;
constexpr long kPoll = 73;

long system_call(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}

__asm__(
    ".globl _start\n"
    "_start:\n"
    "  mov x29, #0\n"
    "  mov x30, #0\n"
    "  mov x0, sp\n"
    "  bl mesh_check_main\n"
    "  brk #0\n");

#endif

constexpr int kStandardError = 2;
constexpr long kBrokenPipe = 13;  // SIGPIPE
constexpr short kWritable = 4;    // POLLOUT
constexpr long kSignalSetBytes = 8;

struct SignalAction {
  long handler;
  unsigned long flags;
  long restorer;
  unsigned long mask;
};

struct Poll {
  int descriptor;
  short events;
  short found;
};

struct Time {
  long seconds;
  long nanoseconds;
};

template <class T>
long address(T& object) {
  return reinterpret_cast<long>(&object);
}

// Neither ends for a pipe without a reader nor waits for a full one.
void write_unless_it_waits(mesh::buildpack::run_check::Text text) {
  SignalAction ignore = {1, 0, 0, 0};
  system_call(kSignalAction, kBrokenPipe, address(ignore), 0, kSignalSetBytes, 0);
  Poll poll = {kStandardError, kWritable, 0};
  Time no_time = {0, 0};
  if (system_call(kPoll, address(poll), 1, address(no_time), 0, kSignalSetBytes) <= 0) return;
  system_call(kWrite, kStandardError, reinterpret_cast<long>(text.begin), static_cast<long>(text.size), 0, 0);
}

}  // namespace

// `stack` is what the kernel leaves there: the number of arguments, them, a null pointer, the environment, a null pointer.
extern "C" [[noreturn]] __attribute__((visibility("hidden"), used)) void mesh_check_main(const long* stack) {
  const auto* arguments = reinterpret_cast<const char* const*>(stack + 1);
  mesh::buildpack::run_check::Report report;
  mesh::buildpack::run_check::check(stack[0] > 0 ? arguments[0] : nullptr, arguments + stack[0] + 1, report);
  if (report.text().size > 0) write_unless_it_waits(report.text());
  while (true) system_call(kExit, 0, 0, 0, 0, 0);
}
