#include "host/tracepoint.h"

#include <algorithm>

#include "base/text.h"
#include "host/detached_mount.h"

namespace host {
namespace {

// "12" of "\tfield:int a;\toffset:12;\tsize:4;" and "offset:".
std::optional<std::uint32_t> number_after(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + key.size());
  return base::parse_number<std::uint32_t>(line.substr(0, line.find(';')));
}

// "location" of "\tfield:void * location;\toffset:16;…", "comm" of "field:char comm[16];…".
std::string_view field_name(std::string_view line) {
  const auto declared = line.substr(0, line.find(';'));
  const auto name = declared.substr(declared.find_last_of(" *") + 1);
  return name.substr(0, name.find('['));
}

void add_field(std::string_view line, Tracepoint& tracepoint) {
  const auto offset = number_after(line, "offset:");
  const auto size = number_after(line, "size:");
  if (offset && size) tracepoint.fields[std::string(field_name(line))] = {*offset, *size};
}

// `{ 2, "NOT_SPECIFIED" }, { 3, "NO_SOCKET" }`; an entry whose number the kernel left as the name
// of an enum says nothing to us.
void add_symbols(std::string_view print, Tracepoint& tracepoint) {
  const auto list = print.rfind("__print_symbolic(");
  if (list == std::string_view::npos) return;
  print.remove_prefix(list);
  while (true) {
    const auto open = print.find('{');
    const auto close = print.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos) return;
    const auto entry = print.substr(open + 1, close - open - 1);
    print.remove_prefix(close + 1);
    const auto comma = entry.find(',');
    const auto quote = entry.find('"');
    const auto end = entry.rfind('"');
    if (comma == std::string_view::npos || quote == end) continue;
    const auto number = base::parse_number<std::uint32_t>(base::trim(entry.substr(0, comma)));
    if (number) tracepoint.symbols[*number] = entry.substr(quote + 1, end - quote - 1);
  }
}

base::Result<std::string> read_format(const base::Files& files, const std::string& file) {
  for (const char* place : {"/sys/kernel/tracing/", "/sys/kernel/debug/tracing/"}) {
    auto text = files.read(place + file);
    if (text) return text;
  }
  const auto tracefs = mount_detached("tracefs");
  if (!tracefs) {
    return base::failure("tracefs is not mounted, or may not be read: " + tracefs.error().what,
                         "root, and a kernel with CONFIG_TRACING");
  }
  return files.read(path_of(*tracefs) + "/" + file);
}

}  // namespace

std::optional<TracepointField> Tracepoint::field(const std::string& name) const {
  const auto found = fields.find(name);
  if (found == fields.end()) return {};
  return found->second;
}

base::Result<Tracepoint> parse_tracepoint(std::string_view format) {
  Tracepoint tracepoint;
  for (const auto line : base::lines(format)) {
    if (line.starts_with("ID:")) {
      tracepoint.id = base::parse_number<std::uint32_t>(base::trim(line.substr(3))).value_or(0);
    } else if (line.find("field:") != std::string_view::npos) {
      add_field(line, tracepoint);
    } else if (line.starts_with("print fmt:")) {
      add_symbols(line, tracepoint);
    }
  }
  if (tracepoint.id == 0 || tracepoint.fields.empty()) {
    return base::failure("parse the format of a tracepoint: not what tracefs writes");
  }
  return tracepoint;
}

base::Result<Tracepoint> read_tracepoint(const base::Files& files, const std::string& group,
                                         const std::string& name) {
  return parse_tracepoint(TRY(read_format(files, "events/" + group + "/" + name + "/format")));
}

}  // namespace host
