// What the tests need of Windows and no program of ours does: a file that is held open, a Ctrl-C at a certain moment.
//
//   helper hold FILE                            holds the file, shared with nobody, until its standard input ends
//   helper read FILE                            the same, as viewers do: others may read, but not write or delete
//   helper interrupt FOLDER COUNT PROGRAM ...   runs the program in the same console and sends a Ctrl-C to both as soon as
//                                               so many files lie in the folder; the program's exit code
//
// Built by zig or mingw: zig cc -target x86_64-windows-gnu -municode helper.c -o helper.exe
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

static const DWORD PATIENCE = 120000;

static int fail(const char *what) {
    fprintf(stderr, "helper: %s: error %lu\n", what, GetLastError());
    return 99;
}

static int hold(const wchar_t *file, DWORD access, DWORD share) {
    HANDLE held = CreateFileW(file, access, share, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (held == INVALID_HANDLE_VALUE) return fail("cannot hold the file");
    puts("held");
    fflush(stdout);
    while (getchar() != EOF) {}
    CloseHandle(held);
    return 0;
}

// The arguments from a place on, as a command line; none of them has quotes within.
static wchar_t *command_line(int count, wchar_t **arguments) {
    static wchar_t line[32768];
    for (int i = 0; i < count; i++) {
        wcscat(line, i ? L" \"" : L"\"");
        wcscat(line, arguments[i]);
        wcscat(line, L"\"");
    }
    return line;
}

static int exit_code(PROCESS_INFORMATION *process) {
    DWORD code = 98;
    if (WaitForSingleObject(process->hProcess, PATIENCE) != WAIT_OBJECT_0) {
        TerminateProcess(process->hProcess, 97);
        fprintf(stderr, "helper: the program did not end\n");
        return 97;
    }
    GetExitCodeProcess(process->hProcess, &code);
    return (int)code;
}

static int entries(const wchar_t *folder) {
    wchar_t pattern[1024];
    WIN32_FIND_DATAW found;
    int count = 0;
    swprintf(pattern, 1024, L"%ls\\*", folder);
    HANDLE search = FindFirstFileW(pattern, &found);
    if (search == INVALID_HANDLE_VALUE) return 0;
    do count += found.cFileName[0] != L'.';
    while (FindNextFileW(search, &found));
    FindClose(search);
    return count;
}

static BOOL WINAPI survive(DWORD event) {
    (void)event;
    return TRUE;
}

static int interrupt(const wchar_t *folder, int count, wchar_t *line) {
    STARTUPINFOW info = {.cb = sizeof info};
    PROCESS_INFORMATION process;
    SetConsoleCtrlHandler(survive, TRUE);
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &info, &process)) return fail("cannot start the program");
    for (DWORD waited = 0; entries(folder) < count && waited < PATIENCE; waited += 5) {
        if (WaitForSingleObject(process.hProcess, 5) == WAIT_OBJECT_0) {
            fprintf(stderr, "helper: the program ended before it was interrupted\n");
            return 96;
        }
    }
    if (!GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) return fail("no Ctrl-C");
    return exit_code(&process);
}

int wmain(int argc, wchar_t **argv) {
    if (argc == 3 && !wcscmp(argv[1], L"hold")) return hold(argv[2], GENERIC_READ | GENERIC_WRITE, 0);
    if (argc == 3 && !wcscmp(argv[1], L"read")) return hold(argv[2], GENERIC_READ, FILE_SHARE_READ);
    if (argc > 4 && !wcscmp(argv[1], L"interrupt")) return interrupt(argv[2], _wtoi(argv[3]), command_line(argc - 4, argv + 4));
    return fail("no such task");
}
