// Limits of the chat-template interpreter. Templates and conversations are untrusted input.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mlxa::jinja {

/// Size of a template's source. The longest template in public use has about 30 kB.
inline constexpr size_t kMaxTemplateBytes = size_t{2} << 20;
/// Nesting of brackets, operators and blocks while parsing; bounds the parser's stack.
inline constexpr int kMaxParseDepth = 500;
/// Height of a parsed expression: operator and filter chains lean to one side and recurse too.
inline constexpr int kMaxNodeHeight = 400;

/// Units of work of one rendering: a node evaluated, an item visited or kBytesPerStep moved.
inline constexpr uint64_t kMaxSteps = 20'000'000;
inline constexpr uint64_t kBytesPerStep = 32;
/// Bytes looked at one by one in the time of a step.
inline constexpr uint64_t kScannedPerStep = 4;
/// Nested evaluations, macro calls and value levels; bounds the stack (below 1 kB each).
inline constexpr int kMaxDepth = 1200;
/// Nesting of a value built by a template or read from JSON.
inline constexpr int kMaxValueDepth = 500;
/// Memory held by the values of one rendering.
inline constexpr size_t kMaxMemoryBytes = size_t{256} << 20;
/// Length of one string, repetition and padding included, and of the output.
inline constexpr size_t kMaxStringBytes = size_t{32} << 20;
/// Items of one list or tuple.
inline constexpr size_t kMaxItems = size_t{1} << 20;
/// Items of range(); the reference's sandbox has the same limit.
inline constexpr int64_t kMaxRange = 100'000;
/// Digits after the point in a formatted number.
inline constexpr int kMaxPrecision = 400;

/// Size of the JSON files of a model directory that templates are read from.
inline constexpr size_t kMaxConfigBytes = size_t{256} << 20;

}  // namespace mlxa::jinja
