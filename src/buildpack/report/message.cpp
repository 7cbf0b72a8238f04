#include "buildpack/report/message.h"

#include <fmt/format.h>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kWidth = 88;
constexpr std::size_t kMaxDetail = 400;

std::string_view cause(FailureClass classification) {
  switch (classification) {
    case FailureClass::user: return "app configuration";
    case FailureClass::buildpack: return "this buildpack";
    case FailureClass::upstream: return "release server or network";
    case FailureClass::platform: return "build environment";
  }
  return "this buildpack";
}

// Replaces $PREFIX by the prefix of the product's config vars.
std::string expand(std::string_view from, Product product) {
  constexpr std::string_view kPrefix = "$PREFIX";
  std::string text(from);
  for (std::size_t at = text.find(kPrefix); at != std::string::npos; at = text.find(kPrefix, at)) {
    text.replace(at, kPrefix.size(), prefix(product));
  }
  return text;
}

void add_paragraph(std::string& text, std::string_view paragraph) {
  for (const std::string& line : text::wrap(paragraph, kWidth)) text += line + '\n';
}

}  // namespace

std::string message(const Failure& failure, Product product) {
  const FailureEntry& row = entry(failure.reason);
  std::string text;
  add_paragraph(text, fmt::format("Error: {}", row.headline));
  if (!failure.detail.empty()) {
    text += '\n';
    add_paragraph(text, text::printable_line(failure.detail, kMaxDetail));
  }
  text += '\n';
  add_paragraph(text, expand(row.explanation, product));
  add_paragraph(text, expand(row.hint, product));
  text += '\n';
  text += fmt::format("Cause: {} ({})", cause(row.classification), row.id);
  return text;
}

}  // namespace mesh::buildpack
