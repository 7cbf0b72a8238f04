#include "buildpack/report/message.h"

#include <fmt/format.h>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kWidth = 88;
constexpr std::size_t kMaxDetail = 400;

std::string_view whose_problem(FailureClass classification) {
  switch (classification) {
    case FailureClass::user: return "the app's settings or files";
    case FailureClass::buildpack: return "this buildpack";
    case FailureClass::upstream: return "the release server or the network, not the app";
    case FailureClass::platform: return "the machine the build runs on, not the app";
  }
  return "this buildpack";
}

// With the names of the product's config vars.
std::string named(std::string_view words, Product product) {
  constexpr std::string_view kPrefix = "$PREFIX";
  std::string text(words);
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
  add_paragraph(text, row.headline);
  if (!failure.detail.empty()) {
    text += '\n';
    add_paragraph(text, text::printable_line(failure.detail, kMaxDetail));
  }
  text += '\n';
  add_paragraph(text, named(row.explanation, product));
  add_paragraph(text, named(row.hint, product));
  text += '\n';
  text += fmt::format("Where the problem lies: {}. ({})", whose_problem(row.classification), row.id);
  return text;
}

}  // namespace mesh::buildpack
