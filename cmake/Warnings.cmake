# One INTERFACE target carries the language level and the warnings of all our code.
add_library(whydrop_flags INTERFACE)
target_compile_features(whydrop_flags INTERFACE cxx_std_23)
target_include_directories(whydrop_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(whydrop_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers)
option(WHYDROP_WERROR "Warnings are errors" OFF)
if(WHYDROP_WERROR)
  target_compile_options(whydrop_flags INTERFACE -Werror)
endif()
option(WHYDROP_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
if(WHYDROP_SANITIZE)
  target_compile_options(whydrop_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(whydrop_flags INTERFACE -fsanitize=address,undefined)
endif()
