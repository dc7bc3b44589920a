// Renders a chat template file with the JSON context from standard input, so that programs in
// tools/golden can compare with the reference:
//   template_driver [--no-generation-prompt] TEMPLATE < CONTEXT
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "mlxa/chat_template.h"
#include "mlxa/error.h"

int main(int argc, char** argv) {
  bool generation_prompt = argc < 3 || std::string(argv[1]) != "--no-generation-prompt";
  if (argc < 2) {
    std::cerr << "usage: template_driver [--no-generation-prompt] TEMPLATE < CONTEXT\n";
    return 2;
  }
  std::ifstream file(argv[argc - 1], std::ios::binary);
  std::string source(std::istreambuf_iterator<char>(file), {});
  std::string context(std::istreambuf_iterator<char>(std::cin), {});
  try {
    std::cout << mlxa::ChatTemplate::parse(source).render_json(context, {}, generation_prompt);
  } catch (const mlxa::Error& error) {
    std::cerr << mlxa::error_info(error.code()).name << ": " << error.what() << "\n";
    return mlxa::error_info(error.code()).exit_code;
  }
  return 0;
}
