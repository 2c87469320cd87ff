"""Every profile of the repository's own registries: a request can be made of each that is an engine."""

from pathlib import Path
from urllib.parse import urlsplit

import engineprofiles as ep
import profilec
import pytest


@pytest.fixture(scope="module")
def profiles(tmp_path_factory):
    directory = tmp_path_factory.mktemp("catalogue") / "build"
    profilec.build([str(Path(__file__).parents[2] / "registries")], directory)
    return ep.open(directory)


def test_every_profile_of_the_catalogue(profiles):
    hosts = {}
    for name in profiles:
        profile = profiles[name]
        if not profile.settings.get("chat", {}).get("api_type"):
            continue  # What a model is, apart from who serves it.
        if not profile.settings["chat"].get("engine"):
            with pytest.raises(ep.NoEngine):
                profile.request("hi")
            continue
        for stream in (False, True):
            request = profile.request("hi", stream=stream)
            hosts.setdefault(urlsplit(request.url).hostname, []).append(name)
            assert request.content
    assert len(hosts) >= 11
    assert sum(map(len, hosts.values())) > 1000


def test_embeddings_and_reranking_of_the_team(profiles, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert profiles["team-agent/embeddings"].engine().endpoint("embeddings").model == "text-embedding-3-small"
    assert profiles["team-agent/rerank"].engine().endpoint("rerank").host == "rerank.agents.example"
