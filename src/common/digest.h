#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mesh {
inline namespace common {

// A SHA-256 digest (FIPS 180-4).
class Sha256 {
 public:
  static constexpr std::size_t kSize = 32;

  explicit Sha256(const std::array<std::uint8_t, kSize>& bytes) : bytes_(bytes) {}

  // Parses 64 hexadecimal digits of either case, with an optional prefix "sha256:". Returns nullopt for any other text.
  static std::optional<Sha256> parse(std::string_view);

  // Returns 64 lower-case hexadecimal digits.
  std::string hex() const;

  bool operator==(const Sha256&) const = default;

 private:
  std::array<std::uint8_t, kSize> bytes_;
};

// Computes a digest of a stream of bytes. Neither function may be called after `finish`.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;

  void add(std::span<const std::byte>);
  Sha256 finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace common
}  // namespace mesh
