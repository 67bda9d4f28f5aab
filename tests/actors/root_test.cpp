#include "actors/root.hpp"

#include "actor_fixture.hpp"
#include "actors/exceptions.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

/// What the small parts under root did, in order, and how the next ones behave.
struct Diary {
  std::vector<std::string> events;
  std::map<std::string, caf::actor> newest;
  std::map<std::string, node_parts_ptr> told;  ///< what each part was told last
  std::vector<FaultRequest> faults;
  std::set<std::string> endless;  ///< parts that do not end when told to
  bool broken = false;            ///< parts die as soon as they start
};

std::string label(const std::string& name, std::size_t number) {
  return name + std::to_string(number);
}

caf::behavior small_part(caf::event_based_actor* self, Diary* diary, const std::string& name,
                         std::size_t number) {
  die_with_reason(self);
  const auto me = label(name, number);
  self->set_exit_handler([=](caf::exit_msg& message) {
    const bool orderly = message.reason == caf::exit_reason::user_shutdown;
    diary->events.push_back((orderly ? "end " : "die ") + me);
    if (!orderly || !diary->endless.contains(name)) self->quit(std::move(message.reason));
  });
  return {
      [=](parts_atom, const node_parts_ptr& parts) {
        diary->events.push_back("wire " + me);
        diary->told[me] = parts;
      },
      [=](fault_atom, const FaultRequest& fault) {
        diary->events.push_back("fault " + me);
        diary->faults.push_back(fault);
        Faults().inject(fault);
      },
  };
}

struct RootTest : ActorFixture {
  Diary diary;
  root_actor root_under_test;

  std::function<caf::actor(caf::scheduled_actor*, std::size_t)> starter(const std::string& name) {
    return [=, this](caf::scheduled_actor* parent, std::size_t number) {
      diary.events.push_back("start " + label(name, number));
      const auto part = parent->spawn(small_part, &diary, name, number);
      diary.newest[label(name, number)] = part;
      if (diary.broken) crash(part, {ErrorCode::kInternal, "broken on purpose"});
      return part;
    };
  }

  part_spec spec(const std::string& name, std::size_t count = 1, bool wired = true) {
    return {name, count, starter(name), wired};
  }

  void start(std::vector<part_spec> specs, bool faults = false) {
    root_config rooting;
    rooting.specs = std::move(specs);
    rooting.fault_injection = faults;
    rooting.on_started = [this](const std::string& name, const caf::actor&) {
      diary.events.push_back("announce " + name);
    };
    rooting.on_wired = [this](const node_parts_ptr& parts) { diary.told["a front"] = parts; };
    root_under_test = system.spawn(root, std::move(rooting));
    ASSERT_TRUE(ask<void>(root_under_test, start_atom_v));
  }

  void start_three() { start({spec("log"), spec("coordinator", 2), spec("engine")}); }

  void TearDown() override {
    diary.endless.clear();
    end(root_under_test);
    run();
    diary.newest.clear();
    diary.told.clear();
  }

  void kill(const std::string& part) {
    crash(diary.newest.at(part), {ErrorCode::kInternal, "killed by a test"});
    run();
  }

  std::vector<std::string> events(const std::string& kind) const {
    std::vector<std::string> found;
    for (const auto& event : diary.events) {
      if (event.starts_with(kind + " ")) found.push_back(event.substr(kind.size() + 1));
    }
    return found;
  }

  std::size_t starts() const { return events("start").size(); }

  Status inject(const FaultRequest& fault) {
    return ask<void>(root_under_test, fault_atom_v, fault);
  }

  bool ended() { return exit_of(root_under_test); }

  bool exit_of(const root_actor& actor) {
    self->monitor(actor);
    run();
    bool down = false;
    self->receive([&](const caf::down_msg&) { down = true; }, caf::after(0s) >> [] {});
    return down;
  }
};

TEST_F(RootTest, StartsItsPartsInOrderThenWiresThenAnnouncesThem) {
  start_three();
  EXPECT_EQ(diary.events,
            (std::vector<std::string>{"start log0", "start coordinator0", "start coordinator1",
                                      "start engine0", "announce log", "announce coordinator",
                                      "announce coordinator", "announce engine", "wire log0",
                                      "wire coordinator0", "wire coordinator1", "wire engine0"}));
}

TEST_F(RootTest, TellsEachPartOfAllOthers) {
  start({spec("log"), spec("supervisor"), spec("ranker", 2), spec("coordinator", 2), spec("ingest"),
         spec("jobs")});
  for (const auto& [name, parts] : diary.told) {
    EXPECT_EQ(parts->log, diary.newest.at("log0")) << name;
    EXPECT_EQ(parts->supervisor, diary.newest.at("supervisor0")) << name;
    EXPECT_EQ(parts->rankers.at(1), diary.newest.at("ranker1")) << name;
    EXPECT_EQ(parts->coordinators.at(1), diary.newest.at("coordinator1")) << name;
    EXPECT_EQ(parts->ingest.at(0), diary.newest.at("ingest0")) << name;
    EXPECT_EQ(parts->jobs, diary.newest.at("jobs0")) << name;
    EXPECT_EQ(parts->listeners.size(), 4U) << name;
  }
  EXPECT_EQ(diary.told.size(), 9U) << "eight parts and the front";
}

TEST_F(RootTest, PartsThatWorkWithNobodyAreNotWired) {
  start({spec("log"), spec("ranker", 2, false)});
  EXPECT_EQ(events("wire"), std::vector<std::string>{"log0"});
}

TEST_F(RootTest, APartThatDiesIsStartedAgainAndEverybodyHearsOfIt) {
  start_three();
  const auto others = diary.newest;
  diary.events.clear();
  kill("coordinator1");
  pass(19ms);
  EXPECT_EQ(starts(), 0U);
  pass(1ms);
  EXPECT_EQ(events("die"), std::vector<std::string>{"coordinator1"});
  EXPECT_EQ(events("start"), std::vector<std::string>{"coordinator1"});
  EXPECT_EQ(events("announce"), std::vector<std::string>{"coordinator"});
  EXPECT_EQ(events("wire").size(), 4U);
  EXPECT_NE(diary.newest.at("coordinator1"), others.at("coordinator1"));
  EXPECT_EQ(diary.newest.at("coordinator0"), others.at("coordinator0"));
  EXPECT_EQ(diary.told.at("log0")->coordinators.at(1), diary.newest.at("coordinator1"));
}

TEST_F(RootTest, PausesDoubleWhileAPartKeepsDying) {
  start_three();
  for (const auto pause : {20ms, 40ms, 80ms, 160ms}) {
    kill("log0");
    const auto before = starts();
    pass(pause - 1ms);
    EXPECT_EQ(starts(), before) << pause.count();
    pass(1ms);
    EXPECT_EQ(starts(), before + 1) << pause.count();
  }
}

TEST_F(RootTest, APartThatLivedLongIsStartedAtOnceAgain) {
  start_three();
  for (const auto pause : {20ms, 40ms, 80ms}) {
    kill("log0");
    pass(pause);
  }
  pass(31s);
  const auto before = starts();
  kill("log0");
  pass(20ms);
  EXPECT_EQ(starts(), before + 1);
}

TEST_F(RootTest, PausesAreEachPartsOwn) {
  start_three();
  kill("log0");
  pass(20ms);
  kill("log0");
  kill("engine0");
  const auto before = starts();
  pass(20ms);
  EXPECT_EQ(starts(), before + 1);
  EXPECT_EQ(events("start").back(), "engine0");
}

TEST_F(RootTest, APartThatKeepsDyingIsTriedRarelyAndTheOthersGoOn) {
  start_three();
  const auto others = diary.newest;
  diary.broken = true;
  kill("log0");
  pass_slowly(1s);
  const auto tried = starts();
  pass(29s);
  EXPECT_EQ(starts(), tried);
  diary.broken = false;
  pass(2s);
  EXPECT_EQ(starts(), tried + 1);
  EXPECT_EQ(diary.newest.at("engine0"), others.at("engine0"));
  EXPECT_EQ(events("die"), std::vector<std::string>(tried - 4 + 1, "log0"));
  EXPECT_EQ(diary.told.at("engine0")->log, diary.newest.at("log0"));
  EXPECT_EQ(diary.told.at("a front")->log, diary.newest.at("log0"));
}

TEST_F(RootTest, EndsItsPartsInReverseOrderAndThenItself) {
  start_three();
  diary.events.clear();
  end(root_under_test);
  run();
  ASSERT_EQ(diary.events.size(), 4U);
  EXPECT_EQ(diary.events.front(), "end engine0");
  EXPECT_EQ(diary.events.back(), "end log0");
  EXPECT_TRUE(ended());
}

TEST_F(RootTest, EachPartHasEndedBeforeTheOneThatItNeedsIsToldTo) {
  start_three();
  diary.endless = {"coordinator"};
  end(root_under_test);
  run();
  EXPECT_EQ(events("end").size(), 3U);
  for (const auto part : {"coordinator0", "coordinator1"}) {
    EXPECT_EQ(std::count(diary.events.begin(), diary.events.end(), "end log0"), 0);
    crash(diary.newest.at(part), {ErrorCode::kInternal, "at last"});
    run();
  }
  EXPECT_EQ(events("end").back(), "log0");
  EXPECT_TRUE(ended());
}

TEST_F(RootTest, APartThatDoesNotEndIsLeftAfterItsTimeOfGrace) {
  start_three();
  diary.endless = {"coordinator"};
  end(root_under_test);
  run();
  pass(kEndGrace - 1ms);
  EXPECT_NE(events("end").back(), "log0");
  pass(1ms);
  EXPECT_EQ(events("end").back(), "log0");
  EXPECT_TRUE(ended());
  for (const auto part : {"coordinator0", "coordinator1"}) kill(part);
}

TEST_F(RootTest, NothingIsStartedWhileTheNodeEnds) {
  start_three();
  kill("log0");
  diary.endless = {"engine"};
  end(root_under_test);
  run();
  const auto before = starts();
  pass(1s);
  EXPECT_EQ(starts(), before);
  kill("engine0");
  EXPECT_TRUE(ended());
}

TEST_F(RootTest, ToldTwiceToEndItEndsOnce) {
  start_three();
  diary.endless = {"engine"};
  end(root_under_test);
  end(root_under_test);
  run();
  EXPECT_EQ(events("end"), std::vector<std::string>{"engine0"});
  kill("engine0");
  EXPECT_TRUE(ended());
}

TEST_F(RootTest, ARequestToAPartThatIsDownFailsAtOnce) {
  start_three();
  const auto log = caf::actor_cast<log_actor>(diary.newest.at("log0"));
  kill("log0");
  EXPECT_EQ(ask<log_status>(log, status_atom_v).error().code, ErrorCode::kUnavailable);
}

TEST_F(RootTest, FaultsAreRefusedUnlessSwitchedOn) {
  start_three();
  EXPECT_EQ(
      inject({.part = "log"}).error(),
      (Error{ErrorCode::kPermissionDenied, "faults are refused: debug.fault_injection is off"}));
  EXPECT_TRUE(diary.faults.empty());
}

TEST_F(RootTest, FaultsOfUnknownPartsAndWithBadFieldsAreRefused) {
  start({spec("log")}, true);
  for (const FaultRequest& bad :
       {FaultRequest{.part = "root"}, FaultRequest{.part = ""}, FaultRequest{.part = "shard"},
        FaultRequest{.part = "log", .kind = FaultKind::kDrop},
        FaultRequest{.part = "log", .kind = FaultKind::kStall},
        FaultRequest{.part = "log", .count = 0}}) {
    EXPECT_EQ(inject(bad).error().code, ErrorCode::kInvalidArgument) << bad.part;
  }
  EXPECT_TRUE(diary.faults.empty());
}

TEST_F(RootTest, AFaultReachesAllPartsOfItsKindAndNoOther) {
  start({spec("log"), spec("supervisor"), spec("embedding", 1, false), spec("ranker", 2, false),
         spec("coordinator", 2), spec("ingest", 2), spec("jobs"), spec("engine")},
        true);
  for (const std::string part :
       {"log", "supervisor", "embedding", "ranker", "coordinator", "ingest", "jobs", "engine"}) {
    const auto count = part == "ranker" || part == "coordinator" || part == "ingest" ? 2U : 1U;
    diary.events.clear();
    ASSERT_TRUE(inject({.part = part})) << part;
    std::vector<std::string> reached;
    for (std::size_t i = 0; i < count; ++i) reached.push_back(label(part, i));
    EXPECT_EQ(events("fault"), reached);
    pass(20ms);
    EXPECT_EQ(events("start"), reached) << "crashed and started again";
  }
}

TEST_F(RootTest, FaultsOfShardsAndSearchersGoToTheSupervisor) {
  start({spec("supervisor")}, true);
  for (const std::string part : {"shard", "searcher"}) {
    FaultRequest fault{.part = part, .kind = FaultKind::kStall, .collection = "docs"};
    fault.duration_ms = 1;
    ASSERT_TRUE(inject(fault));
    EXPECT_EQ(diary.faults.back().part, part);
  }
}

}  // namespace
}  // namespace mosaic::actors
