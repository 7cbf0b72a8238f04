#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mesh::buildpack::procfile {

// $NAME, ${NAME}, ${NAME:-fallback}: a variable that the shell replaces.
struct Expansion {
  std::string name;
  std::string text = {};  // as written, with its dollar sign
  std::optional<std::string> fallback = {};
  bool assigns = false;  // ${NAME:=fallback}
};

enum class TokenKind { word, operation, redirection };

// A token of a shell text. Operations are && || ; | & ( ) and the newline, as "\n".
struct Token {
  TokenKind kind = TokenKind::word;
  std::string raw = {};                    // as written; of a redirection with its file descriptor
  std::string value = {};                  // quotes and escapes removed; expansions stay as they are written
  std::vector<Expansion> expansions = {};  // none from within '...', $(...) and fallbacks
  bool quoted = false;                     // it has quotes
  bool substitutes = false;                // it has $(...) or `...`
  bool closed = true;                      // all of its quotes and brackets are
  std::size_t begin = 0;                   // in the text
  std::size_t end = 0;
};

// Splits a text as a POSIX shell does: quotes, escapes, expansions, comments, continued lines, here-documents (left out).
// Takes any bytes: an unclosed quote extends to the end of the text. Returns at most `kMaxTokens`.
inline constexpr std::size_t kMaxTokens = 20'000;
std::vector<Token> tokenize(std::string_view text);

// Returns a word without quotes, made of this text.
Token plain_word(const std::string& text);

// Returns "A" of a word "A=1"; nullopt where a shell sees no assignment.
std::optional<std::string> assigned_name(const Token&);

// Returns "1" of a word "A=1".
std::string assigned_value(const Token&);

}  // namespace mesh::buildpack::procfile
