#include "cli/arguments.hpp"

#include <gtest/gtest.h>

#include "cli/settings.hpp"
#include "cli/usage_error.hpp"

namespace mosaic::cli {
namespace {

template <class Arguments>
Arguments parse(std::vector<std::string> words, const Environment& environment = {}) {
  return std::get<Arguments>(parse_arguments(std::move(words), environment));
}

std::string refusal(std::vector<std::string> words) {
  try {
    (void)parse_arguments(std::move(words), {});
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Arguments, EverySettingIsAFlagOfServe) {
  for (const auto& setting : setting_table()) {
    const auto serve = parse<ServeArguments>({"serve", "--" + setting.name(), "5"});
    ASSERT_EQ(serve.flags.size(), 1U);
    EXPECT_EQ(serve.flags[0], std::pair(setting.name(), std::string("5")));
  }
}

TEST(Arguments, ServeHasShortForms) {
  const auto serve = parse<ServeArguments>(
      {"serve", "--data-dir", "d", "--listen=h:1", "--node-name", "n", "--config", "f.toml"});
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"node.data_dir", "d"}, {"node.name", "n"}, {"http.listen", "h:1"}};
  EXPECT_EQ(serve.flags, expected);
  EXPECT_EQ(serve.config_file, "f.toml");
  EXPECT_FALSE(serve.print_config);
}

TEST(Arguments, ServeJoinsAllThatAreNamed) {
  const std::pair<std::string, std::string> both = {"cluster.join", "a:1,http://b:2"};
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"serve", "--join", "a:1", "--join", "http://b:2"},
           {"serve", "--join", "a:1", "http://b:2"},
           {"serve", "--join=a:1,http://b:2"},
           {"serve", "--cluster.join", "a:1", "--join", "http://b:2"}}) {
    const auto serve = parse<ServeArguments>(words);
    ASSERT_EQ(serve.flags.size(), 1U);
    EXPECT_EQ(serve.flags[0], both);
  }
  const auto serve = parse<ServeArguments>(
      {"serve", "--join", "a:1", "--cluster-listen", "127.0.0.1:0", "--listen", "h:1"});
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"http.listen", "h:1"}, {"cluster.listen", "127.0.0.1:0"}, {"cluster.join", "a:1"}};
  EXPECT_EQ(serve.flags, expected);
}

TEST(Arguments, AFlagAndItsShortFormTogetherAreRefused) {
  EXPECT_NE(refusal({"serve", "--listen", "a:1", "--http.listen", "b:2"}), "no error");
}

TEST(Arguments, TheServerComesFromTheFlagElseTheEnvironmentElseTheDefault) {
  EXPECT_EQ(parse<ExportArguments>({"export", "c"}).server.url, "http://127.0.0.1:4040");
  const Environment environment = {{"MOSAIC_URL", "http://env"}, {"MOSAIC_API_KEY", "k"}};
  const auto from_environment = parse<ExportArguments>({"export", "c"}, environment);
  EXPECT_EQ(from_environment.server.url, "http://env");
  EXPECT_EQ(from_environment.server.api_key, "k");
  EXPECT_EQ(parse<ExportArguments>({"export", "c", "--url", "http://flag"}, environment).server.url,
            "http://flag");
}

TEST(Arguments, AnImportTakesManyFilesAndOptionsAmongThem) {
  const auto arguments = parse<ImportArguments>(
      {"import", "c",           "a.jsonl", "b.csv",    "--create", "--indexed",
       "x,y.z",  "--dimension", "25",      "--metric", "l2",       "--shards",
       "4",      "--embedder",  "none",    "--links",  "e.tsv",    "--batch",
       "10",     "--skip-bad",  "--json",  "--format", "csv"});
  EXPECT_EQ(arguments.files, (std::vector<std::string>{"a.jsonl", "b.csv"}));
  EXPECT_TRUE(arguments.create && arguments.skip_bad && arguments.json);
  EXPECT_EQ(arguments.options.indexed, (std::vector<std::string>{"x", "y.z"}));
  EXPECT_EQ(arguments.options.dimension, 25U);
  EXPECT_EQ(arguments.options.shards, 4U);
  EXPECT_EQ(arguments.options.metric, "l2");
  EXPECT_EQ(arguments.options.embedder, "none");
  EXPECT_EQ(arguments.links_file, "e.tsv");
  EXPECT_EQ(arguments.batch_documents, 10U);
  EXPECT_EQ(arguments.format, "csv");
}

TEST(Arguments, AListOfPathsTakesNoFileBehindIt) {
  const auto arguments =
      parse<ImportArguments>({"import", "c", "--create", "--indexed", "x,y", "a.jsonl"});
  EXPECT_EQ(arguments.files, std::vector<std::string>{"a.jsonl"});
  EXPECT_EQ(arguments.options.indexed, (std::vector<std::string>{"x", "y"}));
}

TEST(Arguments, OnePathTakesNoFileBehindIt) {
  const auto arguments = parse<ImportArguments>(
      {"import", "c", "--create", "--indexed", "x", "a.jsonl", "--links", "l"});
  EXPECT_EQ(arguments.files, std::vector<std::string>{"a.jsonl"});
  EXPECT_EQ(arguments.options.indexed, std::vector<std::string>{"x"});
}

TEST(Arguments, StandardInputIsAFile) {
  EXPECT_EQ(parse<ImportArguments>({"import", "c", "-"}).files, std::vector<std::string>{"-"});
}

TEST(Arguments, SearchTakesItsOptions) {
  const auto search =
      parse<SearchArguments>({"search", "c", "edit video", "-k", "5", "--mode", "text", "--filter",
                              "{\"a\":1}", "--where", "id = 'x'", "--json"});
  EXPECT_EQ(search.text, "edit video");
  EXPECT_EQ(search.k, 5U);
  EXPECT_EQ(search.mode, "text");
  EXPECT_EQ(search.filter, "{\"a\":1}");
  EXPECT_EQ(search.where, "id = 'x'");
  EXPECT_TRUE(search.json);
}

TEST(Arguments, ATextThatBeginsWithAMinusFollowsTwoOfThem) {
  EXPECT_EQ(parse<SearchArguments>({"search", "c", "--", "-k"}).text, "-k");
}

TEST(Arguments, CollectionsHasFourActions) {
  using Action = CollectionsArguments::Action;
  EXPECT_EQ(parse<CollectionsArguments>({"collections"}).action, Action::kList);
  const auto create = parse<CollectionsArguments>(
      {"collections", "create", "c", "--dimension", "3", "--indexed", "a,b", "--url", "http://x"});
  EXPECT_EQ(create.action, Action::kCreate);
  EXPECT_EQ(create.name, "c");
  EXPECT_EQ(create.options.dimension, 3U);
  EXPECT_EQ(create.server.url, "http://x");
  EXPECT_EQ(parse<CollectionsArguments>({"collections", "drop", "c"}).action, Action::kDrop);
  EXPECT_EQ(parse<CollectionsArguments>({"collections", "show", "c"}).action, Action::kShow);
}

TEST(Arguments, WrongUsageIsRefusedWithItsName) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{}, "a command is required"},
      {{"fly"}, "fly"},
      {{"serve", "--http.listem", "x"}, "--http.listem"},
      {{"serve", "extra"}, "extra"},
      {{"import", "c"}, "FILE"},
      {{"import", "c", "f", "--batch", "0"}, "--batch"},
      {{"import", "c", "f", "--batch", "10001"}, "--batch"},
      {{"import", "c", "f", "--dimension", "3"}, "--create"},
      {{"import", "c", "f", "--create", "--dimension", "0"}, "--dimension"},
      {{"import", "c", "f", "--format", "xml"}, "xml"},
      {{"search", "c"}, "TEXT"},
      {{"search", "c", "t", "-k", "0"}, "-k"},
      {{"search", "c", "t", "-k", "many"}, "-k"},
      {{"search", "c", "t", "--mode", "best"}, "best"},
      {{"search", "c", "t", "--filter", "{a:1}"}, "--filter"},
      {{"export"}, "COLLECTION"},
      {{"collections", "create"}, "NAME"},
      {{"collections", "paint", "x"}, "paint"},
      {{"collections", "create", "c", "--metric", "cubic"}, "cubic"},
  };
  for (const auto& [words, named] : wrong) {
    EXPECT_NE(refusal(words).find(named), std::string::npos) << refusal(words);
  }
}

TEST(Arguments, HelpOfServeShowsHowToJoin) {
  const auto serve = parse<HelpText>({"serve", "--help"}).text;
  for (const std::string flag :
       {"--http.listen,--listen HOST:PORT\n", "--cluster.listen,--cluster-listen HOST:PORT\n",
        "--cluster.join,--join HOST:PORT ...\n"})
    EXPECT_NE(serve.find(flag), std::string::npos) << serve;
}

TEST(Arguments, HelpShowsExamplesAndEverySetting) {
  const auto top = parse<HelpText>({"--help"}).text;
  EXPECT_NE(top.find("mosaic import packages"), std::string::npos);
  const auto serve = parse<HelpText>({"serve", "--help"}).text;
  for (const auto& setting : setting_table()) {
    EXPECT_NE(serve.find("--" + setting.name()), std::string::npos);
  }
}

TEST(Arguments, HelpNeverShowsTheKeyOfTheEnvironment) {
  const auto text = parse<HelpText>({"search", "--help"}, {{"MOSAIC_API_KEY", "hush"}}).text;
  EXPECT_EQ(text.find("hush"), std::string::npos);
}

TEST(Arguments, VersionIsPrinted) {
  EXPECT_EQ(parse<HelpText>({"--version"}).text.substr(0, 7), "mosaic ");
}

}  // namespace
}  // namespace mosaic::cli
