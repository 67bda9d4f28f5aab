#include "cli/config.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "cli/settings.hpp"
#include "cli/toml_file.hpp"
#include "cli/usage_error.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::cli {
namespace {

const std::filesystem::path kProject = MOSAIC_PROJECT;

class ConfigTest : public testing::Test {
 protected:
  std::string file(const std::string& text) {
    const auto path = folder_.path() / "node.toml";
    std::ofstream(path) << text;
    return path.string();
  }

  /// The message of the UsageError that loading ends in.
  static std::string refusal(const ConfigSources& sources) {
    try {
      (void)load_config(sources);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "no error";
  }

  test::TemporaryFolder folder_;
};

TEST_F(ConfigTest, WithoutSourcesTheDefaultsAreInForce) {
  const auto config = load_config({});
  EXPECT_EQ(config.settings.http.listen, "127.0.0.1:4040");
  EXPECT_EQ(config.settings.search.timeout_ms, 1000U);
  for (const auto& setting : setting_table()) {
    EXPECT_EQ(config.origins.at(setting.name()), "default");
  }
}

TEST_F(ConfigTest, EachSourceIsStrongerThanTheOneBefore) {
  ConfigSources sources;
  sources.file = file("[search]\ntimeout_ms = 1\nthreads = 1\nsearchers_per_shard = 1\n");
  sources.environment = {{"MOSAIC_SEARCH_TIMEOUT_MS", "2"}, {"MOSAIC_SEARCH_THREADS", "2"}};
  sources.flags = {{"search.timeout_ms", "3"}};
  const auto config = load_config(sources);
  EXPECT_EQ(config.settings.search.timeout_ms, 3U);
  EXPECT_EQ(config.settings.search.threads, 2U);
  EXPECT_EQ(config.settings.search.searchers_per_shard, 1U);
  EXPECT_EQ(config.origins.at("search.timeout_ms"), "flag --search.timeout_ms");
  EXPECT_EQ(config.origins.at("search.threads"), "environment MOSAIC_SEARCH_THREADS");
  EXPECT_EQ(config.origins.at("search.searchers_per_shard"), "file " + *sources.file);
}

TEST_F(ConfigTest, EverySettingIsReachedFromTheEnvironment) {
  for (const auto& setting : setting_table()) {
    NodeSettings defaults;
    const auto ref = setting.ref(defaults);
    std::string value = std::to_string(setting.max);
    if (setting.is_text()) value = *std::get<std::string*>(ref);
    if (setting.is_list()) value = "";
    if (setting.is_switch()) value = "true";
    const auto config = load_config({{}, {{setting.environment(), value}}, {}});
    EXPECT_EQ(config.origins.at(setting.name()), "environment " + setting.environment());
    if (setting.is_text()) value = '"' + value + '"';
    if (setting.is_list()) value = "[]";
    EXPECT_EQ(toml_value(setting, config.settings), value);
  }
}

TEST_F(ConfigTest, TheNamesAreThoseOfTheContract) {
  EXPECT_EQ(find_setting("http", "listen")->environment(), "MOSAIC_HTTP_LISTEN");
  EXPECT_EQ(find_setting("node", "data_dir")->environment(), "MOSAIC_NODE_DATA_DIR");
  EXPECT_EQ(find_setting("node", "data_dir")->name(), "node.data_dir");
}

TEST_F(ConfigTest, ABadValueIsNamedWithKeyValueAndSource) {
  EXPECT_EQ(refusal({{}, {{"MOSAIC_HTTP_THREADS", "many"}}, {}}),
            "http.threads = 'many' (environment MOSAIC_HTTP_THREADS): must be a whole number from "
            "0 to 1024");
  EXPECT_EQ(refusal({{}, {}, {{"search.timeout_ms", "0"}}}),
            "search.timeout_ms = '0' (flag --search.timeout_ms): must be a whole number from 1 to "
            "600000");
  const auto path = file("\n[http]\nlisten = \"nowhere\"\n");
  EXPECT_EQ(refusal({path, {}, {}}), "http.listen = 'nowhere' (file " + path +
                                         ":3): must be HOST:PORT with a port from 0 to 65535");
}

TEST_F(ConfigTest, NumbersAreReadStrictly) {
  for (const std::string value :
       {"", " 1", "1 ", "1.5", "-1", "0x10", "1e3", "1025", "99999999999999999999999"}) {
    EXPECT_NE(refusal({{}, {}, {{"http.threads", value}}}), "no error") << value;
  }
  EXPECT_EQ(refusal({{}, {}, {{"http.threads", "1024"}}}), "no error");
}

TEST_F(ConfigTest, SizesMayHaveAUnit) {
  const auto memory = [](const ConfigSources& sources) {
    return load_config(sources).settings.limits.memory;
  };
  const auto two_gib = std::uint64_t{2} << 30;
  EXPECT_EQ(memory({{}, {}, {{"limits.memory", "2GiB"}}}), two_gib);
  EXPECT_EQ(memory({{}, {{"MOSAIC_LIMITS_MEMORY", "2147483648"}}, {}}), two_gib);
  EXPECT_EQ(memory({file("[limits]\nmemory = \"2GiB\"\n"), {}, {}}), two_gib);
  EXPECT_EQ(memory({file("[limits]\nmemory = 2147483648\n"), {}, {}}), two_gib);
  EXPECT_EQ(refusal({{}, {}, {{"http.body_bytes_max", "2GiB"}}}),
            "http.body_bytes_max = '2GiB' (flag --http.body_bytes_max): must be a whole number of "
            "bytes, or one with KiB, MiB, GiB, TiB, KB, MB, GB or TB, from 1024 to 1073741824");
  EXPECT_NE(refusal({file("[limits]\nmemory = 2.5\n"), {}, {}}), "no error");
  EXPECT_NE(refusal({{}, {}, {{"http.threads", "2KiB"}}}), "no error");
}

TEST_F(ConfigTest, EverySettingInBytesTakesAUnit) {
  for (const auto& setting : setting_table()) {
    const bool named = setting.key.find("bytes") != std::string_view::npos;
    EXPECT_TRUE(setting.bytes || !named) << setting.name();
    if (!setting.bytes) continue;
    const auto config = load_config({{}, {{setting.environment(), "1MiB"}}, {}});
    EXPECT_EQ(toml_value(setting, config.settings), "1048576") << setting.name();
  }
}

TEST_F(ConfigTest, SwitchesAreReadStrictly) {
  const auto on = [](const ConfigSources& sources) {
    return load_config(sources).settings.debug.fault_injection;
  };
  EXPECT_FALSE(on({}));
  for (const std::string value : {"true", "1"}) {
    EXPECT_TRUE(on({{}, {{"MOSAIC_DEBUG_FAULT_INJECTION", value}}, {}}));
    EXPECT_TRUE(on({{}, {}, {{"debug.fault_injection", value}}}));
  }
  EXPECT_TRUE(on({file("[debug]\nfault_injection = true\n"), {}, {}}));
  for (const std::string value : {"false", "0"}) {
    EXPECT_FALSE(
        on({file("[debug]\nfault_injection = true\n"), {}, {{"debug.fault_injection", value}}}));
  }
  EXPECT_EQ(refusal({{}, {{"MOSAIC_DEBUG_FAULT_INJECTION", "yes"}}, {}}),
            "debug.fault_injection = 'yes' (environment MOSAIC_DEBUG_FAULT_INJECTION): must be "
            "true or false");
  for (const std::string value : {"", "TRUE", "2", "true "}) {
    EXPECT_NE(refusal({{}, {}, {{"debug.fault_injection", value}}}), "no error") << value;
  }
  for (const std::string value : {"1", "\"true\"", "[true]"}) {
    const auto path = file("[debug]\nfault_injection = " + value + "\n");
    EXPECT_NE(refusal({path, {}, {}}).find("must be true or false"), std::string::npos) << value;
  }
}

TEST_F(ConfigTest, AListHasItsItemsBetweenCommasOrInAnArray) {
  const auto join = [](const ConfigSources& sources) {
    return load_config(sources).settings.cluster.join;
  };
  const std::vector<std::string> two = {"a:1", "http://b:2"};
  EXPECT_EQ(join({}), std::vector<std::string>{});
  EXPECT_EQ(join({{}, {{"MOSAIC_CLUSTER_JOIN", "a:1, http://b:2"}}, {}}), two);
  EXPECT_EQ(join({{}, {}, {{"cluster.join", "a:1,http://b:2"}}}), two);
  EXPECT_EQ(join({file("[cluster]\njoin = ['a:1', 'http://b:2']\n"), {}, {}}), two);
  EXPECT_EQ(join({file("[cluster]\njoin = 'a:1,http://b:2'\n"), {}, {}}), two);
  EXPECT_EQ(join({file("[cluster]\njoin = ['a:1']\n"), {{"MOSAIC_CLUSTER_JOIN", ""}}, {}}),
            std::vector<std::string>{});
}

TEST_F(ConfigTest, ABadItemOfAListIsNamed) {
  EXPECT_EQ(refusal({{}, {{"MOSAIC_CLUSTER_JOIN", "a:1,b"}}, {}}),
            "cluster.join = 'a:1,b' (environment MOSAIC_CLUSTER_JOIN): item 'b' must be HOST:PORT "
            "or http://HOST:PORT with a port from 1 to 65535");
  for (const std::string text :
       {",", "a:1,", ",a:1", "a:1,,b:2", "a:0", "https://a:1", "http://a", "http://a:1/", "a:1/x",
        "http://k@a:1", "a b:1", ":1", "a:65536"}) {
    EXPECT_NE(refusal({{}, {}, {{"cluster.join", text}}}).find("must be HOST:PORT or"),
              std::string::npos)
        << text;
  }
  for (const std::string value : {"[1]", "['a:1', 2]", "5", "true", "{a = 1}", "[['a:1']]"}) {
    EXPECT_NE(refusal({file("[cluster]\njoin = " + value + "\n"), {}, {}})
                  .find("must be a list of texts"),
              std::string::npos)
        << value;
  }
  std::string many = "a:1";
  for (std::size_t i = 1; i < kListItemsMax; ++i) many += ",a:1";
  EXPECT_EQ(refusal({{}, {}, {{"cluster.join", many}}}), "no error");
  EXPECT_NE(refusal({{}, {}, {{"cluster.join", many + ",a:1"}}}).find("more than 100 items"),
            std::string::npos);
}

TEST_F(ConfigTest, AListIsNoTextOrNumber) {
  for (const std::string text : {"[http]\nlisten = ['a:1']", "[http]\nthreads = ['1']",
                                 "[debug]\nfault_injection = ['true']", "[http]\nlisten = []"})
    EXPECT_NE(refusal({file(text), {}, {}}).find("must be"), std::string::npos) << text;
}

TEST_F(ConfigTest, SettingsOfAClusterAreChecked) {
  const auto set = [](const std::string& key, const std::string& value) {
    return refusal({{}, {}, {{"cluster." + key, value}}});
  };
  EXPECT_EQ(set("listen", ""), "no error");
  EXPECT_EQ(set("listen", "127.0.0.1:0"), "no error");
  EXPECT_NE(set("listen", "4045"), "no error");
  EXPECT_EQ(set("advertise", "node-1.example.com"), "no error");
  EXPECT_NE(set("advertise", "node-1:4045"), "no error");
  EXPECT_EQ(set("log_port", "65535"), "no error");
  EXPECT_NE(set("log_port", "65536"), "no error");
  for (const std::string odd : {"1", "3", "5", "7"}) EXPECT_EQ(set("voters", odd), "no error");
  EXPECT_EQ(set("voters", "2").find("cluster.voters = '2': must be odd"), 0U);
  EXPECT_NE(set("voters", "0"), "no error");
  EXPECT_NE(set("voters", "9"), "no error");
  EXPECT_EQ(set("key", "node.key").find("cluster.certificate = '': "), 0U);
}

TEST_F(ConfigTest, StrangersAreKeptOutOfAClusterUnlessTheUserLetsThemIn) {
  EXPECT_EQ(refusal({{}, {}, {{"cluster.listen", "0.0.0.0:4045"}}})
                .find("cluster.listen = '0.0.0.0:4045': "),
            0U);
  EXPECT_EQ(
      refusal({{}, {{"MOSAIC_CLUSTER_INSECURE", "true"}}, {{"cluster.listen", "0.0.0.0:4045"}}}),
      "no error");
}

TEST_F(ConfigTest, TextsAreChecked) {
  for (const std::string listen : {"", "host", ":4040", "host:", "host:65536", "host:x", "a b:1"}) {
    EXPECT_NE(refusal({{}, {}, {{"http.listen", listen}}}), "no error") << listen;
  }
  for (const std::string listen : {"host:0", "0.0.0.0:65535", "[::1]:4040"}) {
    EXPECT_EQ(refusal({{}, {}, {{"http.listen", listen}}}), "no error") << listen;
  }
  EXPECT_EQ(refusal({{}, {}, {{"caf.listen", ""}}}), "no error");
  EXPECT_EQ(refusal({{}, {}, {{"caf.listen", "127.0.0.1:4041"}}}), "no error");
  EXPECT_NE(refusal({{}, {}, {{"caf.listen", "4041"}}}), "no error");
  EXPECT_EQ(refusal({{}, {}, {{"cache.redis_url", "redis://redis:6379"}}}), "no error");
  EXPECT_NE(refusal({{}, {}, {{"cache.redis_url", "redis:6379"}}}), "no error");
  EXPECT_NE(refusal({{}, {}, {{"log.level", "loud"}}}), "no error");
  EXPECT_NE(refusal({{}, {}, {{"node.data_dir", ""}}}), "no error");
  EXPECT_NE(refusal({{}, {}, {{"node.name", "two words"}}}), "no error");
  EXPECT_EQ(refusal({{}, {}, {{"node.name", ""}}}), "no error");
  EXPECT_NE(refusal({{}, {}, {{"search.default_collection", ".."}}}), "no error");
}

TEST_F(ConfigTest, UnknownKeysOfAFileAreErrors) {
  auto path = file("[http]\nlistem = \"a:1\"\n");
  EXPECT_EQ(refusal({path, {}, {}}),
            "http.listem = 'a:1' (file " + path + ":2): there is no such setting");
  path = file("[htpp]\nlisten = 'a:1'\n");
  EXPECT_EQ(refusal({path, {}, {}}),
            "htpp.listen = 'a:1' (file " + path + ":2): there is no such setting");
  path = file("listen = 5\n");
  EXPECT_EQ(refusal({path, {}, {}}),
            "listen = '5' (file " + path + ":1): there is no such setting");
}

TEST_F(ConfigTest, TypesOfAFileAreChecked) {
  for (const std::string text :
       {"[http]\nthreads = \"4\"", "[http]\nthreads = 1.5", "[http]\nthreads = -1",
        "[http]\nthreads = [1]", "[http]\nlisten = 4040", "[http]\nlisten = {a=1}",
        "[http.listen]\na = 1", "[http]\nthreads = true"}) {
    EXPECT_NE(refusal({file(text), {}, {}}).find("http."), std::string::npos) << text;
  }
}

TEST_F(ConfigTest, AFileThatIsNotTomlIsNamedWithItsLine) {
  const auto path = file("[http]\nthreads = \n");
  EXPECT_EQ(refusal({path, {}, {}}).find("configuration file " + path + ":2: "), 0U);
}

TEST_F(ConfigTest, AFileThatCannotBeReadIsAnError) {
  const auto missing = (folder_.path() / "none.toml").string();
  EXPECT_EQ(refusal({missing, {}, {}}),
            "cannot read the configuration file '" + missing + "': No such file or directory");
  EXPECT_NE(refusal({folder_.path().string(), {}, {}}), "no error");
}

TEST_F(ConfigTest, AnEmptyFileIsAConfiguration) {
  EXPECT_EQ(refusal({file(""), {}, {}}), "no error");
}

TEST_F(ConfigTest, UnknownVariablesOfAKnownSectionAreErrorsAndOthersAreLeftAlone) {
  EXPECT_EQ(refusal({{}, {{"MOSAIC_HTTP_LISTEM", "a"}}, {}}),
            "MOSAIC_HTTP_LISTEM = 'a' (environment): there is no such setting");
  EXPECT_EQ(refusal({{},
                     {{"MOSAIC_URL", "x"},
                      {"MOSAIC_API_KEY", "x"},
                      {"MOSAIC_HTTP", "x"},
                      {"MOSAIC_HTTPS_PORT", "x"},
                      {"HTTP_LISTEN", "x"}},
                     {}}),
            "no error");
}

TEST_F(ConfigTest, WhatIsPrintedIsTomlThatGivesTheSameSettings) {
  ConfigSources sources;
  sources.environment = {{"MOSAIC_NODE_DATA_DIR", "a \"b\" \\ c é"}};
  sources.flags = {{"http.threads", "7"}, {"cluster.join", "a:1,b:2"}};
  const auto config = load_config(sources);
  const auto printed = print_config(config);
  EXPECT_NE(printed.find("threads = 7  # flag --http.threads\n"), std::string::npos);
  EXPECT_NE(printed.find("join = [\"a:1\", \"b:2\"]  # flag --cluster.join\n"), std::string::npos);
  EXPECT_NE(printed.find("  # environment MOSAIC_NODE_DATA_DIR\n"), std::string::npos);
  EXPECT_NE(printed.find("level = \"info\"  # default\n"), std::string::npos);
  const auto again = load_config({file(printed), {}, {}});
  for (const auto& setting : setting_table()) {
    EXPECT_EQ(toml_value(setting, again.settings), toml_value(setting, config.settings));
  }
}

TEST_F(ConfigTest, PrintedConfigurationNeverShowsAKey) {
  const auto config =
      load_config({{}, {{"MOSAIC_API_KEY", "hush"}, {"MOSAIC_EMBEDDING_API_KEY", "hush"}}, {}});
  EXPECT_EQ(config.settings.embedding.api_key, "hush");
  EXPECT_EQ(print_config(config).find("hush"), std::string::npos);
  EXPECT_NE(print_config(config).find("api_key = \"***\""), std::string::npos);
}

TEST_F(ConfigTest, ARefusedKeyIsNotShownEither) {
  EXPECT_EQ(refusal({{}, {{"MOSAIC_EMBEDDING_API_KEY", "hush hush"}}, {}}),
            "embedding.api_key = '***' (environment MOSAIC_EMBEDDING_API_KEY): must be up to 4096 "
            "characters of ASCII without blanks");
}

TEST(ConfigFile, HasExactlyTheKeysOfTheTableWithTheirDefaults) {
  const auto path = (kProject / "config" / "mosaic.toml").string();
  std::set<std::string> keys;
  for (const auto& entry : read_toml(path)) keys.insert(entry.section + "." + entry.key);
  std::set<std::string> expected;
  for (const auto& setting : setting_table()) expected.insert(setting.name());
  EXPECT_EQ(keys, expected);
  const auto config = load_config({path, {}, {}});
  for (const auto& setting : setting_table()) {
    EXPECT_EQ(toml_value(setting, config.settings), toml_value(setting, NodeSettings{}))
        << setting.name();
  }
}

TEST(ConfigFile, ExplainsEveryKey) {
  std::ifstream file(kProject / "config" / "mosaic.toml");
  std::string before;
  for (std::string line; std::getline(file, line); before = line) {
    const bool has_key = line.find(" = ") != std::string::npos && line[0] != '#';
    EXPECT_TRUE(!has_key || before[0] == '#') << line;
  }
}

}  // namespace
}  // namespace mosaic::cli
