# SPDX-License-Identifier: MIT
# One interface target carries the warnings, the hardening and the sanitizers of every target of ours.
include(CheckCSourceCompiles)
include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

add_library(practice_flags INTERFACE)
target_compile_definitions(practice_flags INTERFACE _GNU_SOURCE)
target_include_directories(practice_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(practice_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum
    -Wformat=2 -Wundef -Wwrite-strings -fno-common -fno-strict-overflow)
if(PRACTICE_WERROR)
    target_compile_options(practice_flags INTERFACE -Werror)
endif()

if(PRACTICE_HARDEN)
    # Level 3 came with gcc 12 and clang 15's headers; where it is not there, level 2 is. Debian's own compilers may set a level.
    set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
    check_c_source_compiles("#include <string.h>\nint main(void) { return 0; }" PRACTICE_FORTIFY_3)
    unset(CMAKE_REQUIRED_FLAGS)
    target_compile_options(practice_flags INTERFACE -U_FORTIFY_SOURCE
        -D_FORTIFY_SOURCE=$<IF:$<BOOL:${PRACTICE_FORTIFY_3}>,3,2> -fstack-protector-strong)
    foreach(flag -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero)
        string(MAKE_C_IDENTIFIER "PRACTICE_HAS${flag}" has)
        check_c_compiler_flag("-Werror ${flag}" ${has})
        if(${has})
            target_compile_options(practice_flags INTERFACE ${flag})
        endif()
    endforeach()
    if(NOT APPLE)
        target_link_options(practice_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
    endif()
endif()

if(PRACTICE_SANITIZE)
    target_compile_options(practice_flags INTERFACE -fsanitize=${PRACTICE_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=undefined)
    target_link_options(practice_flags INTERFACE -fsanitize=${PRACTICE_SANITIZE})
endif()
