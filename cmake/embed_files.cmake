# Writes OUTPUT: the FILES below ROOT as string literals in NAMESPACE. Run by cmake/Embed.cmake.
set(entries "")
foreach(file ${FILES})
  file(READ ${ROOT}/${file} content)
  # A literal may hold at most 64 KiB in one piece; scripts are far below that.
  string(APPEND entries "    {\"${file}\", R\"~embedded~(${content})~embedded~\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/embed_files.cmake.
#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace ${NAMESPACE} {
std::span<const std::pair<std::string_view, std::string_view>> embedded() {
  static constexpr auto kFiles = std::to_array<std::pair<std::string_view, std::string_view>>({
${entries}  });
  return kFiles;
}
}  // namespace ${NAMESPACE}
")
