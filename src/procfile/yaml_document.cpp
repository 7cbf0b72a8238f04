#include "procfile/yaml_document.h"

#include <yaml.h>

#include <array>
#include <new>
#include <span>

namespace mesh::procfile {
namespace {

struct Parser {
  Parser() {
    if (yaml_parser_initialize(&parser) == 0) throw std::bad_alloc();
  }
  ~Parser() { yaml_parser_delete(&parser); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  yaml_parser_t parser;
};

bool is_a(const yaml_node_t* node, yaml_node_type_t type) { return node != nullptr && node->type == type; }

}  // namespace

bool YamlNode::is_null() const {
  constexpr std::array<std::string_view, 5> kNulls = {"", "~", "null", "Null", "NULL"};
  if (node_ == nullptr) return true;
  if (!is_scalar() || node_->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
  for (const std::string_view null : kNulls) {
    if (text() == null) return true;
  }
  return false;
}

bool YamlNode::is_scalar() const { return is_a(node_, YAML_SCALAR_NODE); }
bool YamlNode::is_mapping() const { return is_a(node_, YAML_MAPPING_NODE); }
bool YamlNode::is_sequence() const { return is_a(node_, YAML_SEQUENCE_NODE); }

std::string_view YamlNode::text() const {
  if (!is_scalar()) return {};
  return {reinterpret_cast<const char*>(node_->data.scalar.value), node_->data.scalar.length};
}

std::vector<std::pair<YamlNode, YamlNode>> YamlNode::pairs() const {
  std::vector<std::pair<YamlNode, YamlNode>> found;
  if (!is_mapping()) return found;
  const auto& pairs = node_->data.mapping.pairs;
  for (const yaml_node_pair_t& pair : std::span(pairs.start, pairs.top))
    found.emplace_back(node(pair.key), node(pair.value));
  return found;
}

std::vector<YamlNode> YamlNode::items() const {
  std::vector<YamlNode> found;
  if (!is_sequence()) return found;
  const auto& items = node_->data.sequence.items;
  for (const yaml_node_item_t item : std::span(items.start, items.top)) found.push_back(node(item));
  return found;
}

std::size_t YamlNode::line() const { return node_ == nullptr ? 0 : node_->start_mark.line; }

YamlNode YamlNode::node(int index) const { return {document_, yaml_document_get_node(document_, index)}; }

std::variant<YamlDocument, YamlError> YamlDocument::read(std::string_view text) {
  Parser reader;
  yaml_parser_set_input_string(&reader.parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  auto document = std::make_unique<yaml_document_t>();
  if (yaml_parser_load(&reader.parser, document.get()) == 0) {
    const char* const problem = reader.parser.problem;
    return YamlError{problem != nullptr ? problem : "it cannot be read", reader.parser.problem_mark.line};
  }
  return YamlDocument(std::unique_ptr<yaml_document_t, Free>(document.release()));
}

YamlNode YamlDocument::root() const { return {document_.get(), yaml_document_get_root_node(document_.get())}; }

void YamlDocument::Free::operator()(yaml_document_s* document) const {
  yaml_document_delete(document);
  delete document;
}

}  // namespace mesh::procfile
