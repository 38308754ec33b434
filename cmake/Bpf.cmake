# A probe's kernel half: src/probes/NAME/NAME.bpf.c -> NAME.skel.h.
#
#   whydrop_bpf(TARGET probes PROBE drops)
#
# clang compiles it, llvm-strip removes the DWARF (600 KB -> a few KB; BTF stays), bpftool makes the
# skeleton, which lands in a SYSTEM include folder as "probes/NAME/NAME.skel.h".
find_program(BPF_CLANG NAMES clang-19 REQUIRED)
find_program(BPF_STRIP NAMES llvm-strip-19 REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin REQUIRED)

function(whydrop_bpf)
  cmake_parse_arguments(B "" "TARGET;PROBE" "" ${ARGN})
  set(folder ${PROJECT_SOURCE_DIR}/src/probes/${B_PROBE})
  set(source ${folder}/${B_PROBE}.bpf.c)
  set(out ${PROJECT_BINARY_DIR}/bpf/probes/${B_PROBE})
  set(object ${out}/${B_PROBE}.bpf.o)
  set(skeleton ${out}/${B_PROBE}.skel.h)
  file(MAKE_DIRECTORY ${out})
  string(REGEX REPLACE "aarch64" "arm64" arch "${CMAKE_SYSTEM_PROCESSOR}")
  string(REGEX REPLACE "x86_64|amd64" "x86" arch "${arch}")
  add_custom_command(OUTPUT ${skeleton}
    COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror
            -D__TARGET_ARCH_${arch} -I${PROJECT_SOURCE_DIR}/src
            -I/usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -c ${source} -o ${object} -MD -MF
            ${object}.d
    COMMAND ${BPF_STRIP} -g ${object}
    COMMAND ${BPFTOOL} gen skeleton ${object} name ${B_PROBE}_bpf > ${skeleton}
    DEPENDS ${source}
    DEPFILE ${object}.d
    VERBATIM)
  add_custom_target(${B_PROBE}_skeleton DEPENDS ${skeleton})
  add_dependencies(${B_TARGET} ${B_PROBE}_skeleton)
  target_include_directories(${B_TARGET} SYSTEM PRIVATE ${PROJECT_BINARY_DIR}/bpf)
endfunction()
