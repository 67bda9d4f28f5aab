#include "cli/default_collection.hpp"

#include "unit/http/fake_engine.hpp"

namespace mosaic::cli {
namespace {

NodeSettings asking_for(const std::string& name) {
  NodeSettings settings;
  settings.search.create_default = true;
  settings.search.default_collection = name;
  return settings;
}

/// An engine without collections.
struct EmptyEngine : http::FakeEngine {
  void get_collection(std::string, Done<CollectionInfo> done) override {
    done(Error{ErrorCode::kNotFound, "there is none"});
  }
};

TEST(DefaultCollection, IsMadeWithDefaultSettings) {
  EmptyEngine engine;
  EXPECT_TRUE(create_default_collection(engine, asking_for("docs")));
  CollectionSettings expected;
  expected.name = "docs";
  EXPECT_EQ(engine.put, expected);
}

TEST(DefaultCollection, IsLeftToTheUserUnlessAskedFor) {
  http::FakeEngine engine;
  EXPECT_TRUE(create_default_collection(engine, NodeSettings()));
  EXPECT_EQ(engine.put, CollectionSettings());
}

TEST(DefaultCollection, IsLeftAsItIsWhenItStands) {
  http::FakeEngine engine;
  EXPECT_TRUE(create_default_collection(engine, asking_for("docs")));
  EXPECT_EQ(engine.put, CollectionSettings());
}

TEST(DefaultCollection, TellsWhyItCouldNotBeMade) {
  EmptyEngine engine;
  engine.error = Error{ErrorCode::kUnavailable, "log.db cannot be written"};
  const auto made = create_default_collection(engine, asking_for("docs"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().detail, "log.db cannot be written");
}

}  // namespace
}  // namespace mosaic::cli
