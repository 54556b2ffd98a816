# Builds for 64-bit ARM on another machine, whose ctest runs the programs under QEMU. The folder of libraries is made
# by emulate, beside this file; the compiler brings the C and C++ libraries that it links.
#   MUSEGAN_ARM_ROOT   the folder with the ARM libraries and their headers: a cache variable or from the environment
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

if(NOT MUSEGAN_ARM_ROOT)
  set(MUSEGAN_ARM_ROOT $ENV{MUSEGAN_ARM_ROOT})
endif()
if(NOT IS_DIRECTORY "${MUSEGAN_ARM_ROOT}/usr/lib/aarch64-linux-gnu")
  message(FATAL_ERROR "[toolchain.cmake] MUSEGAN_ARM_ROOT is '${MUSEGAN_ARM_ROOT}', expected a folder with "
                      "usr/lib/aarch64-linux-gnu in it (tests/arm/emulate makes one)")
endif()
# The compiler is tried in projects of their own, which read this file again.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MUSEGAN_ARM_ROOT)

# Libraries and headers come from that folder alone, programs from this machine.
set(CMAKE_FIND_ROOT_PATH ${MUSEGAN_ARM_ROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(headers ${MUSEGAN_ARM_ROOT}/usr/include)
set(CMAKE_CXX_FLAGS_INIT "-isystem ${headers} -isystem ${headers}/aarch64-linux-gnu")
# Libraries that our libraries need, as Cairo does.
set(libraries ${MUSEGAN_ARM_ROOT}/usr/lib/aarch64-linux-gnu:${MUSEGAN_ARM_ROOT}/lib/aarch64-linux-gnu)
foreach(kind EXE MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT "-Wl,-rpath-link,${libraries}")
endforeach()

find_program(MUSEGAN_ARM_EMULATOR NAMES qemu-aarch64-static qemu-aarch64)
if(NOT MUSEGAN_ARM_EMULATOR)
  message(FATAL_ERROR "[toolchain.cmake] no qemu-aarch64 on this machine (Debian's package is qemu-user-static)")
endif()
set(CMAKE_CROSSCOMPILING_EMULATOR ${MUSEGAN_ARM_EMULATOR} -L ${MUSEGAN_ARM_ROOT})
