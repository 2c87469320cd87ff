"""What the engines' tests share: an environment without credentials and proxies, and no waiting between attempts."""

import gc
import os

import pytest


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name in list(os.environ):
        if (
            name.lower().endswith("_proxy")
            or name.endswith("_API_KEY")
            or name.startswith(("PINOCCHIO_", "ENGINE_PROF"))
        ):
            monkeypatch.delenv(name)
    monkeypatch.setattr("engineprofiles.retry.FIRST_PAUSE", 0.01)


PROVIDER = """slug: provider
profiles:
  default:
    inference_settings:
      api: {api_keys: {openai-api-key: "${env:OPENAI_API_KEY}"}}
      chat: {api_type: openai, engine: gpt-4o-mini}
  claude:
    inference_settings:
      api: {api_keys: {claude-api-key: "${file:/nowhere/key}"}}
      chat: {api_type: claude, engine: claude-opus-4-7}
  layer: {inference_settings: {chat: {temperature: 1}}}
"""
TEAM = """slug: team
profiles:
  default: {stack: [{registry_slug: provider, profile_slug: default}]}
  careful:
    stack: [{profile_slug: default}]
    display_name: Careful
    inference_settings: {chat: {engine: gpt-4.1, temperature: 0}}
  opus:
    stack: [{registry_slug: provider, profile_slug: claude}]
    inference_settings:
      chat:
        temperature: 0.2
"""


@pytest.fixture
def build(tmp_path):
    """A build directory of two registries."""
    import profilec

    texts = [profilec.Text("provider.yaml", PROVIDER), profilec.Text("team.yaml", TEAM)]
    profilec.build(texts, tmp_path / "build")
    return tmp_path / "build"


@pytest.fixture
def profiles(build, monkeypatch):
    """That build, opened, where there is a credential for OpenAI."""
    import engineprofiles

    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-7f3a9c")
    return engineprofiles.open(build)


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """A profile that sets nothing but a model, for overrides to say what it asks."""
    import engineprofiles
    import profilec

    text = "slug: team\nprofiles: {default: {inference_settings: {chat: {engine: m}}}}"
    directory = tmp_path_factory.mktemp("bare")
    profilec.build([profilec.Text("team.yaml", text)], directory)
    return engineprofiles.open(directory).get()


@pytest.fixture
def unclosed():
    """For libraries that leave connections to the garbage collector: let it find them before the test is over."""
    yield
    gc.collect()
