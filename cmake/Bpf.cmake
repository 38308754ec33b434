# The kernel half of a probe: x.bpf.c -> x.skel.h.
#
#   whydrop_bpf(TARGET probes PROBE drops)               src/probes/drops/drops.bpf.c
#   whydrop_bpf(TARGET storm SOURCE bench/empty.bpf.c)   any other
#
# clang compiles it, llvm-strip removes the DWARF (600 KB -> a few KB; BTF stays), bpftool makes the
# skeleton, which lands in a SYSTEM include folder under the source's path without "src/":
# "probes/drops/drops.skel.h", with struct drops_bpf in it.
find_program(BPF_CLANG NAMES clang-19 REQUIRED)
find_program(BPF_STRIP NAMES llvm-strip-19 REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin REQUIRED)

function(whydrop_bpf)
  cmake_parse_arguments(B "" "TARGET;PROBE;SOURCE" "" ${ARGN})
  if(B_PROBE)
    set(B_SOURCE src/probes/${B_PROBE}/${B_PROBE}.bpf.c)
  endif()
  get_filename_component(name ${B_SOURCE} NAME_WE)
  get_filename_component(folder ${B_SOURCE} DIRECTORY)
  string(REGEX REPLACE "^src/" "" folder ${folder})
  set(source ${PROJECT_SOURCE_DIR}/${B_SOURCE})
  set(out ${PROJECT_BINARY_DIR}/bpf/${folder})
  set(object ${out}/${name}.bpf.o)
  set(skeleton ${out}/${name}.skel.h)
  file(MAKE_DIRECTORY ${out})
  add_custom_command(OUTPUT ${skeleton}
    COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror
            --sysroot=${CMAKE_SYSROOT}
            -I${PROJECT_SOURCE_DIR}/src
            -I${CMAKE_SYSROOT}/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
            -c ${source} -o ${object} -MD -MF ${object}.d -MT ${skeleton}
    COMMAND ${BPF_STRIP} -g ${object}
    COMMAND ${CMAKE_COMMAND} -E echo "// NOLINTBEGIN" > ${skeleton}
    COMMAND ${BPFTOOL} gen skeleton ${object} name ${name}_bpf >> ${skeleton}
    COMMAND ${CMAKE_COMMAND} -E echo "// NOLINTEND" >> ${skeleton}
    DEPENDS ${source}
    DEPFILE ${object}.d
    VERBATIM)
  add_custom_target(${name}_skeleton DEPENDS ${skeleton})
  add_dependencies(${B_TARGET} ${name}_skeleton)
  target_include_directories(${B_TARGET} SYSTEM PRIVATE ${PROJECT_BINARY_DIR}/bpf)
endfunction()
