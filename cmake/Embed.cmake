# Embeds text files into a room, so that the one binary carries them.
#
#   whydrop_embed(TARGET lab FOLDER lab PATTERN *.sh)
#
# makes a .cpp that defines, in namespace TARGET,
# `std::span<const std::pair<std::string_view, std::string_view>> embedded()`: path relative to
# FOLDER and content, sorted by path. The room declares the function.
function(whydrop_embed)
  cmake_parse_arguments(E "" "TARGET;FOLDER;PATTERN" "" ${ARGN})
  set(root ${PROJECT_SOURCE_DIR}/${E_FOLDER})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${root} ${root}/${E_PATTERN})
  list(SORT files)
  set(output ${PROJECT_BINARY_DIR}/embedded/${E_TARGET}.cpp)
  set(absolute ${files})
  list(TRANSFORM absolute PREPEND ${root}/)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DROOT=${root} -DNAMESPACE=${E_TARGET}
            "-DFILES=${files}" -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${absolute} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    VERBATIM)
  target_sources(${E_TARGET} PRIVATE ${output})
endfunction()
