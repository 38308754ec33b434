#include <optional>

#include <fmt/format.h>

#include "formats/tar.h"
#include "offline/open.h"

namespace offline {
namespace {

using formats::TarKind;

// Reports come in a folder of their own inside the archive; a folder that was packed by hand need
// not.
bool is_of_report(std::string_view path) {
  if (is_wanted(path)) return true;
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return false;
  // Below "proc", say, that would be another report.
  return !may_hold_wanted(path.substr(0, slash)) && is_wanted(path.substr(slash + 1));
}

base::Status take_file(formats::TarReader& reader, const formats::TarMember& member,
                       Contents& contents) {
  if (!contents.has_room_for(member.path, member.size)) return {};
  auto text = TRY(reader.content(kMostFileBytes));
  if (text) contents.put(member.path, std::move(*text), member.changed_s);
  return {};
}

base::Status take(formats::TarReader& reader, const formats::TarMember& member,
                  Contents& contents) {
  if (member.leads_out) {
    contents.leave_out("a member", "its name leads out of the archive");
    return {};
  }
  if (member.path.size() > kMostPathBytes || !is_of_report(member.path)) return {};
  switch (member.kind) {
    case TarKind::kFile:
      return take_file(reader, member, contents);
    case TarKind::kLink:
      contents.put_link(member.path, member.target);
      return {};
    case TarKind::kHardLink:
      contents.put_link(member.path, "/" + member.target);
      return {};
    case TarKind::kSparse:
      contents.leave_out(member.path, "stored with holes (a sparse file)");
      return {};
    case TarKind::kOther:
      contents.leave_out(member.path, "neither a file nor a link");
      return {};
    case TarKind::kFolder:
      return {};
  }
  return {};
}

}  // namespace

base::Result<Contents> contents_of_archive(base::ByteSource& archive) {
  Contents contents;
  formats::TarReader reader(archive);
  for (std::size_t entries = 0;; ++entries) {
    const auto member = TRY(reader.next());
    if (!member) break;
    if (entries == kMostEntries) {
      return base::failure(fmt::format("it has more than {} members", kMostEntries));
    }
    TRY(take(reader, *member, contents));
  }
  contents.enter_only_folder();
  return contents;
}

}  // namespace offline
