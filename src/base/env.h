// Environment knobs: every variable that the library reads, in one table that `mlxa env` prints.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace mlxa {

struct Knob {
  const char* name;
  const char* meaning;
};

/// All knobs.
std::span<const Knob> knobs();

/// The value of a knob of the table; nothing if unset or empty.
std::optional<std::string> knob(const char* name);

}  // namespace mlxa
