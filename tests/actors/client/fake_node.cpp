#include "fake_node.hpp"

namespace mosaic::actors {
namespace {

/// `answer` as a script says; unanswered requests end with the engine.
template <class Reply>
caf::result<Reply> scripted(engine_actor::pointer self, const fake_engine_config& config,
                            Reply reply) {
  if (config.on_request) config.on_request();
  if (config.answer == FakeAnswer::kAtOnce) return reply;
  if (config.answer == FakeAnswer::kError)
    return to_caf(Error{ErrorCode::kNotFound, "collection 'docs' does not exist"});
  return self->template make_response_promise<Reply>();
}

}  // namespace

engine_actor::behavior_type fake_engine(engine_actor::pointer self, fake_engine_config config) {
  return {
      [=](search_atom, const SearchRequest& request) {
        SearchReply reply;
        reply.hits.resize(request.k);
        return scripted(self, config, reply);
      },
      [=](read_atom, const GetRequest& request) {
        StoredDocument stored;
        stored.document.id = request.id;
        return scripted(self, config, stored);
      },
      [=](upsert_atom, const UpsertRequest& request) {
        return scripted(self, config, UpsertReply{request.documents.size(), 7, true});
      },
      [=](remove_atom, const DeleteRequest& request) {
        return scripted(self, config, DeleteReply{request.ids.size(), 8, true});
      },
      [=](create_atom, const CollectionSettings& settings) {
        CollectionPut put;
        put.info.settings = settings;
        put.created = true;
        return scripted(self, config, put);
      },
      [=](info_atom, const std::string& name) {
        CollectionInfo info;
        info.settings.name = name;
        return scripted(self, config, info);
      },
      [=](health_atom) {
        Health health;
        health.node = "fake";
        return scripted(self, config, health);
      },
      [](parts_atom, const node_parts_ptr&) {},
      [](fault_atom, const FaultRequest&) {},
  };
}

FakeNode::FakeNode(fake_engine_config config, std::string listen)
    : publication_(system_, std::move(listen)) {
  start_engine(std::move(config));
}

FakeNode::~FakeNode() {
  caf::anon_send_exit(engine_, caf::exit_reason::user_shutdown);
}

void FakeNode::start_engine(fake_engine_config config) {
  engine_ = system_.spawn(fake_engine, std::move(config));
  const auto port = publication_.publish(engine_);
  port_ = port ? *port : 0;
}

void FakeNode::restart_engine(fake_engine_config config) {
  caf::anon_send_exit(engine_, caf::exit_reason::user_shutdown);
  start_engine(std::move(config));
}

}  // namespace mosaic::actors
