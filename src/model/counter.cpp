#include "model/counter.h"

namespace model {
namespace {

void append_escaped(std::string& id, std::string_view value) {
  for (const char letter : value) {
    if (letter == '"' || letter == '\\') id += '\\';
    if (letter == '\n') {
      id += "\\n";
    } else {
      id += letter;
    }
  }
}

// Where the closing quote of a label value stands; npos if the id is cut short.
size_t end_of_value(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at;
    }
  }
  return std::string_view::npos;
}

std::string unescaped(std::string_view value) {
  std::string plain;
  for (size_t at = 0; at < value.size(); ++at) {
    if (value[at] == '\\' && at + 1 < value.size()) {
      ++at;
      plain += value[at] == 'n' ? '\n' : value[at];
    } else {
      plain += value[at];
    }
  }
  return plain;
}

}  // namespace

CounterId counter_id(std::string_view name,
                     std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
  CounterId id(name);
  char before = '{';
  for (const auto& [label, value] : labels) {
    id += before;
    id += label;
    id += "=\"";
    append_escaped(id, value);
    id += '"';
    before = ',';
  }
  if (before == ',') id += '}';
  return id;
}

std::string_view counter_name(std::string_view id) {
  return id.substr(0, id.find('{'));
}

std::vector<std::pair<std::string, std::string>> counter_labels(std::string_view id) {
  std::vector<std::pair<std::string, std::string>> labels;
  const size_t open = id.find('{');
  if (open == std::string_view::npos) return labels;
  std::string_view rest = id.substr(open + 1);
  while (true) {
    const size_t equals = rest.find("=\"");
    if (equals == std::string_view::npos) return labels;
    const std::string_view label = rest.substr(0, equals);
    rest.remove_prefix(equals + 2);
    const size_t end = end_of_value(rest);
    if (end == std::string_view::npos) return labels;
    labels.emplace_back(label, unescaped(rest.substr(0, end)));
    rest.remove_prefix(end + 1);
    if (rest.starts_with(',')) rest.remove_prefix(1);
  }
}

std::string counter_label(std::string_view id, std::string_view label) {
  const size_t open = id.find('{');
  if (open == std::string_view::npos) return {};
  std::string_view rest = id.substr(open + 1);
  while (true) {
    const size_t equals = rest.find("=\"");
    if (equals == std::string_view::npos) return {};
    const std::string_view found = rest.substr(0, equals);
    rest.remove_prefix(equals + 2);
    const size_t end = end_of_value(rest);
    if (end == std::string_view::npos) return {};
    if (found == label) return unescaped(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    if (rest.starts_with(',')) rest.remove_prefix(1);
  }
}

}  // namespace model
