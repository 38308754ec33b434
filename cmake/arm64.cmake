# Toolchain of the preset arm64: Debian 12's cross compiler, the libraries that script/fetch-sysroot
# unpacked, and qemu's user emulation to run what was built. The tools that run at build time (clang
# for BPF, bpftool, the scripts that embed files) stay those of this machine.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)

get_filename_component(CMAKE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../.cache/sysroot-arm64 ABSOLUTE)
# The compiler prefers the C library it came with to the sysroot's, unless it is told to begin here.
set(CMAKE_C_FLAGS_INIT -B${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/)
set(CMAKE_CXX_FLAGS_INIT ${CMAKE_C_FLAGS_INIT})
# The unit tests, too, and whatever cmake tries: the sysroot has no shared libraries.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static-pie)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
  ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)
