"""What goes wrong with nodes and between them, each a function of the Chaos that does it (cluster_chaos.py)."""

import http.client
import itertools

from cluster_load import NAME
from register_clients import SHARDS as REGISTERS

# Both ways together shorter than the silence after which a node counts as lost.
DELAY_S = (0.01, 0.9)
# None, one that is over while faults still happen, and one that no run is long enough for.
RETENTIONS_S = (0, 2, 7_200)


def kill_one(chaos):
    chaos.some()[0].kill()


def kill_leader(chaos):
    chaos.leader_or_some().kill()


def kill_two(chaos):
    for node in chaos.some(2):
        node.kill()


def kill_all(chaos):
    for node in chaos.some(3):
        node.kill()


def stop_one(chaos):
    chaos.some()[0].stop()


def stop_leader(chaos):
    chaos.leader_or_some().stop()


def stop_two(chaos):
    for node in chaos.some(2):
        node.stop()


def end_one(chaos):
    node = chaos.some()[0]
    code = node.terminate()
    if code != 0:
        chaos.problems.append(f"{node.name} ends with {code} after SIGTERM: {node.stderr()[-500:]}")


def cut_off_leader(chaos):
    leader = chaos.leader_or_some()
    for node in chaos.cluster.nodes:
        if node is not leader:
            chaos.network.cut(leader, node)


def cut_pair(chaos):
    chaos.network.cut(*chaos.random.sample(chaos.cluster.nodes, 2))


def cut_one_way(chaos):
    chaos.network.cut_one_way(*chaos.random.sample(chaos.cluster.nodes, 2))


def delay_one_way(chaos):
    chaos.network.delay_one_way(*chaos.random.sample(chaos.cluster.nodes, 2), chaos.random.uniform(*DELAY_S))


def delay_leader(chaos):
    """What it sends and what it gets, each by a time of its own."""
    leader = chaos.leader_or_some()
    for node in chaos.cluster.nodes:
        if node is not leader:
            chaos.network.delay_one_way(leader, node, chaos.random.uniform(*DELAY_S))
            chaos.network.delay_one_way(node, leader, chaos.random.uniform(*DELAY_S))


def delay_all(chaos):
    seconds = chaos.random.uniform(*DELAY_S) / 2
    for one, other in itertools.permutations(chaos.cluster.nodes, 2):
        chaos.network.delay_one_way(one, other, seconds)


def ask_somebody(chaos, method, path, body):
    """What need not succeed now."""
    for node in chaos.cluster.serving()[:1]:
        try:
            node.request(method, f"/api/v1/collections/{path}", body, limit_s=2)
        except (OSError, http.client.HTTPException):
            pass


def move_shards(chaos):
    """More or fewer replicas, of whatever can be told so now."""
    for name in (NAME, *REGISTERS):
        ask_somebody(chaos, "PATCH", name, {"replicas": chaos.random.randint(1, 3)})


def change_something(chaos):
    """No fault, but an entry of another kind than writes: jobs, snapshots, settings."""
    snapshot = f"s{chaos.random.randint(1, 4)}"
    ask_somebody(chaos, *chaos.random.choice([
        ("POST", f"{NAME}/pagerank", {}),
        ("POST", f"{NAME}/centroids/train", {}),
        ("POST", f"{NAME}/snapshots", {"name": snapshot}),
        ("DELETE", f"{NAME}/snapshots/{snapshot}", None),
        ("PATCH", chaos.random.choice([NAME, *REGISTERS]), {"retention_s": chaos.random.choice(RETENTIONS_S)}),
        ("PATCH", NAME, {"indexed": chaos.random.choice([[], ["number"], ["tag", "number"]])})]))


FAULTS = [kill_one, kill_leader, kill_two, kill_all, stop_one, stop_leader, stop_two, end_one, move_shards, move_shards,
          change_something, change_something, change_something]
CUTS = [cut_off_leader, cut_pair, cut_one_way]
DELAYS = [delay_one_way, delay_leader, delay_all]


def possible(network):
    """Those that can be brought about; where there is a network, about half are of it."""
    return FAULTS + 2 * ((CUTS if network else []) + (DELAYS if network and network.carrier else []))
