#include "backup/open_store.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "backup/aws_settings.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::backup {
namespace {

const StoreOptions kKeys{.access_key = "AKID", .secret_key = "secret"};

std::string address_of(const std::string& url, const StoreOptions& options = kKeys) {
  const auto store = open_store(url, options);
  return store ? (*store)->address("k") : "error: " + store.error().detail;
}

TEST(OpenStore, TakesFoldersAndBuckets) {
  EXPECT_EQ(address_of("file:///var/backups"), "file:///var/backups/k");
  EXPECT_EQ(address_of("file:///with%20blank/"), "file:///with blank/k");
  EXPECT_EQ(address_of("s3://bucket"), "s3://bucket/k");
  EXPECT_EQ(address_of("s3://bucket/"), "s3://bucket/k");
  EXPECT_EQ(address_of("s3://bucket/a/b/"), "s3://bucket/a/b/k");
}

TEST(OpenStore, NamesWhatIsWrongWithAUrl) {
  for (const std::string url :
       {"", "/var", "file://var", "file://", "http://x/y", "s3://", "s3:///x", "s3://b",
        "s3://buck et", "s3://bucket/../x", "s3://bucket//x", "s3://bucket/a b"}) {
    const auto store = open_store(url, kKeys);
    ASSERT_FALSE(store) << url;
    EXPECT_EQ(store.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(store.error().detail.find("'" + url + "'"), std::string::npos)
        << store.error().detail;
  }
}

TEST(OpenStore, NamesWhatIsWrongWithAnOption) {
  const auto detail = [](auto change) {
    auto options = kKeys;
    change(options);
    return address_of("s3://bucket", options);
  };
  EXPECT_NE(
      detail([](auto& o) { o.endpoint = "localhost:9000"; }).find("endpoint 'localhost:9000'"),
      std::string::npos);
  EXPECT_NE(detail([](auto& o) { o.endpoint = "http://h/path"; }).find("endpoint"),
            std::string::npos);
  EXPECT_NE(detail([](auto& o) { o.region = "eu/x"; }).find("region 'eu/x'"), std::string::npos);
  EXPECT_NE(detail([](auto& o) { o.secret_key = ""; }).find("together"), std::string::npos);
  EXPECT_NE(detail([](auto& o) { o.attempts = 0; }).find("attempts is 0"), std::string::npos);
}

class AwsSettingsOf : public testing::Test {
 protected:
  Result<AwsSettings> settings(const StoreOptions& options) {
    return aws_settings(options, [this](const char* name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::nullopt : std::optional(found->second);
    });
  }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  test::TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
};

TEST_F(AwsSettingsOf, OptionsGoFirst) {
  environment_ = {{"AWS_ACCESS_KEY_ID", "env"},
                  {"AWS_SECRET_ACCESS_KEY", "env"},
                  {"AWS_REGION", "eu-west-1"},
                  {"AWS_ENDPOINT_URL", "http://env:1"}};
  const auto found = settings({.endpoint = "https://mine/",
                               .region = "r",
                               .access_key = "a",
                               .secret_key = "s",
                               .session_token = "t"});
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->endpoint, "https://mine");
  EXPECT_EQ(found->region, "r");
  EXPECT_EQ(found->credentials.access_key, "a");
  EXPECT_EQ(found->credentials.session_token, "t");
  EXPECT_FALSE(found->is_amazon);
}

TEST_F(AwsSettingsOf, TheEnvironmentGoesBeforeTheUsualFileAndBehindANamedOne) {
  const auto file = write("credentials",
                          "# comment\n[default]\naws_access_key_id = file\r\n"
                          "aws_secret_access_key=fs=+/\n\n[ other ]\naws_access_key_id=o\n"
                          "aws_secret_access_key=os\naws_session_token=ot\n[broken]\n");
  environment_ = {{"AWS_SHARED_CREDENTIALS_FILE", file}};
  EXPECT_EQ(settings({})->credentials.access_key, "file");
  EXPECT_EQ(settings({})->credentials.secret_key, "fs=+/");
  EXPECT_EQ(settings({.profile = "other"})->credentials.session_token, "ot");
  environment_["AWS_PROFILE"] = "other";
  EXPECT_EQ(settings({})->credentials.secret_key, "os");
  EXPECT_NE(settings({.profile = "broken"}).error().detail.find("[broken]"), std::string::npos);
  environment_["AWS_ACCESS_KEY_ID"] = "env";
  environment_["AWS_SECRET_ACCESS_KEY"] = "es";
  EXPECT_EQ(settings({})->credentials.access_key, "env");
  EXPECT_EQ(settings({.credentials_file = file})->credentials.access_key, "o");
  EXPECT_NE(settings({.credentials_file = file + "x"}).error().detail.find("cannot be read"),
            std::string::npos);
}

TEST_F(AwsSettingsOf, TheHomeFolderIsTheLastPlace) {
  const auto none = settings({});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find("AWS_ACCESS_KEY_ID"), std::string::npos);
  std::filesystem::create_directory(folder_ / ".aws");
  write(".aws/credentials", "[default]\naws_access_key_id=h\naws_secret_access_key=s\n");
  environment_["HOME"] = folder_.path();
  EXPECT_EQ(settings({})->credentials.access_key, "h");
  EXPECT_EQ(settings({})->region, "us-east-1");
  EXPECT_EQ(settings({})->endpoint, "https://s3.us-east-1.amazonaws.com");
  EXPECT_TRUE(settings({})->is_amazon);
}

TEST(OpenStore, TakesNoFolderInTheNodesOwnOrAroundIt) {
  test::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "data/collections");
  std::filesystem::create_directory_symlink(folder / "data/collections", folder / "link");
  StoreOptions options;
  options.keep_out = folder / "data";
  for (const auto* inside : {"data", "data/", "data/backups", "data/collections/a/b", "link/x",
                             "other/../data/x", "."}) {
    const auto opened = open_store("file://" + (folder / inside).string(), options);
    ASSERT_FALSE(opened) << inside;
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(open_store("file:///", options));
  EXPECT_TRUE(open_store("file://" + (folder / "data-backups").string(), options));
}

}  // namespace
}  // namespace mosaic::backup
