// Streams one answer: example_generate MODEL_DIR "PROMPT"
#include <exception>
#include <iostream>
#include <vector>

#include "mlxa/mlxa.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: example_generate MODEL_DIR PROMPT\n";
    return 2;
  }
  try {
    const mlxa::Engine engine = mlxa::Engine::load(argv[1]);
    mlxa::Session session = engine.create_session();
    const std::vector<mlxa::ChatMessage> messages = {{"user", argv[2]}};
    const mlxa::GenerateResult result =
        session.generate(engine.encode_chat(messages), mlxa::GenerateParameters{},
                         [](const mlxa::TokenEvent& token) {
                           std::cout << token.text << std::flush;
                           return true;  // false would stop the answer
                         });
    std::cout << "\n";
    std::cerr << result.generation_tokens << " tokens, " << result.generation_tps << " a second\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return mlxa::error_info(mlxa::error_code(error)).exit_code;
  }
}
