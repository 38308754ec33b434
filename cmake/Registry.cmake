# The registry of a folder: every file in it defines one object of the file's name, and the list of
# all of them is made here, so that two people who add something never touch the same line.
#
#   whydrop_registry(TARGET room FOLDER dir HEADER "sources/source.h" NAMESPACE sources
#                    TYPE Source LIST all_sources [EXCLUDE file...])
#
# makes a .cpp that defines `std::span<const TYPE* const> NAMESPACE::LIST()`, sorted by file name.
function(whydrop_registry)
  cmake_parse_arguments(R "" "TARGET;FOLDER;HEADER;NAMESPACE;TYPE;LIST" "EXCLUDE" ${ARGN})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${R_FOLDER}/*.cpp)
  list(FILTER files EXCLUDE REGEX "_test\\.cpp$")
  list(SORT files)
  set(declarations "")
  set(entries "")
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    if(NOT name IN_LIST R_EXCLUDE)
      string(APPEND declarations "extern const ${R_TYPE} ${name};\n")
      string(APPEND entries "      &${name},\n")
    endif()
  endforeach()
  set(content "// Made by cmake/Registry.cmake from the files of a folder.
#include <array>
#include <span>

#include \"${R_HEADER}\"

namespace ${R_NAMESPACE} {
${declarations}
std::span<const ${R_TYPE}* const> ${R_LIST}() {
  static constexpr auto kAll = std::to_array<const ${R_TYPE}*>({
${entries}  });
  return kAll;
}
}  // namespace ${R_NAMESPACE}
")
  set(output ${PROJECT_BINARY_DIR}/registry/${R_NAMESPACE}_${R_LIST}.cpp)
  string(REPLACE "::" "_" output "${output}")
  file(CONFIGURE OUTPUT ${output} CONTENT "${content}" @ONLY)
  target_sources(${R_TARGET} PRIVATE ${output})
endfunction()
