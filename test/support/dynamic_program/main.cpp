// A program that needs its loader and the C library, for tests that look at one.
#include <cstdio>

int main() { return std::puts("I run.") < 0 ? 1 : 0; }
