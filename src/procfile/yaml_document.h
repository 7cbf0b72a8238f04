#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

struct yaml_document_s;
struct yaml_node_s;

namespace mesh::procfile {

// A node of a YAML document; valid as long as the document is. Nothing at all is a null node.
class YamlNode {
 public:
  YamlNode(yaml_document_s* document, yaml_node_s* node) : document_(document), node_(node) {}

  bool is_null() const;  // nothing, or a plain "", "~" or "null"
  bool is_scalar() const;
  bool is_mapping() const;
  bool is_sequence() const;

  std::string_view text() const;                             // of a scalar; empty for others
  std::vector<std::pair<YamlNode, YamlNode>> pairs() const;  // of a mapping, as they stand there; empty for others
  std::vector<YamlNode> items() const;                       // of a sequence; empty for others
  std::size_t line() const;                                  // where it begins, from 0

 private:
  YamlNode node(int index) const;

  yaml_document_s* document_;
  yaml_node_s* node_;
};

// Why a text is not YAML, in a few words, and in which line (from 0).
struct YamlError {
  std::string what;
  std::size_t line;
};

// The first document of a YAML 1.1 text. Aliases are the node that they stand for, so that a node may be inside itself.
class YamlDocument {
 public:
  static std::variant<YamlDocument, YamlError> read(std::string_view text);

  YamlNode root() const;

 private:
  struct Free {
    void operator()(yaml_document_s*) const;
  };
  explicit YamlDocument(std::unique_ptr<yaml_document_s, Free> document) : document_(std::move(document)) {}

  std::unique_ptr<yaml_document_s, Free> document_;
};

}  // namespace mesh::procfile
