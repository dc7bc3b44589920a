#include "mlxa/chat_template.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <time.h>
#include <unistd.h>

#include "mlxa/error.h"

namespace mlxa {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

const std::filesystem::path kGolden = std::filesystem::path(MLXA_GOLDEN_DIR) / "template";

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string render(const std::string& source, const std::string& context = "{}") {
  return ChatTemplate::parse(source).render_json(context);
}

// The error that `action` throws.
template <typename Action>
Error error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error(ErrorCode::kInternal, "");
}

Error render_error(const std::string& source, const std::string& context = "{}") {
  return error_of([&] { render(source, context); });
}

// Compares with what the reference gave: a text, or a kind of error and its message.
void expect_result(const std::string& source, const std::string& context,
                   const ordered_json& expected) {
  if (expected.contains("text")) {
    try {
      EXPECT_EQ(render(source, context), expected["text"].get<std::string>());
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
    return;
  }
  std::string kind = expected["error"];
  std::string message = expected["message"];
  Error error = render_error(source, context);
  if (kind == "raised") {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(error.what(), "[chat_template] " + message);
    return;
  }
  EXPECT_THAT(error.code(), testing::AnyOf(ErrorCode::kInvalidFile, ErrorCode::kUnsupported));
  if (kind == "undefined") {
    EXPECT_THAT(error.what(), HasSubstr(message));
  }
  if (kind == "syntax") {
    EXPECT_THROW(ChatTemplate::parse(source), Error);
  }
}

TEST(ChatTemplateGolden, TemplatesOfRealShape) {
  auto conversations = ordered_json::parse(read(kGolden / "conversations.json"));
  auto expected = ordered_json::parse(read(kGolden / "expected.json"));
  ASSERT_GE(expected.size(), 35u);
  for (const auto& [name, results] : expected.items()) {
    std::string source = read(kGolden / (name + ".jinja"));
    ASSERT_EQ(results.size(), conversations.size());
    for (const auto& [title, result] : results.items()) {
      SCOPED_TRACE(name + " with " + title);
      expect_result(source, conversations[title].dump(), result);
    }
  }
}

TEST(ChatTemplateGolden, Cases) {
  auto table = ordered_json::parse(read(kGolden / "cases.json"));
  ASSERT_GE(table["cases"].size(), 400u);
  std::string context = table["context"].dump();
  for (const ordered_json& row : table["cases"]) {
    SCOPED_TRACE(row["template"].get<std::string>());
    expect_result(row["template"], context, row);
  }
}

TEST(ChatTemplate, RendersPlainMessages) {
  auto parsed = ChatTemplate::parse(
      "{{ bos_token }}{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}"
      "{{ tools is none }}{{ documents is none }}{{ add_generation_prompt }}");
  std::vector<ChatMessage> messages{{"user", "hi"}, {"assistant", "\xffx"}};
  std::vector<std::pair<std::string, std::string>> variables{{"bos_token", "<s>"}};
  EXPECT_EQ(parsed.render(messages, variables), "<s>user:hi;assistant:\uFFFDx;TrueTrueTrue");
  EXPECT_THAT(parsed.render(messages, variables, false), testing::EndsWith("TrueTrueFalse"));
}

TEST(ChatTemplate, ObjectKeysGoBeforeVariables) {
  auto parsed = ChatTemplate::parse("{{ bos_token }}{{ add_generation_prompt }}{{ tools }}");
  std::vector<std::pair<std::string, std::string>> variables{{"bos_token", "<s>"}};
  EXPECT_EQ(parsed.render_json("{}", variables, false), "<s>FalseNone");
  EXPECT_EQ(parsed.render_json(R"({"bos_token": "B", "add_generation_prompt": true, "tools": []})",
                               variables, false),
            "BTrue[]");
}

TEST(ChatTemplate, ReasoningHasAllItsNames) {
  const char* source =
      "{% for m in messages %}{{ m.reasoning_content }}/{{ m.thinking }} {% endfor %}";
  EXPECT_EQ(render(source, R"({"messages": [{"thinking": "a"}, {"reasoning": "b"},
                               {"reasoning_content": "c", "thinking": null}, {"role": "user"},
                               {"reasoning_content": "d", "thinking": "e"}]})"),
            "a/a b/b c/None / d/e ");
}

TEST(ChatTemplate, NumbersOfTheContextKeepTheirDigits) {
  EXPECT_EQ(render("{{ a }} {{ a|tojson }} {{ b }} {{ c }} {{ d }}",
                   R"({"a": 18446744073709551616123, "b": 1.0, "c": -0.0, "d": 1e2})"),
            "18446744073709551616123 18446744073709551616123 1.0 -0.0 100.0");
}

TEST(ChatTemplate, DateIsLocalTime) {
  time_t before = time(nullptr);
  std::string rendered = render("{{ strftime_now('%d %b %Y') }}");
  char expected[64];
  tm local{};
  localtime_r(&before, &local);
  strftime(expected, sizeof expected, "%d %b %Y", &local);
  EXPECT_EQ(rendered, expected);
  EXPECT_EQ(render("{{ strftime_now('%f')|length }}é{{ strftime_now('é%%%z%Z|') }}"), "6éé%|");
}

TEST(ChatTemplate, ErrorsSayWhere) {
  Error syntax = error_of([] { ChatTemplate::parse("a\n\n{{ 1 + }}"); });
  EXPECT_EQ(syntax.code(), ErrorCode::kInvalidFile);
  EXPECT_STREQ(syntax.what(), "[chat_template] line 3: unexpected 'end of print statement'");
  EXPECT_FALSE(syntax.remedy().empty());
  Error undefined = render_error("a\n{% if true %}\n{{ x.y }}{% endif %}");
  EXPECT_EQ(undefined.code(), ErrorCode::kInvalidFile);
  EXPECT_STREQ(undefined.what(), "[chat_template] line 3: 'x' is undefined");
  Error inside = render_error("{% macro m() %}\n{{ 1 / 0 }}\n{% endmacro %}\n\n{{ m() }}");
  EXPECT_THAT(inside.what(), HasSubstr("line 2: division by zero"));
  Error include = error_of([] { ChatTemplate::parse("\n{% include 'x' %}"); });
  EXPECT_EQ(include.code(), ErrorCode::kUnsupported);
  EXPECT_STREQ(include.what(), "[chat_template] line 2: the tag 'include' is not supported");
  EXPECT_EQ(render_error("{{ 'a'|pprint }}").code(), ErrorCode::kUnsupported);
  EXPECT_EQ(error_of([] { ChatTemplate::parse("a\xff"); }).code(), ErrorCode::kInvalidFile);
}

TEST(ChatTemplate, ContextsThatAreNone) {
  auto parsed = ChatTemplate::parse("x");
  for (const char* context : {"", "{", "[]", "1", "{\"a\": 1} x", "{\"messages\": {}}",
                              "{\"messages\": [1]}", "{\"a\": \"\xff\"}", "{'a': 1}"}) {
    SCOPED_TRACE(context);
    EXPECT_EQ(error_of([&] { parsed.render_json(context); }).code(), ErrorCode::kInvalidArgument);
  }
  std::string deep(300'000, '[');
  EXPECT_EQ(error_of([&] { parsed.render_json(deep); }).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_of([&] { parsed.render_json("{\"a\": " + deep); }).code(),
            ErrorCode::kInvalidArgument);
}

TEST(ChatTemplate, CopiesRenderOnManyThreads) {
  auto parsed = ChatTemplate::parse(
      "{% macro m(n) %}{{ n }}{% endmacro %}{% set ns = namespace(t='') %}"
      "{% for i in range(200) %}{% set ns.t = ns.t ~ m(i) ~ x %}{% endfor %}{{ ns.t|length }}");
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (std::string& result : results) {
    threads.emplace_back([parsed, &result] { result = parsed.render_json("{\"x\": \"ab\"}"); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(results, testing::Each("890"));
}

// Templates that would never end, or fill the memory or the stack.
TEST(ChatTemplateLimits, HostileTemplatesEndInAnError) {
  const std::string kMillion = "{% for a in range(100000) %}{% for b in range(100000) %}";
  const std::string kEnd = "{% endfor %}{% endfor %}";
  const std::vector<std::string> sources{
      kMillion + kEnd,
      kMillion + "x" + kEnd,
      kMillion + "{% set v = 'x' %}{{ v|upper }}" + kEnd,
      kMillion + "{% set ns = namespace(a=1) %}" + kEnd,
      kMillion + "{% macro m() %}{% endmacro %}" + kEnd,
      "{% set ns = namespace(s='x') %}" + kMillion + "{% set ns.s = ns.s ~ ns.s %}" + kEnd,
      "{% set ns = namespace(s='x') %}" + kMillion + "{% set ns.s = ns.s ~ 'yyyyyyyy' %}" + kEnd,
      "{% set ns = namespace(l=[1]) %}" + kMillion + "{% set ns.l = ns.l + ns.l %}" + kEnd,
      "{% set ns = namespace(l=[1]) %}" + kMillion + "{% set ns.l = [ns.l] %}" + kEnd,
      "{% set ns = namespace(l=[1]) %}" + kMillion + "{% set ns.l = [ns.l, ns.l] %}" + kEnd +
          "{{ ns.l }}",
      "{% set ns = namespace(l=(1,)) %}{% for a in range(400) %}{% set ns.l = (ns.l, ns.l) %}"
      "{% endfor %}{{ {ns.l: 1} }}",
      "{% set ns = namespace(l=[1]) %}{% for a in range(400) %}{% set ns.l = [ns.l, ns.l] %}"
      "{% endfor %}{{ ns.l|tojson }}",
      "{% set ns = namespace(l=[1], m=[1]) %}{% for a in range(400) %}"
      "{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{{ ns.l == ns.m }}",
      "{% set ns = namespace(g=[1]) %}" + kMillion + "{% set ns.g = ns.g|map('string') %}" + kEnd +
          "{{ ns.g|list }}",
      "{% set ns = namespace(g=none) %}" + kMillion + "{% set ns.g = cycler(ns.g).next %}" + kEnd,
      "{% set ns = namespace(k='x') %}" + kMillion +
          "{% set ns.k = 'y' ~ a ~ b ~ 'z' * 1000000 %}" + kEnd,
      "{% set ns = namespace(d={}) %}" + kMillion + "{% set ns.d = dict(ns.d, k=ns.d) %}" + kEnd,
      "{{ 'a' * 10 ** 9 }}",
      "{{ 'a' * 10 ** 30 }}",
      "{{ [1] * 10 ** 9 }}",
      "{{ range(10 ** 9) }}",
      "{{ '%1000000000d' % 1 }}",
      "{{ '%.1000000000f' % 1 }}",
      "{{ '{:1000000000}'.format(1) }}",
      "{{ 'a'.center(10 ** 12) }}",
      "{{ 'a'|center(10 ** 12) }}",
      "{{ 'a'.zfill(10 ** 12) }}",
      "{{ '\\t'.expandtabs(10 ** 12) }}",
      "{{ 'a'|indent(10 ** 12) }}",
      "{{ ('a' * 100000)|replace('', 'b' * 100000) }}",
      "{{ [1]|batch(10 ** 12, 0)|list }}",
      "{{ [1]|slice(10 ** 12)|list }}",
      "{{ 2 ** 1000 }}",
      "{{ 10 ** 38 * 10 ** 38 }}",
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "{% macro m(n) %}{% if true %}{{ [m(n + 1)]|join }}{% endif %}{% endmacro %}{{ m(0) }}",
      "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
      "{% set ns = namespace() %}{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
      "{% macro m(f) %}{{ f(f) }}{% endmacro %}{{ m(m) }}",
      "{% set ns = namespace() %}{% for a in range(100) %}{% set ns.a = [ns, ns.a] %}{% endfor %}"
      "{% for a in range(100000) %}{% set ns.s = ns|string ~ ns|string %}{% endfor %}",
  };
  for (const std::string& source : sources) {
    SCOPED_TRACE(source);
    auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(render_error(source).code(), ErrorCode::kInvalidFile);
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    if (seconds.count() > 1) std::cout << seconds.count() << " s: " << source << "\n";
  }
}

TEST(ChatTemplateLimits, DeepSourcesEndInAnError) {
  auto repeat = [](const std::string& text, int count) {
    std::string out;
    for (int i = 0; i < count; i++) out += text;
    return out;
  };
  constexpr int kMany = 300'000;
  const std::vector<std::string> sources{
      "{{ " + std::string(kMany, '(') + "1" + std::string(kMany, ')') + " }}",
      "{{ " + std::string(kMany, '[') + std::string(kMany, ']') + " }}",
      "{{ " + repeat("{1:", kMany) + "1" + std::string(kMany, '}') + " }}",
      "{{ " + std::string(kMany, '-') + "1 }}",
      "{{ " + repeat("not ", kMany) + "1 }}",
      "{{ 1" + repeat("+1", kMany) + " }}",
      "{{ 1" + repeat(" and 1", kMany) + " }}",
      "{{ 1" + repeat("**1", kMany) + " }}",
      "{{ x" + repeat(".a", kMany) + " }}",
      "{{ x" + repeat("|e", kMany) + " }}",
      "{{ x" + repeat("()", kMany) + " }}",
      "{{ x" + repeat("[x", kMany) + " }}",
      "{{ 1" + repeat(" if 1 else 1", kMany / 2) + " }}",
      "{{ x" + repeat(" is eq x", kMany / 2) + " }}",
      repeat("{% if 1 %}", kMany / 2),
      repeat("{% for a in b %}", kMany / 4),
      repeat("{% macro m() %}", kMany / 4),
      std::string(3 << 20, 'x'),
  };
  for (const std::string& source : sources) {
    SCOPED_TRACE(source.substr(0, 20));
    EXPECT_EQ(error_of([&] { ChatTemplate::parse(source); }).code(), ErrorCode::kInvalidFile);
  }
  EXPECT_EQ(render("{{ " + std::string(100, '(') + "1" + std::string(100, ')') + " }}"), "1");
  EXPECT_EQ(render("{{ 1" + repeat("+1", 200) + " }}"), "201");
  EXPECT_EQ(render(repeat("{% if 1 %}", 100) + "x" + repeat("{% endif %}", 100)), "x");
  EXPECT_EQ(render("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{% else %}x{% endif %}{% endmacro %}"
                   "{{ m(100) }}"),
            "x");
}

class ChatTemplateLoad : public testing::Test {
 protected:
  void SetUp() override {
    auto* info = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = std::filesystem::temp_directory_path() /
           ("mlxa_" + std::string(info->name()) + std::to_string(::getpid()));
    std::filesystem::create_directories(dir_ / "additional_chat_templates");
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }
  std::string load(const std::string& name = "") {
    auto found = ChatTemplate::load(dir_, name);
    return found ? found->source() : "(none)";
  }

  std::filesystem::path dir_;
};

TEST_F(ChatTemplateLoad, PlacesInTheirOrder) {
  EXPECT_EQ(load(), "(none)");
  EXPECT_FALSE(ChatTemplate::load(dir_ / "missing"));
  write("chat_template.json", R"({"chat_template": "from json"})");
  EXPECT_EQ(load(), "from json");
  write("tokenizer_config.json", R"({"bos_token": "<s>", "chat_template": null})");
  EXPECT_EQ(load(), "from json");
  write("tokenizer_config.json", R"({"chat_template": "from config"})");
  EXPECT_EQ(load("tool_use"), "from config");
  write("tokenizer_config.json", R"({"chat_template": [{"name": "default", "template": "D"},
                                                       {"name": "tool_use", "template": "T"}]})");
  EXPECT_EQ(load(), "D");
  EXPECT_EQ(load("tool_use"), "T");
  EXPECT_EQ(load("other"), "D");
  write("chat_template.jinja", "from file\n");
  EXPECT_EQ(load(), "from file\n");
  write("additional_chat_templates/rag.jinja", "rag");
  EXPECT_EQ(load("rag"), "rag");
  EXPECT_EQ(load("../chat_template"), "from file\n");
}

TEST_F(ChatTemplateLoad, MalformedFiles) {
  for (const char* text : {"{", "[]", R"({"chat_template": 5})", R"({"chat_template": ["x"]})",
                           R"({"chat_template": [{"name": "x"}]})", R"({"chat_template": "{{"})",
                           R"({"chat_template": "{% x %}"})"}) {
    SCOPED_TRACE(text);
    write("tokenizer_config.json", text);
    if (std::string(text).find("{{") != std::string::npos) {
      EXPECT_THROW(load(), Error);
    } else {
      EXPECT_EQ(error_of([&] { load(); }).code(), ErrorCode::kInvalidFile);
    }
  }
}

}  // namespace
}  // namespace mlxa
