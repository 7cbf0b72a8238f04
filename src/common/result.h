#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "common/failure.h"

namespace mesh {
inline namespace common {

// A value, or the failure that came instead. Functions of ours that can fail return one; none of them throws.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}            // NOLINT(google-explicit-constructor)
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }

  // Precondition: holds a value.
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  // Precondition: holds a failure.
  const Failure& failure() const& { return std::get<1>(state_); }
  Failure&& failure() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Failure> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Failure failure) : failure_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return !failure_; }

  // Precondition: holds a failure.
  const Failure& failure() const& { return *failure_; }
  Failure&& failure() && { return *std::move(failure_); }

 private:
  std::optional<Failure> failure_;
};

}  // namespace common
}  // namespace mesh

#define MESH_CONCATENATE_(a, b) a##b
#define MESH_CONCATENATE(a, b) MESH_CONCATENATE_(a, b)

// TRY(expression): hands a failure on to the caller.
#define TRY(expression)                                                                      \
  do {                                                                                       \
    if (auto try_result = (expression); !try_result) return std::move(try_result).failure(); \
  } while (false)

// TRY_ASSIGN(declaration, expression): hands a failure on, or declares a variable with the value.
#define TRY_ASSIGN(declaration, expression) TRY_ASSIGN_(MESH_CONCATENATE(try_result_, __LINE__), declaration, expression)
#define TRY_ASSIGN_(result, declaration, expression) \
  auto result = (expression);                        \
  if (!result) return std::move(result).failure();   \
  declaration = *std::move(result)
