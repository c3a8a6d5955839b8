// What wine before version 9 lacks: bcryptprimitives.dll with the one function of it that Rust's standard library asks for.
//
// Built by zig or mingw: zig cc -target x86_64-windows-gnu -shared random.c -o bcryptprimitives.dll -ladvapi32
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    return SystemFunction036(data, (ULONG)length);
}
