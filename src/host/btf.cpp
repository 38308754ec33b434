// libbpf can do this too, at the price of an index of all 130,000 types; and libbpf 1.1 takes the
// BTF of a module only from a file. Enums need one walk: 1 ms.
#include "host/btf.h"

#include <linux/btf.h>

#include <cstring>
#include <optional>

namespace host {
namespace {

template <class T>
bool read_at(std::string_view bytes, size_t offset, T& value) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return false;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return true;
}

// Bytes that follow the btf_type of this kind; nothing for a kind that is not known.
std::optional<size_t> tail_bytes(std::uint32_t info) {
  const size_t members = BTF_INFO_VLEN(info);
  switch (BTF_INFO_KIND(info)) {
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
      return 0;
    case BTF_KIND_INT:
      return sizeof(std::uint32_t);
    case BTF_KIND_ARRAY:
      return sizeof(btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
      return members * sizeof(btf_member);
    case BTF_KIND_ENUM:
      return members * sizeof(btf_enum);
    case BTF_KIND_ENUM64:
      return members * sizeof(btf_enum64);
    case BTF_KIND_FUNC_PROTO:
      return members * sizeof(btf_param);
    case BTF_KIND_VAR:
      return sizeof(btf_var);
    case BTF_KIND_DATASEC:
      return members * sizeof(btf_var_secinfo);
    case BTF_KIND_DECL_TAG:
      return sizeof(btf_decl_tag);
    default:
      return {};
  }
}

// A module's string offsets go on where those of vmlinux end.
std::string_view string_at(const Btf& btf, const Btf* base, size_t offset) {
  std::string_view strings = btf.strings;
  if (base != nullptr && offset < base->strings.size()) {
    strings = base->strings;
  } else if (base != nullptr) {
    offset -= base->strings.size();
  }
  if (offset >= strings.size()) return {};
  strings.remove_prefix(offset);
  return strings.substr(0, strings.find('\0'));
}

}  // namespace

Btf parse_btf(std::string_view blob) {
  btf_header header{};
  if (!read_at(blob, 0, header) || header.magic != BTF_MAGIC) return {};
  const std::uint64_t types = std::uint64_t{header.hdr_len} + header.type_off;
  const std::uint64_t strings = std::uint64_t{header.hdr_len} + header.str_off;
  if (types + header.type_len > blob.size() || strings + header.str_len > blob.size()) return {};
  return {.types = blob.substr(types, header.type_len),
          .strings = blob.substr(strings, header.str_len),
          .valid = true};
}

void each_enum_value(const Btf& btf, const Btf* base, std::string_view suffix,
                     const std::function<void(std::string_view enum_name, std::string_view name,
                                              std::uint32_t value)>& take) {
  btf_type type{};
  for (size_t at = 0; read_at(btf.types, at, type);) {
    at += sizeof type;
    const auto tail = tail_bytes(type.info);
    if (!tail) return;
    if (BTF_INFO_KIND(type.info) == BTF_KIND_ENUM) {
      const std::string_view enum_name = string_at(btf, base, type.name_off);
      const size_t members = enum_name.ends_with(suffix) ? BTF_INFO_VLEN(type.info) : 0;
      btf_enum member{};
      for (size_t index = 0; index < members; ++index) {
        if (!read_at(btf.types, at + index * sizeof member, member)) return;
        take(enum_name, string_at(btf, base, member.name_off),
             static_cast<std::uint32_t>(member.val));
      }
    }
    at += *tail;
  }
}

}  // namespace host
