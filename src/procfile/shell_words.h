#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mesh::procfile {

// $NAME, ${NAME}, ${NAME:-fallback}: a variable that the shell replaces.
struct Expansion {
  std::string name;
  std::optional<std::string> fallback = {};
  bool assigns = false;   // ${NAME:=fallback}
  std::size_t begin = 0;  // in the text, with its dollar sign
  std::size_t end = 0;
};

// Bytes of a word's value that stand together in the text.
struct Piece {
  std::size_t offset;  // of the first one in the value
  std::size_t begin;   // of the first one in the text
  char quote;          // the quotes that they stand in; '\0' for none
};

enum class TokenKind { word, operation, redirection };

// A piece of a shell text. Operations are && || ; | & ( ) and the line end, as "\n".
struct Token {
  TokenKind kind = TokenKind::word;
  std::string raw = {};                    // as written
  std::string value = {};                  // quotes and escapes removed; expansions stay as they are written
  std::vector<Expansion> expansions = {};  // none from within '...', $(...) and fallbacks
  std::vector<Piece> pieces = {};          // where the value comes from
  bool quoted = false;                     // it has quotes
  std::size_t begin = 0;                   // in the text
  std::size_t end = 0;
};

// The tokens of a text as a POSIX shell splits it: quotes, escapes, expansions, comments, continued lines, here-documents
// (left out). Takes any bytes: what is not closed goes on to the end of the text. At most `kMaxTokens`; the rest is left
// out.
inline constexpr std::size_t kMaxTokens = 20'000;
std::vector<Token> tokenize(std::string_view text);

// "A" of a word "A=1"; nothing where a shell sees no assignment.
std::optional<std::string> assigned_name(const Token&);

// Whether a text is a name of a shell variable.
bool is_variable_name(std::string_view);

}  // namespace mesh::procfile
