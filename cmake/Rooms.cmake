# A room of the house: src/NAME becomes the static library NAME, its *_test.cpp files the test
# program NAME_test.
#
#   whydrop_room(NAME [USES room-or-library...])
#
# USES must match the table in docs/architecture.md; script/lint checks the includes against it.
function(whydrop_room name)
  cmake_parse_arguments(ROOM "" "" "USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test\\.cpp$|/main\\.cpp$)")
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC whydrop_flags ${ROOM_USES})
  if(WHYDROP_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} GTest::gmock_main)
    target_compile_definitions(${name}_test PRIVATE
      WHYDROP_CAPTURES="${PROJECT_SOURCE_DIR}/tests/captures")
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60)
  endif()
endfunction()
